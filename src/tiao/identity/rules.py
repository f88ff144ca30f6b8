"""What identity decides: whether a name, an identity number and a phone can be real, and how they are masked."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from tiao.identity.model import Applicant, MaskedPerson, Person
from tiao.identity.refusals import (
    IdentityBirthDateInvalid,
    IdentityChecksumWrong,
    IdentityNumberMalformed,
    IdentityRegionUnknown,
    NameInvalid,
    PhoneInvalid,
)

#: Provinces and their equals by the first two digits (GB/T 2260); 83 is the residence permit of Taiwan residents.
REGIONS = frozenset(
    map(
        str,
        (
            *(11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46),
            *(50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83),
        ),
    )
)
#: ISO 7064 MOD 11-2, the checksum of GB 11643-1999: 2 to the power of the place, modulo 11.
_WEIGHTS = tuple(pow(2, place, 11) for place in range(17, 0, -1))
_CHECK_SIGNS = "10X98765432"
_IDENTITY = re.compile(r"[0-9]{17}[0-9X]")
_PHONE = re.compile(r"1[3-9][0-9]{9}")
#: 中国's country code, as people type it in front.
_COUNTRY_PREFIX = re.compile(r"^(\+|00)86")
NAME_SIGNS_MAX = 50
_NAME_PUNCTUATION = frozenset("·.'- ")


def checked(applicant: Applicant, *, today: date) -> Person:
    """Bring what was given into its one form, so that the same person always gives the same digest.

    Refuses: NameInvalid, IdentityNumberMalformed, IdentityRegionUnknown, IdentityBirthDateInvalid,
             IdentityChecksumWrong, PhoneInvalid.
    """
    identity = normal_identity_number(applicant.identity_number)
    birth_date(identity, today=today)
    return Person(name=normal_name(applicant.name), identity_number=identity, phone=normal_phone(applicant.phone))


def normal_name(text: str) -> str:
    """Trim a name and bring its signs into one form. Refuses: NameInvalid."""
    name = " ".join(unicodedata.normalize("NFKC", text).replace("•", "·").replace("・", "·").split())
    if not 2 <= len(name) <= NAME_SIGNS_MAX:  # noqa: PLR2004  the shortest names have two signs
        raise NameInvalid(pointer="/name")
    if not name[0].isalpha() or any(not (sign.isalpha() or sign in _NAME_PUNCTUATION) for sign in name):
        raise NameInvalid(pointer="/name")
    return name


def normal_identity_number(text: str) -> str:
    """Read an identity number: 6 digits of region, 8 of birth date, 3 of sequence, one check sign.

    Refuses: IdentityNumberMalformed, IdentityRegionUnknown, IdentityChecksumWrong.
    Source:  GB 11643-1999.
    """
    number = text.strip().upper()
    if not _IDENTITY.fullmatch(number):
        raise IdentityNumberMalformed(pointer="/identity_number")
    if number[:2] not in REGIONS:
        raise IdentityRegionUnknown(pointer="/identity_number")
    if check_sign(number[:17]) != number[17]:
        raise IdentityChecksumWrong(pointer="/identity_number")
    return number


def check_sign(digits: str) -> str:
    """Compute the last sign from the 17 digits before it. Source: GB 11643-1999, ISO 7064 MOD 11-2."""
    assert len(digits) == len(_WEIGHTS), "the check sign follows 17 digits"
    return _CHECK_SIGNS[sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11]


def birth_date(identity_number: str, *, today: date) -> date:
    """Read the birth date from an identity number. Refuses: IdentityBirthDateInvalid."""
    digits = identity_number[6:14]
    try:
        born_on = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise IdentityBirthDateInvalid(pointer="/identity_number") from error
    if born_on > today or born_on.year < 1900:  # noqa: PLR2004  nobody alive is older
        raise IdentityBirthDateInvalid(pointer="/identity_number")
    return born_on


def normal_phone(text: str) -> str:
    """Read a mainland mobile number, with or without +86, spaces and dashes. Refuses: PhoneInvalid."""
    phone = _COUNTRY_PREFIX.sub("", re.sub(r"[ -]", "", text.strip()))
    if not _PHONE.fullmatch(phone):
        raise PhoneInvalid(pointer="/phone")
    return phone


def masked(person: Person) -> MaskedPerson:
    """Hide what a screen need not show: all but the first sign of the name and the ends of the numbers."""
    return MaskedPerson(
        name=person.name[0] + "*" * min(len(person.name) - 1, 2),
        identity_number=person.identity_number[0] + "*" * 16 + person.identity_number[-1],
        phone=f"{person.phone[:3]}****{person.phone[-4:]}",
    )
