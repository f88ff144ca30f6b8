"""Every "no" of servicing."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class DayNotOver(Refusal):
    """A business day can be closed only when it is over."""


class DayOutOfTurn(Refusal):
    """Business days are closed one after the other."""

    kind = Kind.INVALID
