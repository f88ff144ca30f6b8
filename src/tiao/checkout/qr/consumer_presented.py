"""Codes that a customer shows: BER-TLV data objects in Base64.

*Source:* EMVCo, QR Code Specification for Payment Systems, Consumer-Presented Mode 1.1; ISO/IEC 8825-1.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence

from tiao.checkout.qr.model import ConsumerCode, Tlv
from tiao.checkout.qr.refusals import (
    QrApplicationTemplateMissing,
    QrBadBase64,
    QrBadId,
    QrBadLength,
    QrDuplicateId,
    QrPayloadFormatMissing,
    QrTruncated,
)

_FORMAT, _FORMAT_VERSION = "85", b"CPV01".hex().upper()
_APPLICATION, _COMMON = "61", "62"
_APPLICATIONS_MAX = 2
#: Templates whose contents belong to the issuer: shown when they can be read, left alone when not.
_OPAQUE = frozenset({"63", "64"})
_LONG_TAG, _MORE_TAG, _CONSTRUCTED = 0x1F, 0x80, 0x20
_LONG_LENGTH = 0x80
_LENGTH_BYTES_MAX = 4
_SHORT_LENGTH_MAX = 0x7F

#: The names of data objects; those in `_TEXTS` hold text, the others are shown in hexadecimal.
_NAMES = {
    "4F": "aid",
    "50": "label",
    "57": "track2",
    "5A": "pan",
    "5F20": "cardholder",
    "5F2D": "language",
    "5F34": "pan_sequence",
    "9F10": "iad",
    "9F26": "cryptogram",
    "9F27": "cid",
    "9F36": "atc",
    "9F37": "un",
    "82": "aip",
}
_TEXTS = frozenset({"50", "5F20", "5F2D"})
_PAN = "5A"
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")


def decode(payload: str) -> ConsumerCode:
    """Read a customer's code.

    *Refuses:* what is no Base64, no BER-TLV, or lacks what makes it a payment code.
    """
    try:
        raw = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise QrBadBase64(f"the code is not Base64: {error}", at=0) from error
    elements = _elements(raw, offset=0)
    _check(elements)
    return ConsumerCode(
        raw,
        elements,
        tuple(_named(each.elements) for each in elements if each.tag == _APPLICATION),
        {name: value for each in elements if each.tag == _COMMON for name, value in _named(each.elements).items()},
    )


def encode(elements: Sequence[Tlv]) -> str:
    """Write a customer's code, in the given order.

    *Refuses:* a tag or a value that cannot be written, and what `decode` would refuse in the result.
    """
    payload = base64.b64encode(b"".join(_written(elements))).decode()
    decode(payload)
    return payload


def _elements(raw: bytes, *, offset: int) -> tuple[Tlv, ...]:
    found = []
    position = 0
    while position < len(raw):
        at = offset + position
        tag, position = _tag(raw, position, offset=offset)
        length, position = _length(raw, position, offset=offset)
        value = raw[position : position + length]
        if len(value) < length:
            raise QrTruncated(f"{tag.hex().upper()} announces {length} bytes, {len(value)} follow", at=at)
        inner = _inner(tag, value, offset=offset + position)
        found.append(Tlv(tag.hex().upper(), value.hex().upper(), inner))
        position += length
    return tuple(found)


def _inner(tag: bytes, value: bytes, *, offset: int) -> tuple[Tlv, ...]:
    if not tag[0] & _CONSTRUCTED:
        return ()
    try:
        return _elements(value, offset=offset)
    except (QrTruncated, QrBadLength):
        if tag.hex() in _OPAQUE:
            return ()
        raise


def _tag(raw: bytes, position: int, *, offset: int) -> tuple[bytes, int]:
    begin = position
    position += 1
    if raw[begin] & _LONG_TAG == _LONG_TAG:
        while position < len(raw) and raw[position] & _MORE_TAG:
            position += 1
        position += 1
    if position > len(raw):
        raise QrTruncated("the code ends within a tag", at=offset + begin)
    return raw[begin:position], position


def _length(raw: bytes, position: int, *, offset: int) -> tuple[int, int]:
    at = offset + position
    if position >= len(raw):
        raise QrTruncated("the code ends before a length", at=at)
    first = raw[position]
    position += 1
    if first <= _SHORT_LENGTH_MAX:
        return first, position
    count = first - _LONG_LENGTH
    if not 1 <= count <= _LENGTH_BYTES_MAX:
        raise QrBadLength("a length is indefinite or takes more than four bytes", at=at)
    if position + count > len(raw):
        raise QrTruncated("the code ends within a length", at=at)
    return int.from_bytes(raw[position : position + count], "big"), position + count


def _check(elements: tuple[Tlv, ...]) -> None:
    first = elements[0] if elements else None
    if first is None or first.tag != _FORMAT or first.value != _FORMAT_VERSION:
        raise QrPayloadFormatMissing("the code must begin with the format CPV01 in tag 85", at=0)
    _check_duplicates(elements, offset=0, may_repeat=_APPLICATION)
    applications = sum(1 for each in elements if each.tag == _APPLICATION)
    if applications > _APPLICATIONS_MAX:
        raise QrDuplicateId(f"at most {_APPLICATIONS_MAX} applications may be named, not {applications}", at=0)
    if applications == 0:
        raise QrApplicationTemplateMissing("the code has no tag 61", at=0)


def _check_duplicates(elements: tuple[Tlv, ...], *, offset: int, may_repeat: str = "") -> None:
    seen = set()
    for each in elements:
        size = len(each.value) // 2
        begin = offset + len(each.tag) // 2 + len(_length_bytes(size))
        if each.tag in seen and each.tag != may_repeat:
            raise QrDuplicateId(f"{each.tag} stands twice", at=offset)
        seen.add(each.tag)
        if each.tag not in _OPAQUE:
            _check_duplicates(each.elements, offset=begin)
        offset = begin + size


def _named(elements: Iterable[Tlv]) -> dict[str, str]:
    """Collect the data objects that have a name, those within templates too; the first of a name counts."""
    found: dict[str, str] = {}
    for each in elements:
        if each.tag in _NAMES:
            found.setdefault(_NAMES[each.tag], _shown(each))
        for name, value in _named(each.elements).items():
            found.setdefault(name, value)
    return found


def _shown(element: Tlv) -> str:
    if element.tag in _TEXTS:
        return bytes.fromhex(element.value).decode("latin-1")
    return element.value.rstrip("F") if element.tag == _PAN else element.value


def _written(elements: Iterable[Tlv]) -> Iterable[bytes]:
    for each in elements:
        tag = _bytes(each.tag, of="tag", error=QrBadId)
        if not tag or _tag(tag, 0, offset=0)[1] != len(tag):
            raise QrBadId(f"{each.tag!r} is no tag", at=0)
        value = (
            b"".join(_written(each.elements)) if each.elements else _bytes(each.value, of="value", error=QrBadLength)
        )
        yield tag + _length_bytes(len(value)) + value


def _bytes(text: str, *, of: str, error: type[QrBadId | QrBadLength]) -> bytes:
    if not _HEX.fullmatch(text):
        raise error(f"a {of} is an even number of hexadecimal digits, not {text!r}", at=0)
    return bytes.fromhex(text)


def _length_bytes(length: int) -> bytes:
    if length <= _SHORT_LENGTH_MAX:
        return bytes([length])
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([_LONG_LENGTH + len(digits)]) + digits
