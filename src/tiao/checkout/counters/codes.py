"""The platform's own payment code: 18 digits that a till reads off a phone, good for a minute, once. Pure.

Shape: prefix 36, then 16 digits: a keyed permutation of device slot (8) and one-time number (8). The phone holds
neither key nor secret: it is given the codes of the next minutes, so that it can show them without a network.
"""

from __future__ import annotations

import hmac
from typing import NamedTuple

PREFIX = "36"
#: RFC 6238 with SHA-256 and eight digits; a code of the minute before or after is taken too, for clocks differ.
STEP_SECONDS, STEPS_AROUND = 60, 1
SLOTS = NUMBERS = 10**8
#: So many rounds of a Feistel network over two halves make a permutation that nobody tells from a random one
#: (Luby and Rackoff: four are enough; NIST SP 800-38G takes ten for small halves).
_ROUNDS = 10
_DIGITS = 16


class ReadCode(NamedTuple):
    """What stands in a code."""

    slot: int
    number: int


def is_ours(code: str) -> bool:
    """Tell whether a code has the form of ours; whose it is, and whether it is good, is another question."""
    digits = code.removeprefix(PREFIX)
    return code.startswith(PREFIX) and len(digits) == _DIGITS and digits.isascii() and digits.isdigit()


def step_of(at_seconds: float) -> int:
    """Say in which step an instant lies."""
    return int(at_seconds) // STEP_SECONDS


def one_time_number(secret: bytes, step: int) -> int:
    """Make a slot's number for one step. Source: RFC 6238, RFC 4226 section 5.3 (dynamic truncation)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha256")
    offset = mac[-1] & 0x0F
    return (int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF) % NUMBERS


def code_of(key: bytes, *, slot: int, number: int) -> str:
    """Write a code."""
    assert 0 <= slot < SLOTS, "a slot has eight digits"
    assert 0 <= number < NUMBERS, "and so has a number"
    left, right = slot, number
    for turn in range(_ROUNDS):
        left, right = right, (left + _mix(key, turn, right)) % SLOTS
    return f"{PREFIX}{left:08d}{right:08d}"


def read_code(key: bytes, code: str) -> ReadCode | None:
    """Read a code; None when it is none of ours."""
    if not is_ours(code):
        return None
    digits = code.removeprefix(PREFIX)
    left, right = int(digits[:8]), int(digits[8:])
    for turn in reversed(range(_ROUNDS)):
        left, right = (right - _mix(key, turn, left)) % SLOTS, left
    return ReadCode(left, right)


def matching_step(secret: bytes, number: int, *, now: int, burnt: int) -> int | None:
    """Find the step that a number is of: around *now*, and later than the last that was used."""
    for step in range(now - STEPS_AROUND, now + STEPS_AROUND + 1):
        if step > burnt and one_time_number(secret, step) == number:
            return step
    return None


def _mix(key: bytes, turn: int, half: int) -> int:
    mac = hmac.digest(key, turn.to_bytes(1, "big") + half.to_bytes(4, "big"), "sha256")
    return int.from_bytes(mac[:8], "big") % SLOTS
