"""What cards decide: whether a number can be one, whose bank issued it, and whether a code still holds."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

from tiao.identity.cards.model import Card, CardFace, CardState
from tiao.identity.cards.refusals import (
    CardCodeExpired,
    CardIssuerUnknown,
    CardKindRefused,
    CardNotPending,
    CardNumberInvalid,
)

_NUMBER = re.compile(r"[0-9]{13,19}", re.ASCII)
_NINE = 9
_PREFIX_DIGITS = range(10, 1, -1)
CARDS_MAX = 10
CODE_DIGITS = 6
CODE_VALID = timedelta(minutes=5)
CODE_TRIES_MAX = 5
DEBIT = "debit"


def normal_number(text: str) -> str:
    """Read a card number, with or without spaces and dashes. Refuses: CardNumberInvalid. Source: ISO/IEC 7812-1."""
    number = re.sub(r"[ -]", "", text.strip())
    if not _NUMBER.fullmatch(number) or not passes_luhn(number):
        raise CardNumberInvalid(pointer="/card_number")
    return number


def passes_luhn(number: str) -> bool:
    """Tell whether the last digit follows from the others. Source: ISO/IEC 7812-1, annex B."""
    total = 0
    for place, sign in enumerate(reversed(number)):
        digit = int(sign) * (1 + place % 2)
        total += digit - _NINE if digit > _NINE else digit
    return total % 10 == 0


def face_of(number: str) -> CardFace:
    """Tell who issued a card: by the longest prefix whose cards have so many digits. Refuses: CardIssuerUnknown."""
    bins, names = _bins(), _issuers()
    for digits in _PREFIX_DIGITS:
        found = bins.get((number[:digits], len(number)))
        if found is not None:
            issuer, kind = found
            return CardFace(issuer, names[issuer], kind)
    raise CardIssuerUnknown(pointer="/card_number")


def payable_face(number: str) -> CardFace:
    """Tell who issued a card that may repay. Refuses: CardIssuerUnknown, CardKindRefused."""
    face = face_of(number)
    if face.kind != DEBIT:
        raise CardKindRefused(pointer="/card_number")
    return face


def check_code_is_due(card: Card, at: datetime) -> None:
    """Refuse a code for a card that waits for none. Refuses: CardNotPending, CardCodeExpired."""
    if card.state is not CardState.PENDING:
        raise CardNotPending
    if card.code_until is None or at >= card.code_until or card.code_tries >= CODE_TRIES_MAX:
        raise CardCodeExpired


def display(face: CardFace, tail: str) -> str:
    """Show a card as its customer knows it."""
    return f"{face.issuer_name} {tail}"


def issuer_name(issuer: str) -> str:
    """Name a bank."""
    return _issuers().get(issuer, issuer)


@cache
def _bins() -> dict[tuple[str, int], tuple[str, str]]:
    return {(row["prefix"], int(row["length"])): (row["issuer"], row["kind"]) for row in _rows("bins.csv")}


@cache
def _issuers() -> dict[str, str]:
    return {row["issuer"]: row["name"] for row in _rows("issuers.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("tiao.identity.cards") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))
