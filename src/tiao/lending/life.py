"""The life of a line: its loans as agreed and all that happened to them, folded in the order in which it counts.

Facts are kept for ever; what is owed is derived from them. A fact that arrives late is put where it belongs by its
effective day, and everything after it is folded again (`replaying` books the difference). The same rules serve the
step-by-step path, so folding the facts of a line gives what its rows say: an invariant that `tiao verify` checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tiao.lending.allocation import DEFAULT_ORDER, AllocationOrder, allocate
from tiao.lending.model import AllocatedPart, InstalmentKey, OpenInstalment
from tiao.lending.penalties import MICRO
from tiao.lending.refunds import RefundableInstalment, RefundablePurchase, RefundPolicy, refund_plan

_ONE_DAY = timedelta(days=1)


class Component(StrEnum):
    """What a charge adds to, or a waiver takes off."""

    PENALTY = "penalty"
    FEE = "fee"


class AgreedPart(NamedTuple):
    """An instalment as agreed."""

    number: int
    statement_on: date
    due_on: date
    principal_minor: int
    fee_minor: int
    subsidy_minor: int


class Fact(NamedTuple):
    """When something counts, and its place in the order of recording, which decides within a day."""

    id: UUID
    effective_on: date
    recorded_no: int


class Lent(NamedTuple):
    """A purchase was captured, or debt was refinanced: a loan begins."""

    fact: Fact
    loan_id: UUID
    purchase_id: UUID
    penalty_ppm: int
    parts: tuple[AgreedPart, ...]


class Received(NamedTuple):
    """Money was put against what the line owes.

    *is_narrow*: only against what is billed or costs nothing to pay early. A refinancing pays off what it replaces and
    nothing else: what one statement asked for in single payments, or one loan.
    """

    fact: Fact
    amount_minor: int
    is_from_credit: bool = False
    is_narrow: bool = False
    is_billed_only: bool = False
    only_statement_on: date | None = None
    only_loan_id: UUID | None = None


class Refunded(NamedTuple):
    """A purchase was refunded; *offset_max_minor* is what did not leave as money and can come off its plan."""

    fact: Fact
    purchase_id: UUID
    amount_minor: int
    offset_max_minor: int
    policy: RefundPolicy


class WrittenOff(NamedTuple):
    """A loan was given up."""

    fact: Fact
    loan_id: UUID


class Waived(NamedTuple):
    """Part of a penalty or fee was let go, oldest first within the loan."""

    fact: Fact
    loan_id: UUID
    component: Component
    amount_minor: int


class Charged(NamedTuple):
    """A fee or penalty was added by hand to an instalment."""

    fact: Fact
    key: InstalmentKey
    component: Component
    amount_minor: int


class Paused(NamedTuple):
    """No penalty is charged on the line from *from_on* to *to_on*, both included."""

    fact: Fact
    from_on: date
    to_on: date


class Deferred(NamedTuple):
    """An instalment falls due later."""

    fact: Fact
    key: InstalmentKey
    due_on: date


Event = Lent | Received | Refunded | WrittenOff | Waived | Charged | Paused | Deferred


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

    def is_billed(self, day: date) -> bool:
        """Tell whether it is billed by a day: its statement is out, or it was paid before."""
        return self.is_billed_early or self.statement_on <= day

    def accrue(self, through: date, pauses: Sequence[Paused]) -> None:
        """Charge the penalty of the days up to *through*: exact, in millionths, on the principal overdue."""
        since = max(self.due_on, self.penalty_through or self.due_on)
        if self.open == 0 or self.due_on >= through or since >= through:
            return
        days = (through - since).days - _paused_days(pauses, since + _ONE_DAY, through)
        self.penalty_micros += self.principal_open * self.ppm * days
        self.penalty_through = through


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


@dataclass(slots=True)
class Life:
    """What a line owes, and what each fact did."""

    parts: dict[UUID, list[Part]] = field(default_factory=dict)
    purchases: dict[UUID, list[UUID]] = field(default_factory=dict)
    bookings: dict[UUID, Booking] = field(default_factory=dict)
    pauses: list[Paused] = field(default_factory=list)
    refunded: dict[UUID, int] = field(default_factory=dict)
    credit: int = 0

    def every_part(self) -> list[Part]:
        """List all instalments, by loan and number."""
        return [part for loan in sorted(self.parts) for part in self.parts[loan]]

    def accrue(self, through: date) -> None:
        """Charge penalties up to a day."""
        for parts in self.parts.values():
            for part in parts:
                part.accrue(through, self.pauses)


def fold(events: Iterable[Event], *, through: date, order: AllocationOrder = DEFAULT_ORDER) -> Life:
    """Live a line again: events in effective order, recorded order within a day, penalties between them.

    *through* is the last day whose penalties are charged.
    """
    life = Life()
    for event in sorted(events, key=lambda each: (each.fact.effective_on, each.fact.recorded_no)):
        day = event.fact.effective_on
        life.accrue(min(day - _ONE_DAY, through))
        _apply(life, event, day, order)
        _settle(life, day)
    life.accrue(through)
    return life


def _apply(life: Life, event: Event, day: date, order: AllocationOrder) -> None:
    match event:
        case Lent():
            _lend(life, event)
        case Received():
            _receive(life, event, day, order)
        case Refunded():
            _refund(life, event)
        case WrittenOff():
            _write_off(life, event)
        case Waived():
            _waive(life, event)
        case Charged():
            part = _part(life, event.key)
            if event.component is Component.PENALTY:
                part.penalty_charged += event.amount_minor
            else:
                part.fee += event.amount_minor
        case Paused():
            life.pauses.append(event)
        case Deferred():
            _part(life, event.key).due_on = event.due_on


def _lend(life: Life, event: Lent) -> None:
    life.parts[event.loan_id] = [
        Part(
            InstalmentKey(event.loan_id, agreed.number),
            agreed.statement_on,
            agreed.due_on,
            agreed.principal_minor,
            agreed.fee_minor,
            agreed.subsidy_minor,
            event.penalty_ppm,
        )
        for agreed in event.parts
    ]
    life.purchases.setdefault(event.purchase_id, []).append(event.loan_id)


def _receive(life: Life, event: Received, day: date, order: AllocationOrder) -> None:
    parts = sorted(life.every_part(), key=lambda part: (part.due_on, part.key))
    owed = [part for part in parts if part.open and _may_take(life, part, event, day)]
    by_key = {part.key: part for part in owed}
    allocated, overpaid = allocate(event.amount_minor, [_as_open(part, day) for part in owed], order)
    booking = Booking(parts=allocated, overpaid=overpaid)
    for share in allocated:
        part = by_key[share.instalment_id]
        part.is_billed_early = part.is_billed_early or not part.is_billed(day)
        part.principal_paid += share.principal_minor
        part.fee_paid += share.fee_minor
        part.penalty_paid += share.penalty_minor
    life.credit += overpaid - (event.amount_minor if event.is_from_credit else 0)
    life.bookings[event.fact.id] = booking


def _may_take(life: Life, part: Part, event: Received, day: date) -> bool:
    if event.only_loan_id is not None:
        return part.key.loan_id == event.only_loan_id
    if event.only_statement_on is not None:
        return part.statement_on == event.only_statement_on and len(life.parts[part.key.loan_id]) == 1
    if event.is_billed_only:
        return part.is_billed(day)
    return not event.is_narrow or part.is_billed(day) or part.fee_open == 0


def _refund(life: Life, event: Refunded) -> None:
    loans = sorted(life.purchases.get(event.purchase_id, []))
    parts = [part for loan in loans for part in life.parts[loan]]
    before = life.refunded.get(event.purchase_id, 0)
    effect = refund_plan(as_refundable(parts, before), event.amount_minor, event.policy)
    life.refunded[event.purchase_id] = before + event.amount_minor
    booking = Booking()
    left, subsidy_left = event.offset_max_minor, effect.subsidy_reversed_minor
    for part, offset, after in reversed(list(zip(parts, effect.offset_minor, effect.open_after, strict=True))):
        principal = min(offset, left)
        left -= principal
        # The fee falls by the whole refund's rule even where less comes off, for the goods went back all the same.
        fee = part.fee_open - after.fee_minor
        subsidy = min(subsidy_left, part.subsidy - part.subsidy_cancelled)
        subsidy_left -= subsidy
        if principal or fee or subsidy:
            booking.taken_off.append(TakenOff(part.key, principal, fee, subsidy))
            part.principal_refunded += principal
            part.fee_cancelled += fee
            part.subsidy_cancelled += subsidy
    booking.shortfall = left
    life.credit += left
    life.bookings[event.fact.id] = booking


def _write_off(life: Life, event: WrittenOff) -> None:
    booking = Booking()
    for part in life.parts[event.loan_id]:
        if part.settled_on is not None:
            continue
        booking.taken_off.append(
            TakenOff(part.key, part.principal_open, part.fee_open, penalty_minor=part.penalty_open)
        )
        part.principal_written_off += part.principal_open
        part.fee_written_off += part.fee_open
        part.penalty_waived += part.penalty_open
        part.is_billed_early = True
    life.bookings[event.fact.id] = booking


def _waive(life: Life, event: Waived) -> None:
    left = event.amount_minor
    booking = Booking()
    for part in sorted(life.parts[event.loan_id], key=lambda each: each.due_on):
        of_fee = event.component is Component.FEE
        share = min(left, part.fee_open if of_fee else part.penalty_open)
        left -= share
        if of_fee:
            part.fee_cancelled += share
        else:
            part.penalty_waived += share
        if share:
            booking.taken_off.append(
                TakenOff(part.key, fee_minor=share if of_fee else 0, penalty_minor=0 if of_fee else share)
            )
    booking.shortfall = left
    life.bookings[event.fact.id] = booking


def _settle(life: Life, day: date) -> None:
    for parts in life.parts.values():
        for part in parts:
            if part.open:
                part.settled_on = None
            elif part.settled_on is None:
                part.settled_on = day


def as_refundable(parts: Sequence[Part], refunded_before_minor: int) -> RefundablePurchase:
    """See the plans of a purchase as a refund does; a written-off part is no longer open, like a paid one."""
    return RefundablePurchase(
        captured_minor=sum(part.principal for part in parts),
        instalments=tuple(
            RefundableInstalment(
                principal_minor=part.principal,
                fee_minor=part.fee,
                principal_paid_minor=part.principal_paid + part.principal_written_off,
                fee_paid_minor=part.fee_paid + part.fee_written_off,
                principal_refunded_minor=part.principal_refunded,
            )
            for part in parts
        ),
        refunded_minor=refunded_before_minor,
        subsidy_minor=sum(part.subsidy for part in parts),
        subsidy_reversed_minor=sum(part.subsidy_cancelled for part in parts),
    )


def _as_open(part: Part, day: date) -> OpenInstalment:
    return OpenInstalment(
        instalment_id=part.key,
        due_on=part.due_on,
        is_billed=part.is_billed(day),
        principal_minor=part.principal_open,
        fee_minor=part.fee_open,
        penalty_minor=part.penalty_open,
    )


def _part(life: Life, key: InstalmentKey) -> Part:
    return next(part for part in life.parts[key.loan_id] if part.key == key)


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
