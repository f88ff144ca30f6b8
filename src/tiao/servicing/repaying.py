"""Money from customers: what they ask to pay, what autopay takes, and how either becomes a repayment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from tiao.ledger import actions as ledger
from tiao.lending import actions as lending
from tiao.lending import daily
from tiao.lending.records import DueLine, Receipt, ReceiptKind
from tiao.lending.refusals import NothingOwed, RepaymentExceedsOwed
from tiao.payments import actions as payments
from tiao.payments import jobs
from tiao.payments.model import Debit, DebitPurpose, DebitResolved, NewDebit
from tiao.payments.refusals import DebitDiffers, DebitUnknown
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource
from tiao.values.ids import BUCKETS, bucket_of, derived_id
from tiao.values.moment import Moment
from tiao.values.money import AMOUNT_MAX_MINOR


class AskedFor(NamedTuple):
    """What a customer asks to be debited."""

    line_id: UUID
    customer_id: UUID
    funding_source_id: UUID
    amount_minor: int
    currency: str
    key: str


async def book_debits(tx: Tx, now: Moment, succeeded: Sequence[DebitResolved]) -> None:
    """Turn debits that have just succeeded into repayments, in the transaction that records the bank's answer.

    A line has at most one open debit, so a set has at most one for each line.
    """
    receipts = [
        Receipt(
            id=one.debit.id,
            line_id=one.debit.line_id,
            customer_id=one.debit.customer_id,
            kind=ReceiptKind.DEBIT,
            currency=one.debit.currency,
            amount_minor=one.debit.amount_minor,
            effective_on=now.today,
            debit_id=one.debit.id,
            funding_source_id=one.debit.funding_source_id,
        )
        for one in succeeded
    ]
    await lending.repay(tx, now, receipts)


async def prepare_repayment(tx: Tx, now: Moment, asked: AskedFor) -> NewDebit:
    """Check what a customer asks to pay against what is owed, and name the debit after the request's key.

    Refuses: NothingOwed, RepaymentExceedsOwed.
    """
    debit_id = derived_id("repayment", asked.customer_id, asked.key, bucket=bucket_of(asked.customer_id))
    await ledger.lock_lines(tx, [asked.line_id])
    await lending.bring_up_to_date(tx, now, [asked.line_id], cause=debit_id)
    owed = sum(part.open_minor for part in await daily.open_instalments(tx, [asked.line_id]))
    if owed == 0:
        raise NothingOwed
    if not 0 < asked.amount_minor <= min(owed, AMOUNT_MAX_MINOR):
        raise RepaymentExceedsOwed(pointer="/amount_minor", owed_minor=owed)
    return NewDebit(
        line_id=asked.line_id,
        customer_id=asked.customer_id,
        funding_source_id=asked.funding_source_id,
        amount_minor=asked.amount_minor,
        currency=asked.currency,
        purpose=DebitPurpose.REPAYMENT,
        debit_id=debit_id,
    )


async def repay(db: Database, channels: jobs.Channels, moments: MomentSource, asked: AskedFor) -> Debit:
    """Debit a customer who asks to pay. The answer may be that the outcome is not known yet.

    Refuses: NothingOwed, RepaymentExceedsOwed, DebitAlreadyRunning, DebitDiffers, FundingSourceUnknown,
    FundingSourceUnbound.
    """
    debit_id = derived_id("repayment", asked.customer_id, asked.key, bucket=bucket_of(asked.customer_id))
    async with db.begin() as tx:
        try:
            known = await payments.debit(tx, debit_id)
        except DebitUnknown:
            order = await prepare_repayment(tx, await moments(tx), asked)
        else:
            if known.amount_minor != asked.amount_minor or known.funding_source_id != asked.funding_source_id:
                raise DebitDiffers
            return known
    run = await jobs.run_debits(db, channels, moments, [order], book_debits)
    if run.refused:
        raise run.refused[0].refusal
    async with db.begin() as tx:
        return await payments.debit(tx, debit_id)


async def autopay(db: Database, channels: jobs.Channels, moments: MomentSource, *, offset_days: int) -> jobs.DebitRun:
    """Debit lines whose bill falls due soon, and once more on the due date, where the customer agreed to it.

    The debit's id is derived from line and day: a run that is repeated debits nobody twice.
    Source: policy `autopay.run_offset_days`, `autopay.opt_in`.
    """
    async with db.begin() as tx:
        now = await moments(tx)
        orders = await autopay_orders(tx, now, offset_days=offset_days)
    return await jobs.run_debits(db, channels, moments, orders, book_debits)


async def autopay_orders(tx: Tx, now: Moment, *, offset_days: int) -> list[NewDebit]:
    """List today's automatic debits: all that is due by the day that is *offset_days* after today."""
    due_by = now.today.fromordinal(now.today.toordinal() - offset_days)
    lines = await daily.due_lines(tx, 0, BUCKETS - 1, due_from=now.today, due_by=due_by)
    sources = await payments.autopay_sources(tx, [line.customer_id for line in lines])
    return [
        NewDebit(
            line_id=line.line_id,
            customer_id=line.customer_id,
            funding_source_id=sources[line.customer_id].id,
            amount_minor=line.amount_minor,
            currency=line.currency,
            purpose=DebitPurpose.AUTOPAY,
            debit_id=derived_id("autopay", line.line_id, now.today.isoformat(), bucket=bucket_of(line.line_id)),
        )
        for line in lines
        if line.customer_id in sources
    ]


async def use_credit_balances(tx: Tx, now: Moment) -> int:
    """Put credit balances against what is billed; once a line and day. Answers how many lines."""
    lines: list[DueLine] = await daily.lines_with_credit(tx, 0, BUCKETS - 1)
    receipts = [
        Receipt(
            id=derived_id("credit_balance", line.line_id, now.today.isoformat(), bucket=bucket_of(line.line_id)),
            line_id=line.line_id,
            customer_id=line.customer_id,
            kind=ReceiptKind.CREDIT_BALANCE,
            currency=line.currency,
            amount_minor=line.amount_minor,
            effective_on=now.today,
        )
        for line in lines
    ]
    await lending.repay(tx, now, receipts, eligible=lambda part: part.is_billed)
    return len(receipts)
