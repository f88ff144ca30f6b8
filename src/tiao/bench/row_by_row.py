"""The close of a day as it is often written: line after line, a statement for each row, a commit for each line.

Carried to be compared with, and to agree: the set-based close of the same day must find nothing left to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec

from tiao.bench.ground import CURRENCY, Ground
from tiao.ledger import actions as ledger
from tiao.ledger.model import HOUSE, Account, Posting, credit, debit
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of, derived_id
from tiao.values.moment import Moment

_QUERIES = load_queries("tiao.bench")
_MICROS = 1_000_000
_STAGE_DAYS = 30


class _Late(msgspec.Struct, frozen=True):
    bucket: int
    loan_id: UUID
    number: int
    due_on: date
    open_minor: int
    penalty_ppm: int
    penalty_micros: int
    penalty_charged_minor: int
    penalty_minor: int
    penalty_through: date | None


class _Unbilled(msgspec.Struct, frozen=True):
    bucket: int
    loan_id: UUID
    number: int
    due_on: date
    principal_minor: int
    fee_minor: int
    customer_id: UUID
    currency: str


async def close_lines(ground: Ground, lines: Sequence[UUID], day: date, tell: Callable[[int, int], None]) -> int:
    """Accrue, bill and age line after line; answer how many instalments were touched."""
    touched = 0
    for number, line in enumerate(lines, start=1):
        async with ground.db.begin() as tx:
            now = await ground.moments(tx)
            touched += await _accrue(tx, now, line, day)
            touched += await _bill(tx, now, line, day)
        tell(number, len(lines))
    return touched


async def _accrue(tx: Tx, now: Moment, line: UUID, day: date) -> int:
    late = await tx.rows(_QUERIES.late_instalments, _Late, bucket=bucket_of(line), line=line, day=day)
    for each in late:
        days = (day - max(each.due_on, each.penalty_through or each.due_on)).days
        micros = each.penalty_micros + each.open_minor * each.penalty_ppm * days
        penalty = micros // _MICROS + each.penalty_charged_minor
        await tx.execute(
            _QUERIES.charge_instalment,
            bucket=each.bucket,
            loan=each.loan_id,
            number=each.number,
            micros=micros,
            penalty=penalty,
            through=day,
        )
        added = penalty - each.penalty_minor
        if added:
            entries = (
                debit(Account.RECEIVABLE_PENALTY, each.loan_id, added),
                credit(Account.PENALTY_INCOME, HOUSE, added),
            )
            await _post(
                tx,
                now,
                Posting(
                    bucket=each.bucket,
                    id=derived_id("penalty", each.loan_id, str(each.number), str(day), bucket=each.bucket),
                    kind="penalty_accrued",
                    source_id=each.loan_id,
                    currency=CURRENCY,
                    effective_on=day,
                    entries=entries,
                ),
                day,
            )
        stage = ((day - each.due_on).days + _STAGE_DAYS - 1) // _STAGE_DAYS
        await tx.execute(_QUERIES.stage_loan, bucket=each.bucket, loan=each.loan_id, stage=stage, day=day)
    return len(late)


async def _bill(tx: Tx, now: Moment, line: UUID, day: date) -> int:
    statement_on = day + timedelta(days=1)
    due = await tx.rows(
        _QUERIES.unbilled_instalments, _Unbilled, bucket=bucket_of(line), line=line, statement_on=statement_on
    )
    for each in due:
        await tx.execute(_QUERIES.bill_instalment, bucket=each.bucket, loan=each.loan_id, number=each.number)
        if each.fee_minor:
            entries = (
                debit(Account.RECEIVABLE_FEE, each.loan_id, each.fee_minor),
                credit(Account.FEE_INCOME, HOUSE, each.fee_minor),
            )
            await _post(
                tx,
                now,
                Posting(
                    bucket=each.bucket,
                    id=derived_id("fee", each.loan_id, str(each.number), str(day), bucket=each.bucket),
                    kind="instalment_billed",
                    source_id=each.loan_id,
                    currency=CURRENCY,
                    effective_on=statement_on,
                    entries=entries,
                ),
                day,
            )
    if due:
        await tx.execute(
            _QUERIES.insert_bill,
            bucket=bucket_of(line),
            id=derived_id("bill", line, str(statement_on), bucket=bucket_of(line)),
            line=line,
            customer=due[0].customer_id,
            currency=due[0].currency,
            statement_on=statement_on,
            due_on=max(each.due_on for each in due),
            principal=sum(each.principal_minor for each in due),
            fee=sum(each.fee_minor for each in due),
        )
    return len(due)


async def _post(tx: Tx, now: Moment, posting: Posting, day: date) -> None:
    await ledger.post(tx, [posting], booked_on=day, recorded_at=now.at)
