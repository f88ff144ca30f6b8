"""Draws that belong to a payment of a seed: the same for every policy, so that policies meet one world."""

from __future__ import annotations

import hashlib

_SPAN = 2.0**64


def draw(seed: int, t: int, what: str | int) -> float:
    """Draw a number from [0, 1) that belongs to payment *t* and to *what* is decided by it."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{t}:{what}".encode()).digest()[:8], "big") / _SPAN
