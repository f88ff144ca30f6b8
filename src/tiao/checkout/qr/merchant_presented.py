"""Codes that a merchant shows: identifier, length and value in characters, a checksum over bytes.

*Source:* EMVCo, QR Code Specification for Payment Systems, Merchant-Presented Mode 1.1.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Sequence

from tiao.checkout.qr.model import Crc, Element, MerchantCode, Warned
from tiao.checkout.qr.refusals import (
    QrAmountFormat,
    QrAmountZero,
    QrBadId,
    QrBadLength,
    QrCrcMismatch,
    QrCrcMissing,
    QrDuplicateId,
    QrMissingId,
    QrPayloadFormatMissing,
    QrRefused,
    QrTemplateGuid,
    QrTooLong,
    QrTruncated,
)

_FORMAT, _INITIATION, _AMOUNT, _CRC = "00", "01", "54", "63"
_FORMAT_VERSION = "01"
_HEAD = 4  # two digits of identifier, two of length
_LENGTH_MAX = 99
_CRC_LENGTH = 4
_CRC_PREFIX = f"{_CRC}{_CRC_LENGTH:02}"
_GUID_LENGTH_MAX = 32
_ADDITIONAL, _LANGUAGE = 62, 64
_ACCOUNTS = range(2, 52)
_NEEDS_GUID = (*range(26, 52), *range(80, 100))
_TEMPLATES = frozenset({*_NEEDS_GUID, _ADDITIONAL, _LANGUAGE})
_MANDATORY = ("52", "53", "58", "59", "60")
_ACCOUNT_MISSING = "02-51"
_LENGTHS_MAX = {_AMOUNT: 13, "59": 25, "60": 15, "61": 10}
_INITIATIONS = {"11": "static", "12": "dynamic"}

_TWO_DIGITS = re.compile(r"[0-9]{2}")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?")
_ZERO = re.compile(r"0+(\.0*)?")


def checksum(text: str) -> str:
    """Compute the checksum that stands at the end of a code.

    *Shape:* CRC-16, polynomial 1021, beginning with FFFF, over UTF-8; four upper case hexadecimal digits.
    """
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def decode(payload: str, *, is_strict: bool = False) -> MerchantCode:
    """Read a merchant's code.

    *Refuses:* what cannot be read; where *is_strict*, also what can be read but breaks a rule on contents.
    """
    elements = _elements(payload, offset=0, is_root=True)
    _check_duplicates(elements, offset=0)
    _check_format(elements)
    crc = _checked_crc(payload, elements)
    _check_guids(elements)
    _check_amount(elements)
    warnings = tuple(_warnings(elements, crc))
    if is_strict:
        _refuse_warned(warnings, elements)
    initiation = next((each.value for each in elements if each.id == _INITIATION), "")
    return MerchantCode(elements, crc, _INITIATIONS.get(initiation), warnings)


def encode(elements: Sequence[Element], *, is_strict: bool = True) -> str:
    """Write a merchant's code: the order is kept, the format comes first, the checksum last.

    *Refuses:* what `decode` would refuse in the result; an identifier or a length that cannot be written.
    """
    body = [each for each in elements if each.id != _CRC]
    if all(each.id != _FORMAT for each in body):
        body.insert(0, Element(_FORMAT, _FORMAT_VERSION))
    text = "".join(_written(body, offset=0)) + _CRC_PREFIX
    payload = text + checksum(text)
    decode(payload, is_strict=is_strict)
    return payload


def _elements(text: str, *, offset: int, is_root: bool) -> tuple[Element, ...]:
    """Cut a text into elements; *offset* is where it begins in the whole code."""
    found = []
    position = 0
    while position < len(text):
        at = offset + position
        head = text[position : position + _HEAD]
        identifier, length = head[:2], head[2:]
        if len(head) < _HEAD:
            raise QrTruncated("the code ends within an identifier or a length", at=at)
        if not _TWO_DIGITS.fullmatch(identifier):
            raise QrBadId(f"an identifier is two digits, not {identifier!r}", at=at)
        if not _TWO_DIGITS.fullmatch(length) or int(length) == 0:
            raise QrBadLength(f"a length is 01 to 99, not {length!r}", at=at + 2)
        position += _HEAD
        value = text[position : position + int(length)]
        if len(value) < int(length):
            raise QrTruncated(f"{identifier} announces {int(length)} characters, {len(value)} follow", at=at)
        is_template = is_root and int(identifier) in _TEMPLATES
        inner = _elements(value, offset=offset + position, is_root=False) if is_template else ()
        found.append(Element(identifier, value, inner))
        position += int(length)
    return tuple(found)


def _placed(elements: Iterable[Element], *, offset: int) -> Iterable[tuple[int, Element]]:
    for each in elements:
        yield offset, each
        offset += _HEAD + len(each.value)


def _check_duplicates(elements: tuple[Element, ...], *, offset: int) -> None:
    seen = set()
    for at, each in _placed(elements, offset=offset):
        if each.id in seen:
            raise QrDuplicateId(f"{each.id} stands twice", at=at)
        seen.add(each.id)
        _check_duplicates(each.elements, offset=at + _HEAD)


def _check_format(elements: tuple[Element, ...]) -> None:
    first = elements[0] if elements else None
    if first is None or first.id != _FORMAT or first.value != _FORMAT_VERSION:
        raise QrPayloadFormatMissing("the code must begin with 000201", at=0)


def _checked_crc(payload: str, elements: tuple[Element, ...]) -> Crc:
    last = elements[-1]
    at = len(payload) - len(last.value)
    if last.id != _CRC or len(last.value) != _CRC_LENGTH:
        raise QrCrcMissing("the code must end with 6304 and four digits", at=len(payload))
    computed = checksum(payload[:at])
    if last.value.upper() != computed:
        raise QrCrcMismatch(f"the checksum is {computed}, not {last.value}", at=at)
    return Crc(last.value, computed, valid=True)


def _check_guids(elements: tuple[Element, ...]) -> None:
    for at, each in _placed(elements, offset=0):
        if int(each.id) not in _NEEDS_GUID:
            continue
        guid = next((inner.value for inner in each.elements if inner.id == "00"), "")
        if not 1 <= len(guid) <= _GUID_LENGTH_MAX:
            raise QrTemplateGuid(f"{each.id} needs 00 with 1 to {_GUID_LENGTH_MAX} characters", at=at)


def _check_amount(elements: tuple[Element, ...]) -> None:
    for at, each in _placed(elements, offset=0):
        if each.id == _AMOUNT and not _NUMBER.fullmatch(each.value):
            raise QrAmountFormat(f"{each.value!r} is no amount", at=at)


def _warnings(elements: tuple[Element, ...], crc: Crc) -> Iterable[Warned]:
    for each in elements:
        if each.id == _AMOUNT and _ZERO.fullmatch(each.value):
            yield Warned("amount_zero", each.id)
        if len(each.value) > _LENGTHS_MAX.get(each.id, _LENGTH_MAX):
            yield Warned("too_long", each.id)
    present = {each.id for each in elements}
    if not any(f"{account:02}" in present for account in _ACCOUNTS):
        yield Warned("missing_id", _ACCOUNT_MISSING)
    for mandatory in _MANDATORY:
        if mandatory not in present:
            yield Warned("missing_id", mandatory)
    if crc.value != crc.computed:
        yield Warned("crc_lower_case", _CRC)


def _refuse_warned(warnings: Iterable[Warned], elements: tuple[Element, ...]) -> None:
    """Refuse what was only warned of: a lower case checksum is never a reason."""
    classes: dict[str, type[QrRefused]] = {
        "amount_zero": QrAmountZero,
        "too_long": QrTooLong,
        "missing_id": QrMissingId,
    }
    places = {each.id: at for at, each in _placed(elements, offset=0)}
    for warned in warnings:
        refused = classes.get(warned.code)
        if refused is not None:
            raise refused(f"{refused.title()} ({warned.id})", at=places.get(warned.id, 0))


def _written(elements: Iterable[Element], *, offset: int) -> Iterable[str]:
    for each in elements:
        value = "".join(_written(each.elements, offset=offset + _HEAD)) if each.elements else each.value
        if not _TWO_DIGITS.fullmatch(each.id):
            raise QrBadId(f"an identifier is two digits, not {each.id!r}", at=offset)
        if not 1 <= len(value) <= _LENGTH_MAX:
            raise QrBadLength(f"{each.id} has {len(value)} characters; 1 to {_LENGTH_MAX} can be written", at=offset)
        text = f"{each.id}{len(value):02}{value}"
        offset += len(text)
        yield text
