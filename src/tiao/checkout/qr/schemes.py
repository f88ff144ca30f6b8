"""Payment codes made of digits, and whose they are.

*Source:* the published digit ranges of each wallet; the range of this platform is its own choice.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tiao.checkout.qr.refusals import QrBadId, QrBadLength

_DIGITS = re.compile(r"[0-9]+")
_LENGTHS = range(16, 25)


class _Range(NamedTuple):
    scheme: str
    lengths: range
    prefixes: range


_RANGES = (
    _Range("wechat", range(18, 19), range(10, 16)),
    _Range("alipay", range(16, 25), range(25, 31)),
    _Range("unionpay", range(19, 20), range(62, 63)),
    _Range("tiao", range(18, 19), range(36, 37)),
)
UNKNOWN = "unknown"


def is_payment_code(payload: str) -> bool:
    """Tell whether a payload looks like the digits of a payment code."""
    return len(payload) in _LENGTHS and bool(_DIGITS.fullmatch(payload)) and payload.isascii()


def scheme_of(payload: str) -> str:
    """Name the wallet that a payment code belongs to.

    *Refuses:* what is no row of 16 to 24 digits.
    """
    if not _DIGITS.fullmatch(payload) or not payload.isascii():
        raise QrBadId("a payment code is made of digits", at=0)
    if len(payload) not in _LENGTHS:
        raise QrBadLength(f"a payment code has {_LENGTHS[0]} to {_LENGTHS[-1]} digits, not {len(payload)}", at=0)
    prefix = int(payload[:2])
    return next((each.scheme for each in _RANGES if len(payload) in each.lengths and prefix in each.prefixes), UNKNOWN)
