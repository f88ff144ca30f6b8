"""What is remembered of one customer, merchant or device, and what it says of the next payment.

A state holds running totals and, for each of the last 32 units of time, the totals at its end. A sum over a window is
one subtraction, whatever the window's length. Totals are integers, so they are exact in any order of arrival.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Sequence

from tiao.risk.features.definition import HIGH, MEMORY, PAUSE, PRIOR_WEIGHT, RECENT_MAX, Definition

_NAN = float("nan")

#: Units of time that a state can look back on.
RING = 32

#: What is totalled: payments, their amounts (in ten-thousandths), high ones, known frauds, known frauds of an amount
#: that was usual, known genuine payments.
PAYMENTS, AMOUNT, HIGHS, FRAUDS, PLAIN_FRAUDS, GENUINE = range(6)
Totals = tuple[int, int, int, int, int, int]
_NOTHING: Totals = (0, 0, 0, 0, 0, 0)

#: A window's amount is summed in this part of a currency unit.
AMOUNT_PARTS = 10_000
#: A payment of the last minutes: when, its amount (in ten-thousandths), and with whom, as a number.
Recent = tuple[int, int, int]

#: A share of fraud among known outcomes is drawn to one in a hundred, which weighs as ten outcomes.
RATE_PRIOR, RATE_WEIGHT = 0.1, 10.0


class EntityState:
    """The state of one entity. Units: instants in microseconds since 1970; *day* counts units of the definition."""

    __slots__ = (
        "day",
        "ends",
        "first_plain_fraud_at",
        "fraud_at",
        "fraud_run",
        "genuine_at",
        "high_at",
        "last_at",
        "last_outcome",
        "mean",
        "plain_run",
        "plain_run_at",
        "recent",
        "totals",
        "usual",
        "variance",
    )

    def __init__(self) -> None:
        self.usual = 0
        self.mean = 0.0
        self.variance = 0.0
        self.last_at: int | None = None
        self.first_plain_fraud_at: int | None = None
        self.fraud_at: int | None = None
        self.genuine_at: int | None = None
        self.last_outcome: int | None = None
        self.fraud_run = 0
        self.plain_run = 0
        self.plain_run_at: int | None = None
        self.high_at: int | None = None
        self.day: int | None = None
        self.totals: Totals = _NOTHING
        self.ends: list[Totals] = [_NOTHING] * RING
        self.recent: list[Recent] = []

    def reach(self, day: int) -> int:
        """Close the units before *day*; time never goes back, and the unit that was reached is given."""
        last = self.day
        if last is None:
            self.day = day
            return day
        if day <= last:
            return last
        totals, ends = self.totals, self.ends
        if day - last >= RING:
            self.ends = [totals] * RING
        else:
            for closed in range(last, day):
                ends[closed % RING] = totals
        self.day = day
        return day

    def add(self, day: int, more: Totals) -> None:
        """Add to the totals of a unit. What comes late is added where it belongs, as far back as the state looks."""
        reached = self.reach(day)
        for closed in range(max(day, reached - RING), reached):
            self.ends[closed % RING] = _sum(self.ends[closed % RING], more)
        self.totals = _sum(self.totals, more)

    def values(self, at: int, amount: float, definition: Definition) -> list[float]:
        """Say what is known just before a payment, in the order of `ENTITY_FEATURES`."""
        unit = definition.unit_us
        day = self.reach(at // unit)
        ends = self.ends
        weight = self.usual + PRIOR_WEIGHT
        mean = (self.mean * self.usual + definition.usual_amount * PRIOR_WEIGHT) / weight
        variance = (self.variance * self.usual + definition.usual_variance * PRIOR_WEIGHT) / weight
        payments, spent, highs, frauds, plain, genuine = self.totals
        day_ago = ends[(day - 1) % RING]
        before3 = ends[(day - 3) % RING]
        before7 = ends[(day - 7) % RING]
        before14 = ends[(day - 14) % RING]
        before21 = ends[(day - 21) % RING]
        before28 = ends[(day - 28) % RING]
        payments7, highs7 = payments - before7[0], highs - before7[2]
        frauds28 = frauds - before28[3]
        outcomes28 = frauds28 + genuine - before28[5]
        last, first_fraud, fraud, known_good = self.last_at, self.first_plain_fraud_at, self.fraud_at, self.genuine_at
        high, run_began = self.high_at, self.plain_run_at
        return [
            self.usual,
            (amount - mean) / math.sqrt(variance + 1e-9),
            amount / (mean + 1e-9),
            _NAN if last is None else max(0, at - last) / unit,
            payments - day_ago[0],
            payments7,
            payments - before28[0],
            (spent - before7[1]) / (payments7 * AMOUNT_PARTS) if payments7 else _NAN,
            highs7,
            highs7 / payments7 if payments7 else _NAN,
            highs - day_ago[2],
            highs - before14[2],
            _NAN if high is None else max(0, at - high) / unit,
            frauds - before3[3],
            frauds - before7[3],
            frauds - before14[3],
            frauds - before21[3],
            frauds28,
            plain - before3[4],
            plain - before7[4],
            plain - before14[4],
            plain - before21[4],
            plain - before28[4],
            frauds - before7[3] + genuine - before7[5],
            outcomes28,
            (frauds28 + RATE_PRIOR) / (outcomes28 + RATE_WEIGHT),
            _NAN if first_fraud is None else max(0, at - first_fraud) / unit,
            _NAN if fraud is None else max(0, at - fraud) / unit,
            _NAN if known_good is None else max(0, at - known_good) / unit,
            _NAN if self.last_outcome is None else self.last_outcome,
            self.fraud_run,
            self.plain_run,
            _NAN if run_began is None else max(0, at - run_began) / unit,
        ]

    def pay(self, at: int, amount: float, definition: Definition, *, ratio: float) -> None:
        """Remember a payment; *ratio* is its amount against what is usual for the payer."""
        is_high = ratio > HIGH
        spent = parts_of(amount)
        day = at // definition.unit_us
        if self.day == day:
            totals = self.totals
            self.totals = (totals[0] + 1, totals[1] + spent, totals[2] + is_high, *totals[3:])
        else:
            self.add(day, (1, spent, int(is_high), 0, 0, 0))
        if self.last_at is None or at > self.last_at:
            self.last_at = at
        if is_high and (self.high_at is None or at > self.high_at):
            self.high_at = at
        if amount == amount and (not is_high or self.usual < HIGH):  # noqa: PLR0124  same
            self.usual += 1
            weight = min(self.usual, MEMORY)
            away = amount - self.mean
            self.mean += away / weight
            self.variance += (away * (amount - self.mean) - self.variance) / weight

    def recently(self, paid: Recent, spans: Sequence[int]) -> list[float]:
        """Say what is known of the last minutes just before a payment, in the order of `recent_of`, and remember it.

        Whatever the order of arrival, the latest of the longest span stay. Units: *spans* in microseconds, the longest
        last.
        """
        counted, self.recent = recently(self.recent, paid, spans)
        return counted

    def learn(self, at: int, definition: Definition, *, is_fraud: bool, is_plain: bool) -> None:
        """Remember what a payment turned out to be, from the instant at which that is known."""
        day = at // definition.unit_us
        if not is_fraud:
            self.add(day, (0, 0, 0, 0, 0, 1))
            self.genuine_at = at if self.genuine_at is None else max(at, self.genuine_at)
            self.last_outcome, self.fraud_run = 0, 0
            self.plain_run, self.plain_run_at = 0, None
            return
        self.add(day, (0, 0, 0, 1, int(is_plain), 0))
        if is_plain:
            paused = self.fraud_at is not None and at - self.fraud_at > PAUSE * definition.unit_us
            if self.first_plain_fraud_at is None or paused:
                self.first_plain_fraud_at = at
            self.plain_run += 1
            if self.plain_run_at is None:
                self.plain_run_at = at
        self.fraud_at = at if self.fraud_at is None else max(at, self.fraud_at)
        self.fraud_run = self.fraud_run + 1 if self.last_outcome == 1 else 1
        self.last_outcome = 1

    def unlearn(self, at: int, definition: Definition, *, is_fraud: bool, is_plain: bool) -> None:
        """Take an outcome back from the totals of its day; what came last, and the run, the correction overwrites."""
        taken = (0, 0, 0, -1, -int(is_plain), 0) if is_fraud else (0, 0, 0, 0, 0, -1)
        self.add(at // definition.unit_us, taken)


class PairState:
    """What is remembered of two entities together."""

    __slots__ = ("last_at", "seen")

    def __init__(self) -> None:
        self.seen = 0
        self.last_at: int | None = None

    def values(self, at: int, definition: Definition) -> list[float]:
        """Say what is known just before a payment, in the order of `PAIR_FEATURES`."""
        return [self.seen, _NAN if self.last_at is None else max(0, at - self.last_at) / definition.unit_us]

    def pay(self, at: int) -> None:
        """Remember a payment."""
        self.seen += 1
        self.last_at = at if self.last_at is None else max(at, self.last_at)


def recently(recent: list[Recent], paid: Recent, spans: Sequence[int]) -> tuple[list[float], list[Recent]]:
    """Count the latest payments of the last minutes, and give them with one more; the list may be changed."""
    at = paid[0]
    if not recent or recent[-1][0] < at - spans[-1]:
        return [0.0] * (len(spans) + 2), [paid]
    begins = [bisect_left(recent, (at - span,)) for span in spans]
    within = recent[begins[-1] :]
    total = len(recent)
    counted: list[float] = [total - begin for begin in begins]
    counted += (sum([each[1] for each in within]) / AMOUNT_PARTS, len({each[2] for each in within}))
    if paid >= recent[-1]:
        recent.append(paid)
    else:
        insort(recent, paid)
    first = max(bisect_left(recent, (recent[-1][0] - spans[-1],)), len(recent) - RECENT_MAX)
    if first:
        del recent[:first]
    return counted, recent


def parts_of(amount: float) -> int:
    """Give an amount in the parts in which it is totalled; a missing one adds nothing."""
    return 0 if amount != amount else round(amount * AMOUNT_PARTS)  # noqa: PLR0124  only a missing one differs


def _sum(totals: Totals, more: Totals) -> Totals:
    a, b, c, d, e, f = totals
    u, v, w, x, y, z = more
    return (a + u, b + v, c + w, d + x, e + y, f + z)
