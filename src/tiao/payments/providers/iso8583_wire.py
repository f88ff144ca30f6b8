"""The wire of a bank's host: ISO 8583 messages over TCP, two bytes of length before each, a MAC at the end of each.

| element | holds |
|---|---|
| 2, 46 | of a request for an agreement: the card's number; its holder's name in GB18030. The answer's 46: its bank |
| 3 | 000000 take, 200000 pay, 380000 what became of it, 930000 agree |
| 4, 49 | amount in minor units; currency, 156 |
| 7, 11, 120 | month, day, time (UTC); trace number; the same with its year |
| 37 | the host's own number |
| 39 | what became of it |
| 48 | our request number |
| 71, 72, 101, 127 | of a file (0300, 0310): the part, the last part, its name, Base64 of the deflated content |
| 102 | the agreement |
| 128 | HMAC-SHA256 of everything before it, the first eight bytes |

*Source:* ISO 8583:1987 for the elements; what a host puts into 48, 102 and 120 is its own affair.
"""

from __future__ import annotations

import asyncio
import copy
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

import iso8583
from iso8583.specs import default_ascii

TAKE, PAY, ASK, AGREE = "000000", "200000", "380000", "930000"
REQUEST, ANSWER = "0200", "0210"
#: A file asked for part by part: its name in 101, the part in 71, the last in 72, up to 999 signs of Base64 in 127.
FILE_REQUEST, FILE_ANSWER, FILE = "0300", "0310", "910000"
FILE_PART_SIGNS, FILE_PARTS_MAX = 996, 9_999
LENGTH_BYTES = 2
MESSAGE_BYTES_MAX = 4096
_MAC_SIGNS = 16
_SPEC = copy.deepcopy(default_ascii)
#: Names have signs of two and of four bytes; the length before them counts bytes.
_SPEC["46"]["data_enc"] = "gb18030"


class NotWritable(Exception):  # noqa: N818  it is no fault of the wire
    """What a message should hold is more, or other, than its element takes."""


class NotGenuine(Exception):  # noqa: N818  what came is not what it says
    """The message is no message of this wire, or its MAC does not fit."""


def encoded(kind: str, elements: Mapping[str, str], key: bytes) -> bytes:
    """Write a message with its length and its MAC. Raises: NotWritable."""
    blank = {"t": kind, **elements, "128": "0" * _MAC_SIGNS}
    try:
        raw, _ = iso8583.encode(blank, _SPEC)
    except iso8583.EncodeError as error:
        raise NotWritable(str(error)) from error
    body = bytes(raw[:-_MAC_SIGNS]) + _mac(key, bytes(raw[:-_MAC_SIGNS]))
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def decoded(body: bytes, kind: str, key: bytes) -> dict[str, str]:
    """Read a message once its MAC is checked. Raises: NotGenuine."""
    if len(body) <= _MAC_SIGNS or not hmac.compare_digest(_mac(key, body[:-_MAC_SIGNS]), body[-_MAC_SIGNS:]):
        raise NotGenuine("the MAC does not fit")
    try:
        found, _ = iso8583.decode(body, _SPEC)
    except iso8583.DecodeError as error:
        raise NotGenuine(str(error)) from error
    if found["t"] != kind:
        raise NotGenuine(f"a message {found['t']} where {kind} belongs")
    return dict(found)


async def read_message(reader: asyncio.StreamReader) -> bytes:
    """Read one message behind its length. Raises: NotGenuine; what asyncio raises when the line ends."""
    size = int.from_bytes(await reader.readexactly(LENGTH_BYTES), "big")
    if not 0 < size <= MESSAGE_BYTES_MAX:
        raise NotGenuine(f"a message of {size} bytes")
    return await reader.readexactly(size)


def instant_elements(at: datetime) -> dict[str, str]:
    """Write an instant: element 7, and the whole of it in 120, for element 7 knows no year."""
    utc = at.astimezone(UTC)
    return {"7": utc.strftime("%m%d%H%M%S"), "120": utc.strftime("%Y%m%d%H%M%S")}


def instant_of(elements: Mapping[str, str]) -> datetime:
    """Read it back. Raises: NotGenuine."""
    try:
        return datetime.strptime(elements["120"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except (KeyError, ValueError) as error:
        raise NotGenuine("no instant") from error


def _mac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")[: _MAC_SIGNS // 2].hex().upper().encode()
