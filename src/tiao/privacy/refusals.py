"""Every "no" of privacy."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class ConsentTextUnknown(Refusal):
    """Nobody was ever shown these words: there is no such version of the text."""

    kind = Kind.INVALID
