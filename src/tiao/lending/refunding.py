"""Give a refund on a purchase: off the plan from its last instalment, the surplus to what else is owed or back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tiao.ledger import actions as ledger
from tiao.lending import actions, archive, postings, refunds, replaying, store
from tiao.lending.life import recovered_by_refund
from tiao.lending.model import BillingMode
from tiao.lending.postings import RefundedPart
from tiao.lending.records import (
    InstalmentChange,
    Loan,
    LoanInstalment,
    LoanKind,
    Receipt,
    ReceiptKind,
    Refund,
    RefundRequest,
    ReturnToSource,
)
from tiao.lending.refunds import PlanRefund, RefundableInstalment, RefundablePurchase, RefundPolicy
from tiao.lending.refusals import LoanArrangedAnew
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of, derived_id
from tiao.values.moment import Moment


class Refunded(NamedTuple):
    """A refund done: what it was, and what goes back along which repayments."""

    refund: Refund
    returns: list[ReturnToSource]


async def refund(
    tx: Tx, now: Moment, request: RefundRequest, *, refunded_before_minor: int, policy: RefundPolicy
) -> Refunded:
    """Take a refund off the plans of a purchase; the caller has locked the line and checked the amount.

    What exceeds the open principal of the purchase pays the hardship plan that its debt was put into and, for lines
    billed by statement, what the line owes otherwise; the rest goes back along the repayments, latest first. What finds
    no repayment stays as a credit balance.

    Refuses: LoanArrangedAnew: rows of a loan arranged anew do not say which goods they are for, so that neither their
    principal nor their fees could fall by the rule.
    """
    late = await archive.overtaken(tx, {request.line_id: request.effective_on})
    await actions.bring_up_to_date(tx, now, [request.line_id], cause=request.id)
    loans = sorted(await store.read_loans_of_purchase(tx, request.purchase_id), key=lambda loan: loan.id)
    replacing = await archive.loans_in_place_of(tx, request.line_id, [loan.id for loan in loans])
    await _check_not_arranged_anew(tx, replacing)
    parts = await store.read_instalments(tx, [loan.id for loan in loans])
    purchase = _as_refundable(loans, parts, refunded_before_minor, request.effective_on)
    effect = refunds.refund_plan(purchase, request.amount_minor, policy)
    changes, booked = _effect_on_instalments(parts, effect)
    recovered = await _recovered(tx, request, parts, effect.returned_minor)
    returned = effect.returned_minor - recovered

    result = Refund(
        bucket=bucket_of(request.id),
        id=request.id,
        purchase_id=request.purchase_id,
        line_id=request.line_id,
        customer_id=request.customer_id,
        merchant_id=request.merchant_id,
        currency=request.currency,
        amount_minor=request.amount_minor,
        offset_principal_minor=effect.limit_restored_minor,
        returned_minor=returned,
        recovered_minor=recovered,
        # What came off the parts: a fee that was charged by hand, or waived, is not in the rule's figure.
        fee_cancelled_minor=sum(change.fee_cancelled_minor for change in changes),
        subsidy_cancelled_minor=effect.subsidy_reversed_minor,
        reference=request.reference,
        effective_on=request.effective_on,
        recorded_at=now.at,
    )
    await store.change_instalments(tx, [(change, request.effective_on) for change in changes])
    await store.settle(tx, loan_ids=[loan.id for loan in loans], line_ids=[request.line_id], on=now.today)
    await ledger.post(
        tx,
        [postings.refund_given(request, booked, returned, recovered)],
        booked_on=now.today,
        recorded_at=now.at,
    )
    # The refund is recorded before what its surplus pays: the order in which a line is lived again.
    await store.insert_refund(tx, result, changes)
    by_statement = all(loan.mode == BillingMode.STATEMENT.value for loan in loans)
    used = await _pay_what_is_owed(tx, now, request, returned, of=None if by_statement else replacing)
    returns = await _send_back(
        tx, now, request, returned - used, loans=None if by_statement else [loan.id for loan in (*loans, *replacing)]
    )
    await store.return_repayments(tx, result.bucket, returns)
    await replaying.catch_up(tx, now, [(line_id, request.id, request.currency) for line_id in late])
    return Refunded(result, returns)


async def _recovered(tx: Tx, request: RefundRequest, parts: Sequence[LoanInstalment], surplus_minor: int) -> int:
    """Find what of a surplus makes a loss good: principal written off that the customer has not paid since."""
    lost = sum(part.principal_written_off_minor for part in parts)
    if lost == 0:
        return 0
    before = sum(one.recovered_minor for one in await store.read_refunds_of_purchase(tx, request.purchase_id))
    unrecovered = (await store.read_unrecovered(tx, [request.line_id])).get(request.line_id, 0)
    return recovered_by_refund(surplus_minor, lost - before, unrecovered)


def _as_refundable(
    loans: Sequence[Loan], parts: Sequence[LoanInstalment], refunded_before_minor: int, day: date
) -> RefundablePurchase:
    return RefundablePurchase(
        captured_minor=sum(loan.principal_minor for loan in loans),
        instalments=tuple(
            RefundableInstalment(
                principal_minor=part.principal_minor,
                fee_minor=part.fee_minor,
                # A written-off part is no longer open either: its refund makes the loss good.
                principal_paid_minor=part.principal_paid_minor + part.principal_written_off_minor,
                fee_paid_minor=part.fee_paid_minor + part.fee_written_off_minor,
                principal_refunded_minor=part.principal_refunded_minor,
                loan_id=part.loan_id,
                interest=refunds.interest_of(part.as_bearing, day),
            )
            for part in parts
        ),
        refunded_minor=refunded_before_minor,
        subsidy_minor=sum(loan.subsidy_minor for loan in loans),
        subsidy_reversed_minor=sum(part.subsidy_cancelled_minor for part in parts),
    )


def _effect_on_instalments(
    parts: Sequence[LoanInstalment], effect: PlanRefund
) -> tuple[list[InstalmentChange], list[RefundedPart]]:
    changes: list[InstalmentChange] = []
    booked: list[RefundedPart] = []
    subsidy_left = effect.subsidy_reversed_minor
    rows = list(zip(parts, effect.offset_minor, effect.open_after, strict=True))
    for part, principal, after in reversed(rows):
        # The fee that falls away is what was open before less what stays open; a waived one has fallen already.
        fee = max(0, part.fee_open_minor - after.fee_minor)
        subsidy = min(subsidy_left, part.subsidy_minor - part.subsidy_cancelled_minor)
        subsidy_left -= subsidy
        if principal or fee or subsidy:
            changes.append(
                InstalmentChange(
                    part.key,
                    principal_refunded_minor=principal,
                    fee_cancelled_minor=fee,
                    subsidy_cancelled_minor=subsidy,
                )
            )
            booked.append(RefundedPart(part.loan_id, principal, fee, subsidy, part.is_billed, part.cost_kind))
    assert subsidy_left == 0, "a purchase gives back no more subsidy than it had"
    return changes, booked


async def _check_not_arranged_anew(tx: Tx, replacing: Sequence[Loan]) -> None:
    anew = [loan.id for loan in replacing if loan.kind == LoanKind.RESCHEDULED]
    if anew and any(part.principal_open_minor for part in await store.read_instalments(tx, anew)):
        raise LoanArrangedAnew


async def _pay_what_is_owed(
    tx: Tx, now: Moment, request: RefundRequest, surplus_minor: int, *, of: Sequence[Loan] | None
) -> int:
    """Put a surplus against what the line, or certain loans, owe: billed parts, and those free to be paid early."""
    if of is not None and not of:
        return 0
    only = None if of is None else {loan.id for loan in of}
    found = await store.read_open_instalments(tx, [request.line_id])
    loans = await store.read_loans(tx, sorted({part.loan_id for part in found})) if found else []
    refinanced = {loan.id for loan in loans if loan.kind != LoanKind.PURCHASE}

    def may_be_paid(part: LoanInstalment) -> bool:
        """Accept what is billed, what costs nothing to pay early, and plans that carry debt of returned goods."""
        if only is not None:
            return part.loan_id in only
        return part.is_billed or part.fee_open_minor == 0 or part.loan_id in refinanced

    owed = [part for part in found if may_be_paid(part)]
    # Interest of days to come is not owed yet: it falls away with the principal that is paid early.
    amount = min(surplus_minor, sum(part.as_open(request.effective_on).total_minor for part in owed))
    if amount == 0:
        return 0
    receipt = Receipt(
        id=derived_id("refund_surplus", request.id, bucket=bucket_of(request.id)),
        line_id=request.line_id,
        customer_id=request.customer_id,
        kind=ReceiptKind.REFUND,
        currency=request.currency,
        amount_minor=amount,
        effective_on=request.effective_on,
    )
    applied = await actions.repay(tx, now, [receipt], eligible=may_be_paid)
    assert applied[0].overpaid_minor == 0, "no more was put in than is owed"
    return amount


async def _send_back(
    tx: Tx, now: Moment, request: RefundRequest, amount_minor: int, *, loans: Sequence[UUID] | None
) -> list[ReturnToSource]:
    if amount_minor == 0:
        return []
    paid = await store.read_returnable_repayments(tx, request.line_id, loans)
    sources = {str(one.id): one for one in paid}
    returned, credit_minor = refunds.return_to_sources(
        amount_minor,
        [refunds.Repayment(source, one.amount_minor, one.returned_minor) for source, one in sources.items()],
    )
    if credit_minor:
        posting = postings.refund_kept_as_credit(request, credit_minor)
        await ledger.post(tx, [posting], booked_on=now.today, recorded_at=now.at)
    return [
        ReturnToSource(sources[back.source].id, sources[back.source].funding_source_id, back.minor) for back in returned
    ]
