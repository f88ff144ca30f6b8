"""Money from customers: what they ask to pay, what autopay takes, and how either becomes a repayment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from tiao.ledger import actions as ledger
from tiao.ledger.model import Account
from tiao.lending import actions as lending
from tiao.lending import crediting, daily, payoff
from tiao.lending.archive import CreditPayout
from tiao.lending.records import DueLine, Receipt, ReceiptKind
from tiao.lending.refusals import NothingOwed, PayoffQuoteChanged, RepaymentExceedsOwed
from tiao.payments import actions as payments
from tiao.payments import jobs
from tiao.payments.model import Debit, DebitPurpose, DebitResolved, NewDebit, NewPayout, Payout, SourceStatus
from tiao.payments.refusals import DebitDiffers, DebitUnknown, FundingSourceUnbound
from tiao.payments.routing.chooser import Chooser
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource
from tiao.values.ids import BUCKETS, bucket_of, derived_id
from tiao.values.moment import Moment
from tiao.values.money import AMOUNT_MAX_MINOR
from tiao.values.refusal import Refusal


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
            id=_receipt_id(one.debit),
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
    of_order = await payoff.remembered(tx, [one.debit.order_id for one in succeeded])
    settling = {
        receipt.id: of_order[one.debit.order_id]
        for receipt, one in zip(receipts, succeeded, strict=True)
        if one.debit.order_id in of_order and one.debit.next_id is None
    }
    await payoff.pay_off(tx, now, [receipt for receipt in receipts if receipt.id in settling], settling)
    await lending.repay(tx, now, [receipt for receipt in receipts if receipt.id not in settling])


def _receipt_id(debit: Debit) -> UUID:
    """Name the repayment after the customer's order; late money of an attempt given up is a repayment of its own."""
    if debit.next_id is None:
        return debit.order_id
    return derived_id("late money", debit.id, bucket=debit.bucket)


class Begun(NamedTuple):
    """The debit of a repayment that was asked for, and whether it was begun just now and is to be sent."""

    debit: Debit
    is_new: bool


async def begin_repayments(
    tx: Tx, now: Moment, asked: Sequence[AskedFor], chooser: Chooser | None
) -> list[Begun | Refusal]:
    """Check what customers ask to pay against what they owe, and write down the debits, named after the requests' keys.

    Each line comes once. Lines are locked, so that two requests at once cannot both take what is owed.
    Refuses: NothingOwed, RepaymentExceedsOwed, DebitAlreadyRunning, DebitDiffers, FundingSourceUnknown,
    FundingSourceUnbound, NoChannelUsable, item by item.
    """
    lines = [each.line_id for each in asked]
    assert len(set(lines)) == len(lines), "a line's repayments come one after the other"
    await ledger.lock_lines(tx, lines)
    ids = [debit_id_of(each) for each in asked]
    known = await payments.debits(tx, ids)
    settling = await payoff.remembered(tx, list(known)) if known else {}
    fresh = {debit_id: each for debit_id, each in zip(ids, asked, strict=True) if debit_id not in known}
    owed = await _owed(tx, now, fresh)
    refused = {debit_id: why for debit_id, each in fresh.items() if (why := _why_not(each, owed)) is not None}
    orders = [_new_debit(debit_id, each) for debit_id, each in fresh.items() if debit_id not in refused]
    begun = await payments.begin_debits(tx, now, orders, chooser)
    refused |= {each.order.debit_id: each.refusal for each in begun.refused}
    new = {debit.id: debit for debit in begun.debits}
    outcomes: list[Begun | Refusal] = []
    for debit_id, each in zip(ids, asked, strict=True):
        before = known.get(debit_id)
        if before is None:
            outcomes.append(refused[debit_id] if debit_id in refused else Begun(new[debit_id], is_new=True))
            continue
        names = _differing(each, before)
        if debit_id in settling:
            names.append("operation")
        outcomes.append(_differs(names) if names else Begun(before, is_new=False))
    return outcomes


def _differing(asked: AskedFor | PayoffAskedFor, before: Debit) -> list[str]:
    """Name what is other about a request than about the debit its key stands for."""
    pairs = {
        "funding_source": (asked.funding_source_id, before.funding_source_id),
        "amount_minor": (asked.amount_minor, before.amount_minor),
    }
    return [name for name, (said, stored) in pairs.items() if said != stored]


def _differs(names: Sequence[str]) -> DebitDiffers:
    return DebitDiffers(f"this key came before with another {', '.join(names)}")


async def _owed(tx: Tx, now: Moment, fresh: Mapping[UUID, AskedFor]) -> Counter[UUID]:
    """Find what lines owe, penalties through yesterday included."""
    owed: Counter[UUID] = Counter()
    if fresh:
        lines = [each.line_id for each in fresh.values()]
        # A cause of its own: the debit's id is that of the accrual when its money is booked, perhaps in another set.
        await lending.bring_up_to_date(tx, now, lines, cause=derived_id("asked", next(iter(fresh))))
        for part in await daily.open_instalments(tx, lines):
            owed[part.line_id] += part.open_minor
    return owed


def _why_not(asked: AskedFor, owed: Mapping[UUID, int]) -> Refusal | None:
    owed_minor = owed.get(asked.line_id, 0)
    if owed_minor == 0:
        return NothingOwed()
    if not 0 < asked.amount_minor <= min(owed_minor, AMOUNT_MAX_MINOR):
        return RepaymentExceedsOwed(pointer="/amount_minor", owed_minor=owed_minor)
    return None


def _new_debit(debit_id: UUID, asked: AskedFor | PayoffAskedFor) -> NewDebit:
    return NewDebit(
        line_id=asked.line_id,
        customer_id=asked.customer_id,
        funding_source_id=asked.funding_source_id,
        amount_minor=asked.amount_minor,
        currency=asked.currency,
        purpose=DebitPurpose.REPAYMENT,
        debit_id=debit_id,
    )


def debit_id_of(asked: AskedFor | PayoffAskedFor) -> UUID:
    """Name the debit that a request stands for, whether or not it has begun."""
    return derived_id("repayment", asked.customer_id, asked.key, bucket=bucket_of(asked.customer_id))


class PayoffAskedFor(NamedTuple):
    """A customer who wants to settle a loan, or without one the whole line, for the amount that was quoted."""

    line_id: UUID
    customer_id: UUID
    funding_source_id: UUID
    loan_id: UUID | None
    amount_minor: int
    currency: str
    key: str


async def pay_off(db: Database, channels: jobs.Channels, moments: MomentSource, asked: PayoffAskedFor) -> Debit:
    """Debit what settles a loan or a line. What is to be settled is written with the debit and outlives any answer.

    Refuses: PayoffQuoteChanged, LoanUnknown, LoanNotActive, NothingOwed, DebitAlreadyRunning, DebitDiffers,
    FundingSourceUnknown, FundingSourceUnbound.
    """
    debit_id = debit_id_of(asked)
    order = _new_debit(debit_id, asked)

    async def begin(tx: Tx) -> Debit | None:
        try:
            known = await payments.debit(tx, debit_id)
        except DebitUnknown:
            await _begin_payoff(tx, await moments(tx), asked, order, jobs.chooser_of(channels))
            return None
        settling = await payoff.remembered(tx, [debit_id])
        names = _differing(asked, known)
        if settling.get(debit_id, debit_id) != asked.loan_id:
            names.append("operation")
        if names:
            raise _differs(names)
        return known

    known = await db.retrying(begin)
    if known is not None:
        return known
    await jobs.run_debits(db, channels, moments, [order], book_debits)
    async with db.begin() as tx:
        return await payments.debit(tx, debit_id)


async def _begin_payoff(tx: Tx, now: Moment, asked: PayoffAskedFor, order: NewDebit, chooser: Chooser | None) -> None:
    await ledger.lock_lines(tx, [asked.line_id])
    quote = await payoff.quote_payoff(tx, now, asked.line_id, loan_id=asked.loan_id, cause=order.debit_id)
    if asked.amount_minor != quote.total_minor:
        raise PayoffQuoteChanged(pointer="/amount_minor", total_minor=quote.total_minor)
    begun = await payments.begin_debits(tx, now, [order], chooser)
    if begun.refused:
        raise begun.refused[0].refusal
    await payoff.remember(tx, order.debit_id, quote)


async def use_credit_balances(tx: Tx, now: Moment) -> int:
    """Put credit balances against what is billed; once a line and day. Answers how many lines."""
    lines = await _still_with_credit(tx, await daily.lines_with_credit(tx, 0, BUCKETS - 1))
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


async def _still_with_credit(tx: Tx, lines: Sequence[DueLine]) -> list[DueLine]:
    """Look again under lock: the list is that of the last close, and a balance may have gone back since."""
    await ledger.lock_lines(tx, [line.line_id for line in lines])
    found = []
    for line in lines:
        owned = -await ledger.owner_balance(tx, Account.CREDIT_BALANCE, line.line_id)
        if owned > 0:
            found.append(replace(line, amount_minor=min(line.amount_minor, owned)))
    return found


async def pay_refund_elsewhere(tx: Tx, now: Moment, failed: Payout, source_id: UUID) -> Payout:
    """Pay what no bank took to another account of the same customer.

    Refuses: PayoutUnknown, PayoutNotFailed, FundingSourceUnknown, FundingSourceUnbound.
    """
    source = await payments.source(tx, customer_id=failed.beneficiary_id, source_id=source_id)
    if source.status is SourceStatus.UNBOUND:
        raise FundingSourceUnbound
    return await payments.retry_refund(tx, now, failed.id, channel=source.channel, agreement=source.agreement)


async def refund_credit(tx: Tx, now: Moment, paid: CreditPayout) -> Payout:
    """Send a credit balance, or part of it, to an account of the customer; the payout carries its id.

    Refuses: CreditBalanceExceeded, FundingSourceUnknown, FundingSourceUnbound.
    """
    source = await payments.source(tx, customer_id=paid.customer_id, source_id=paid.funding_source_id)
    if source.status is SourceStatus.UNBOUND:
        raise FundingSourceUnbound
    await crediting.pay_out_credit(tx, now, paid)
    order = NewPayout(
        payout_id=paid.id,
        customer_id=paid.customer_id,
        source_id=paid.id,
        channel=source.channel,
        agreement=source.agreement,
        currency=paid.currency,
        amount_minor=paid.amount_minor,
        due_on=now.today,
    )
    return await payments.begin_payout(tx, now, order)
