"""The minimum payment as stored: agreements, what is owed when their due date is over, and the loan that carries on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from tiao.lending.model import AllocatedPart, BillingMode, FeePayer, Instalment, InstalmentKey, Plan, PlanTerms, Pricing
from tiao.lending.postings import refinanced_loan_id
from tiao.lending.records import LoanKind, NewLoan, Receipt, ReceiptKind
from tiao.lending.revolving import Carry, CarryTerms, Owed, carry
from tiao.runtime.arrays import Bigints, Dates, Integers, Smallints, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment

_QUERIES = load_queries("tiao.lending", "revolving.sql")

#: How a balance that was carried on is called where a loan names its plan.
PLAN_CODE = "revolving"


class CarryAgreement(Struct, frozen=True, kw_only=True):
    """Only the minimum of a statement is paid, and the rest carried on. Its id names the repayment that does so."""

    bucket: int
    id: UUID
    line_id: UUID
    customer_id: UUID
    currency: str
    loan_id: UUID
    statement_on: date
    due_on: date
    next_statement_on: date
    next_due_on: date
    ratio_ppm: int
    carry_ppm: int
    penalty_ppm: int
    reason: str
    actor: str
    agreed_on: date
    recorded_at: datetime
    #: Given by the database; 0 until then.
    recorded_no: int = 0
    is_carried: bool = False

    @property
    def terms(self) -> CarryTerms:
        """What was agreed."""
        return CarryTerms(self.ratio_ppm, self.carry_ppm)


class _OwedRow(Struct, frozen=True):
    line_id: UUID
    loan_id: UUID
    number: int
    statement_on: date
    due_on: date
    is_single: bool
    lent_minor: int
    principal_open_minor: int
    cost_open_minor: int
    carry_ppm: int


class CarryMade(NamedTuple):
    """An agreement whose due date is over, and what is carried for it."""

    agreement: CarryAgreement
    carry: Carry

    @property
    def receipt(self) -> Receipt:
        """What pays off what is carried on."""
        one = self.agreement
        return Receipt(
            id=one.id,
            line_id=one.line_id,
            customer_id=one.customer_id,
            kind=ReceiptKind.REFINANCING,
            currency=one.currency,
            amount_minor=self.carry.amount_minor,
            effective_on=one.due_on,
            actor=one.actor,
            reason=one.reason,
        )

    @property
    def parts(self) -> list[AllocatedPart]:
        """Where it goes."""
        return carried_parts(self.carry)

    @property
    def loan(self) -> NewLoan:
        """What carries it on: one instalment of the next statement. Its interest builds up from then on."""
        one, amount = self.agreement, self.carry.amount_minor
        assert one.loan_id == refinanced_loan_id(one.id), "its repayment is booked against it"
        part = Instalment(1, one.next_statement_on, one.next_due_on, amount, 0, 0)
        return NewLoan(
            id=one.loan_id,
            purchase_id=one.id,
            line_id=one.line_id,
            customer_id=one.customer_id,
            merchant_id=None,
            currency=one.currency,
            plan=Plan(revolving_terms(), (part,), amount, 0, 0),
            discount_minor=0,
            penalty_ppm=one.penalty_ppm,
            taken_on=one.due_on,
            released_hold_minor=0,
            kind=LoanKind.REVOLVING,
        )


def revolving_terms() -> PlanTerms:
    """Give what a balance that is carried on is called: it has no fee, but interest by the day."""
    return PlanTerms(PLAN_CODE, 1, Decimal(0), FeePayer.CONSUMER, BillingMode.STATEMENT, pricing=Pricing.BULLET)


def carried_parts(made: Carry) -> list[AllocatedPart]:
    """Say what is paid off of each instalment."""
    return [AllocatedPart(key, 0, 0, 0, minor) for key, minor in made.parts]


async def insert_agreement(tx: Tx, agreement: CarryAgreement) -> None:
    """Write an agreement."""
    left_out = {"recorded_no", "is_carried"}
    values = {name: getattr(agreement, name) for name in agreement.__struct_fields__ if name not in left_out}
    await tx.execute(_QUERIES.insert_carry_agreement, **values)


async def agreements_of_line(tx: Tx, line_id: UUID) -> list[CarryAgreement]:
    """Read a line's agreements, in order."""
    return await tx.rows(_QUERIES.carry_agreements_of_line, CarryAgreement, bucket=bucket_of(line_id), line=line_id)


async def standing_of_line(tx: Tx, line_id: UUID) -> list[CarryAgreement]:
    """Read those of a line's agreements that were not undone."""
    return await tx.rows(_QUERIES.standing_carry_agreements, CarryAgreement, bucket=bucket_of(line_id), line=line_id)


async def waiting(tx: Tx, line_ids: Sequence[UUID], *, through: date) -> list[CarryAgreement]:
    """Read the agreements of lines that stand and wait, their due date being over by the end of a day."""
    return await tx.rows(
        _QUERIES.carries_waiting_on_lines,
        CarryAgreement,
        buckets=sorted({bucket_of(line) for line in line_ids}),
        lines=Uuids(line_ids),
        through=through,
    )


async def lines_waiting(tx: Tx, first: int, last: int, *, through: date) -> list[UUID]:
    """List the lines of a range of buckets with such agreements."""
    return await tx.column(_QUERIES.lines_that_carry, first=first, last=last, through=through)


async def owed(tx: Tx, line_ids: Sequence[UUID], *, due_on: date) -> dict[UUID, list[Owed]]:
    """Read what lines owe that is due by a day, as a minimum payment sees it."""
    found: dict[UUID, list[Owed]] = defaultdict(list)
    buckets = sorted({bucket_of(line) for line in line_ids})
    rows = await tx.rows(_QUERIES.owed_for_carry, _OwedRow, buckets=buckets, lines=Uuids(line_ids), due_by=due_on)
    for row in rows:
        found[row.line_id].append(
            Owed(
                InstalmentKey(row.loan_id, row.number),
                row.statement_on,
                row.due_on,
                row.is_single,
                row.lent_minor,
                row.principal_open_minor,
                row.cost_open_minor,
                row.carry_ppm,
            )
        )
    return found


async def decide(tx: Tx, agreements: Sequence[CarryAgreement]) -> list[CarryMade]:
    """Say what is carried for agreements of one due date, a line once; interest has been charged up to it."""
    due_on = agreements[0].due_on
    found = await owed(tx, [one.line_id for one in agreements], due_on=due_on)
    return [
        CarryMade(one, carry(found[one.line_id], statement_on=one.statement_on, due_on=due_on, terms=one.terms))
        for one in agreements
    ]


async def start(tx: Tx, made: Sequence[CarryMade]) -> None:
    """Let the new balances bear interest, and note that their agreements are carried out."""
    await tx.execute(
        _QUERIES.start_carrying,
        bucket=Smallints(one.agreement.bucket for one in made),
        loan=Uuids(one.agreement.loan_id for one in made),
        ppm=Integers(one.agreement.carry_ppm for one in made),
        micros=Bigints(one.carry.backlog_micros for one in made),
        due_on=Dates(one.agreement.due_on for one in made),
        settled=[one.carry.amount_minor == 0 for one in made],
    )
    buckets = sorted({one.agreement.bucket for one in made})
    await tx.execute(_QUERIES.mark_carried, buckets=buckets, ids=Uuids(one.agreement.id for one in made))
    await tx.execute(
        _QUERIES.settle_carried_bills,
        bucket=Smallints(one.agreement.bucket for one in made),
        line=Uuids(one.agreement.line_id for one in made),
        statement_on=Dates(one.agreement.statement_on for one in made),
    )


async def accrue(tx: Tx, now: Moment, line_ids: Sequence[UUID], *, cause: str) -> None:
    """Charge the interest of lines through yesterday."""
    await tx.value(
        _QUERIES.accrue_interest_of_lines,
        lines=Uuids(line_ids),
        through=now.today - timedelta(days=1),
        booked_on=now.today,
        recorded_at=now.at,
        cause=cause,
    )


async def write_lived(tx: Tx, bucket: int, amounts: dict[UUID, int]) -> None:
    """Write how much was carried after a line was lived again."""
    if amounts:
        await tx.execute(
            _QUERIES.write_lived_carries, bucket=bucket, ids=Uuids(amounts), amount=Bigints(amounts.values())
        )
