"""How a channel does, in figures: what somebody looks at before anything is drained or filled again. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple


class ChannelFigures(NamedTuple):
    """What became of a channel's debits of a span of time. *Units*: minor units, milliseconds.

    *latencies_ms* are those answered at once, sorted; the clock of business time measures them, so that a test clock
    shows nothing. *unknown_now* is part of *open_now*.
    """

    succeeded: int
    failed_by_channel: int
    failed_by_payer: int
    open_now: int
    unknown_now: int
    oldest_at: datetime | None
    amount_minor: int
    latencies_ms: tuple[int, ...]

    @property
    def success_rate(self) -> float | None:
        """Tell how often the channel did what it should; what the payer caused does not count."""
        tried = self.succeeded + self.failed_by_channel
        return self.succeeded / tried if tried else None

    def latency_ms(self, share: float) -> int | None:
        """Tell within how long so large a share was answered."""
        if not self.latencies_ms:
            return None
        return self.latencies_ms[min(int(len(self.latencies_ms) * share), len(self.latencies_ms) - 1)]


def counted(
    *,
    succeeded: Iterable[tuple[int, int]],
    failed_by_channel: int,
    failed_by_payer: int,
    open_now: int,
    unknown_now: int,
    oldest_at: datetime | None,
    latencies_ms: Sequence[int],
) -> ChannelFigures:
    """Sum up one server's part; *succeeded* are counts and amounts."""
    known = list(succeeded)
    return ChannelFigures(
        sum(count for count, _ in known),
        failed_by_channel,
        failed_by_payer,
        open_now,
        unknown_now,
        oldest_at,
        sum(amount for _, amount in known),
        tuple(sorted(latencies_ms)),
    )


def joined(one: ChannelFigures, other: ChannelFigures) -> ChannelFigures:
    """Join what two servers have of one channel."""
    oldest = [each for each in (one.oldest_at, other.oldest_at) if each is not None]
    return ChannelFigures(
        one.succeeded + other.succeeded,
        one.failed_by_channel + other.failed_by_channel,
        one.failed_by_payer + other.failed_by_payer,
        one.open_now + other.open_now,
        one.unknown_now + other.unknown_now,
        min(oldest, default=None),
        one.amount_minor + other.amount_minor,
        tuple(sorted((*one.latencies_ms, *other.latencies_ms))),
    )
