"""Made-up people: names, identity numbers and phones that pass every check, derived from a seed and a name for each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from tiao.identity.model import Applicant
from tiao.identity.rules import REGIONS, check_sign
from tiao.simulator.chance import number

_FAMILY_NAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
_GIVEN_NAMES = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文玉梅兰"
_MOBILE_PREFIXES = ("135", "136", "138", "139", "150", "158", "177", "186", "188", "199")
_REGIONS = sorted(REGIONS)
#: Of a hundred people, how many earn below which band's upper end. Own choice, near the published urban quintiles.
_INCOMES = ((30, 250_000, 500_000), (75, 500_000, 900_000), (95, 900_000, 1_600_000), (100, 1_600_000, 4_000_000))
#: The youngest and the oldest were born so many days before the programme opens: 22 and 62 years.
_AGE_DAYS = (22 * 366, 62 * 365)


def people(seed: str, keys: Iterable[str], *, on: date) -> dict[str, Applicant]:
    """Make a person for each key, the same one whenever it is asked; no two share an identity number."""
    made: dict[str, Applicant] = {}
    taken: set[str] = set()
    for key in keys:
        attempt = 0
        while (identity := _identity_number(seed, key, attempt, on)) in taken:
            attempt += 1
        taken.add(identity)
        made[key] = Applicant(name=_name(seed, key), identity_number=identity, phone=_phone(seed, key))
    return made


def monthly_income(seed: str, key: str) -> int:
    """Draw what a person earns a month. *Units*: minor units, whole hundreds of yuan."""
    drawn = number(seed, "income", key)
    of_hundred, within = drawn % 100, drawn // 100
    low, high = next((low, high) for edge, low, high in _INCOMES if of_hundred < edge)
    return low + within % (high - low) // 10_000 * 10_000


def bank_account(seed: str, key: str) -> str:
    """Give the number of the account that a person binds; the last digits are shown."""
    return f"6222{number(seed, 'account', key) % 10**15:015d}"


def _identity_number(seed: str, key: str, attempt: int, on: date) -> str:
    drawn = number(seed, "identity", key, str(attempt))
    region, drawn = _REGIONS[drawn % len(_REGIONS)], drawn // len(_REGIONS)
    county, drawn = drawn % 10_000, drawn // 10_000
    youngest, oldest = _AGE_DAYS
    born, drawn = on - timedelta(days=youngest + drawn % (oldest - youngest)), drawn // (oldest - youngest)
    digits = f"{region}{county:04d}{born:%Y%m%d}{drawn % 1000:03d}"
    return digits + check_sign(digits)


def _name(seed: str, key: str) -> str:
    drawn = number(seed, "name", key)
    family, drawn = _FAMILY_NAMES[drawn % len(_FAMILY_NAMES)], drawn // len(_FAMILY_NAMES)
    given = _GIVEN_NAMES[drawn % len(_GIVEN_NAMES)]
    second = drawn // len(_GIVEN_NAMES)
    return family + given + (_GIVEN_NAMES[second % len(_GIVEN_NAMES)] if second % 3 else "")


def _phone(seed: str, key: str) -> str:
    drawn = number(seed, "phone", key)
    return f"{_MOBILE_PREFIXES[drawn % len(_MOBILE_PREFIXES)]}{drawn // 16 % 10**8:08d}"
