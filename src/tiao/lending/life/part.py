"""What a line owes while its life is folded: instalments, and what each fact did to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from tiao.lending.interest import Bearing
from tiao.lending.life.facts import Paused
from tiao.lending.model import AllocatedPart, CostKind, InstalmentKey, cost_kind_of
from tiao.lending.penalties import MICRO

_ONE_DAY = timedelta(days=1)


class Accrual(NamedTuple):
    """Days of penalty on one base; *days* leaves out those on which a pause held."""

    first_on: date
    last_on: date
    days: int
    base_minor: int
    ppm: int

    @property
    def micros(self) -> int:
        """Give the exact penalty in millionths of a minor unit."""
        return self.base_minor * self.ppm * self.days


@dataclass(slots=True)
class Part:
    """An instalment while its life is folded; the columns of `loan_instalment`."""

    key: InstalmentKey
    statement_on: date
    due_on: date
    principal: int
    fee: int
    subsidy: int
    ppm: int
    #: Where given, its fee is interest: that of `interest_on` from this day to the statement date.
    interest_from_on: date | None = None
    interest_on: int = 0
    principal_paid: int = 0
    principal_refunded: int = 0
    principal_written_off: int = 0
    fee_paid: int = 0
    fee_cancelled: int = 0
    fee_written_off: int = 0
    subsidy_cancelled: int = 0
    penalty_charged: int = 0
    penalty_paid: int = 0
    penalty_waived: int = 0
    penalty_micros: int = 0
    penalty_through: date | None = None
    is_billed_early: bool = False
    settled_on: date | None = None
    #: Daily interest of a balance that was carried on; its whole part is in `fee`.
    carry_ppm: int = 0
    carry_micros: int = 0
    carry_through: date | None = None
    #: What of the fee was added by hand.
    fee_charged: int = 0
    #: How the penalty built up: what `penalty_micros` is the sum of.
    accruals: list[Accrual] = field(default_factory=list)
    #: How the interest of a balance that was carried on built up: what `carry_micros` is the sum of.
    interest: list[Accrual] = field(default_factory=list)

    @property
    def penalty(self) -> int:
        """All penalty charged so far: what has built up day by day, in whole units, and what was added by hand."""
        return self.penalty_micros // MICRO + self.penalty_charged

    @property
    def principal_open(self) -> int:
        """Principal still owed."""
        return self.principal - self.principal_paid - self.principal_refunded - self.principal_written_off

    @property
    def fee_open(self) -> int:
        """Fee still owed."""
        return self.fee - self.fee_paid - self.fee_cancelled - self.fee_written_off

    @property
    def penalty_open(self) -> int:
        """Penalty still owed."""
        return self.penalty - self.penalty_paid - self.penalty_waived

    @property
    def open(self) -> int:
        """All that is still owed."""
        return self.principal_open + self.fee_open + self.penalty_open

    @property
    def cost_kind(self) -> CostKind:
        """Say what its fee is."""
        return cost_kind_of(self.interest_from_on, self.carry_through)

    @property
    def as_bearing(self) -> Bearing:
        """See it as its interest does."""
        return Bearing(
            key=self.key,
            from_on=self.interest_from_on,
            to_on=self.statement_on,
            on_minor=self.interest_on,
            agreed_minor=self.fee,
            cancelled_minor=self.fee_cancelled,
            paid_minor=self.fee_paid,
            open_minor=self.fee_open,
            principal_minor=self.principal - self.principal_refunded,
            principal_open_minor=self.principal_open,
        )

    def is_billed(self, day: date) -> bool:
        """Tell whether it is billed by a day: its statement is out, or it was paid before."""
        return self.is_billed_early or self.statement_on <= day

    def accrue(self, through: date, pauses: Sequence[Paused]) -> None:
        """Charge the penalty of the days up to *through*: exact, in millionths, on the principal overdue.

        A balance that was carried on bears interest for the days before its statement.
        """
        self._bear_interest(through)
        since = max(self.due_on, self.penalty_through or self.due_on)
        if self.open == 0 or self.due_on >= through or since >= through:
            return
        days = (through - since).days - _paused_days(pauses, since + _ONE_DAY, through)
        span = Accrual(since + _ONE_DAY, through, days, self.principal_open, self.ppm)
        self.penalty_micros += span.micros
        if span.micros:
            _note(self.accruals, span)
        self.penalty_through = through

    def _bear_interest(self, through: date) -> None:
        since, last = self.carry_through, min(through, self.statement_on - _ONE_DAY)
        if since is None or self.open == 0 or last <= since:
            return
        span = Accrual(since + _ONE_DAY, last, (last - since).days, self.principal_open, self.carry_ppm)
        self.fee += (self.carry_micros + span.micros) // MICRO - self.carry_micros // MICRO
        self.carry_micros += span.micros
        self.carry_through = last
        if span.micros:
            _note(self.interest, span)


def _note(spans: list[Accrual], span: Accrual) -> None:
    """Remember a span, joined to the last one where nothing changed between them."""
    last = spans[-1] if spans else None
    if last is not None and last.last_on + _ONE_DAY == span.first_on and last.base_minor == span.base_minor:
        spans[-1] = last._replace(last_on=span.last_on, days=last.days + span.days)
    else:
        spans.append(span)


class TakenOff(NamedTuple):
    """What a refund, waiver or write-off took off one instalment."""

    key: InstalmentKey
    principal_minor: int = 0
    fee_minor: int = 0
    subsidy_minor: int = 0
    penalty_minor: int = 0


@dataclass(slots=True)
class Booking:
    """What one fact did, for the books and for whoever asks."""

    parts: list[AllocatedPart] = field(default_factory=list)
    overpaid: int = 0
    taken_off: list[TakenOff] = field(default_factory=list)
    #: What could not come off because it was paid already, and so is the customer's.
    shortfall: int = 0
    #: What made a loss good.
    recovered: int = 0
    #: What a write-off gave up: the principal, fee and penalty that were owed on its day.
    lost: tuple[int, int, int] = (0, 0, 0)


@dataclass(slots=True)
class Life:
    """What a line owes, and what each fact did."""

    parts: dict[UUID, list[Part]] = field(default_factory=dict)
    purchases: dict[UUID, list[UUID]] = field(default_factory=dict)
    bookings: dict[UUID, Booking] = field(default_factory=dict)
    pauses: list[Paused] = field(default_factory=list)
    refinancings: set[UUID] = field(default_factory=set)
    refunded: dict[UUID, int] = field(default_factory=dict)
    credit: int = 0
    #: What is still owed of loans that were written off.
    unrecovered: int = 0
    #: What refunds of a purchase have made good of it.
    recovered_by_refund: dict[UUID, int] = field(default_factory=dict)

    def every_part(self) -> list[Part]:
        """List all instalments, by loan and number."""
        return [part for loan in sorted(self.parts) for part in self.parts[loan]]

    def accrue(self, through: date) -> None:
        """Charge penalties up to a day."""
        for parts in self.parts.values():
            for part in parts:
                part.accrue(through, self.pauses)


def _paused_days(pauses: Sequence[Paused], first: date, last: date) -> int:
    """Count the days from *first* to *last* on which any pause holds; overlapping pauses count once."""
    if not pauses:
        return 0
    days = {
        day
        for pause in pauses
        for day in range(max(first, pause.from_on).toordinal(), min(last, pause.to_on).toordinal() + 1)
    }
    return len(days)
