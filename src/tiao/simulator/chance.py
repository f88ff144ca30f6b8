"""Chance that belongs to what it is about: drawn from a seed and a name, the same in every run and in any order."""

from __future__ import annotations

import hashlib
from random import Random

CERTAIN_PPM = 1_000_000


def draw(seed: str, *what: str) -> int:
    """Draw a number that belongs to *what* for ever. *Units*: 0 to 999,999, a millionth each."""
    return number(seed, *what) % CERTAIN_PPM


def number(seed: str, *what: str) -> int:
    """Draw 64 bits that belong to *what* for ever."""
    return int.from_bytes(hashlib.sha256("/".join((seed, *what)).encode()).digest()[:8], "big")


def stream(seed: str, *what: str) -> Random:
    """Open a stream of chance that belongs to *what*; for draws that are made in a fixed order."""
    return Random(number(seed, *what))  # noqa: S311  repeatability is the point; no secret depends on it
