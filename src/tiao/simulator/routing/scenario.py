"""A scenario: channels whose success changes over a row of payments, read from JSON and checked whole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated

import msgspec

from tiao.payments.routing.router import BPS
from tiao.simulator.routing.refusals import BadScenario

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000_000)]
#: A choice is written as one digit of base 36.
_CHANNELS_MAX = 36
_TRANSACTIONS_MAX = 10_000_000


class Event(msgspec.Struct, frozen=True, rename={"begin": "from", "end": "to"}):
    """Payments *begin* to *end* (half-open) in which a channel succeeds at another rate, fixed or on a line."""

    begin: Count
    end: Count
    success: Share | None = None
    success_from: Share | None = None
    success_to: Share | None = None

    def rate_at(self, t: int) -> float:
        """Give the rate of success of payment *t*."""
        if self.success is not None:
            return self.success
        assert self.success_from is not None
        assert self.success_to is not None
        return self.success_from + (self.success_to - self.success_from) * (t - self.begin) / (self.end - self.begin)


class Closed(msgspec.Struct, frozen=True, rename={"begin": "from", "end": "to"}):
    """Payments (half-open) in which a channel cannot be used: maintenance."""

    begin: Count
    end: Count


class Channel(msgspec.Struct, frozen=True):
    """A channel. *Units*: ten-thousandths, minor units, milliseconds."""

    id: Annotated[str, msgspec.Meta(min_length=1)]
    success: Share
    cost_bps: Count = 0
    cost_fixed_minor: Count = 0
    latency_ms: Count = 0
    max_amount_minor: Count | None = None
    unavailable: tuple[Closed, ...] = ()
    events: tuple[Event, ...] = ()

    def rates(self, transactions: int) -> list[float]:
        """Give the rate of success for each payment; of overlapping events the last listed wins."""
        rates = [self.success] * transactions
        for event in self.events:
            for t in range(event.begin, min(event.end, transactions)):
                rates[t] = event.rate_at(t)
        return rates

    def cost_minor(self, amount_minor: int) -> float:
        """Give the cost of a success."""
        return amount_minor * self.cost_bps / BPS + self.cost_fixed_minor

    def is_usable(self, t: int, amount_minor: int) -> bool:
        """Tell whether payment *t* may take this channel."""
        if self.max_amount_minor is not None and amount_minor > self.max_amount_minor:
            return False
        return not any(each.begin <= t < each.end for each in self.unavailable)


class Feedback(msgspec.Struct, frozen=True):
    """How late an outcome is seen, in payments, and the share that is never seen."""

    delay: Count = 0
    unknown: Share = 0.0


class Scenario(msgspec.Struct, frozen=True):
    """A world to route in."""

    id: str
    transactions: Annotated[int, msgspec.Meta(ge=1, le=_TRANSACTIONS_MAX)]
    seeds: Annotated[tuple[int, ...], msgspec.Meta(min_length=1)]
    channels: Annotated[tuple[Channel, ...], msgspec.Meta(min_length=1, max_length=_CHANNELS_MAX)]
    window: Positive = 1000
    dead_below: Share = 0.1
    amounts_minor: Annotated[tuple[Positive, ...], msgspec.Meta(min_length=1)] = (10_000,)
    margin_bps: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] | None = None
    feedback: Feedback = Feedback()

    def amount_minor(self, t: int) -> int:
        """Give the amount of payment *t*."""
        return self.amounts_minor[t % len(self.amounts_minor)]

    def usable(self) -> list[tuple[int, ...]]:
        """Give the channels that each payment may take, by their places in the list; equal answers share one tuple."""
        known: dict[tuple[int, int], tuple[int, ...]] = {}
        periods = sorted({0, *(edge for each in self._closed() for edge in (each.begin, each.end))})
        found = []
        period = 0
        for t in range(self.transactions):
            while period + 1 < len(periods) and periods[period + 1] <= t:
                period += 1
            key = (period, t % len(self.amounts_minor))
            if key not in known:
                amount = self.amount_minor(t)
                known[key] = tuple(k for k, each in enumerate(self.channels) if each.is_usable(t, amount))
            found.append(known[key])
        return found

    def _closed(self) -> Iterator[Closed]:
        return chain.from_iterable(each.unavailable for each in self.channels)


def read(document: bytes) -> Scenario:
    """Read a scenario.

    *Refuses:* BadScenario, naming the first thing that is wrong.
    """
    try:
        scenario = msgspec.json.decode(document, type=Scenario)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadScenario(str(error)) from error
    for fault in _faults(scenario):
        raise BadScenario(fault)
    return scenario


def _faults(scenario: Scenario) -> Iterator[str]:
    ids = [channel.id for channel in scenario.channels]
    yield from (f"two channels are called {each!r}" for each in sorted(set(ids)) if ids.count(each) > 1)
    for channel in scenario.channels:
        for closed in channel.unavailable:
            if closed.begin > closed.end:
                yield f"{channel.id}: unavailable from {closed.begin} to {closed.end} ends before it begins"
        for event in channel.events:
            if event.begin > event.end:
                yield f"{channel.id}: the event from {event.begin} to {event.end} ends before it begins"
            has_line = event.success_from is not None and event.success_to is not None
            has_part = event.success_from is not None or event.success_to is not None
            if (event.success is not None) == has_line or has_part != has_line:
                yield f"{channel.id}: an event has either success, or success_from and success_to"
