"""What lending means in the books: one recipe for each business event, pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tiao.ledger.model import HOUSE, Account, Entry, Posting, credit, debit
from tiao.lending.model import AllocatedPart, CostKind
from tiao.lending.records import NewLoan, Receipt, ReceiptKind, RefundRequest
from tiao.values.ids import bucket_of, derived_id

#: Where what a loan costs is booked: owed, and earned.
RECEIVABLE = {CostKind.FEE: Account.RECEIVABLE_FEE, CostKind.INTEREST: Account.RECEIVABLE_INTEREST}
INCOME = {CostKind.FEE: Account.FEE_INCOME, CostKind.INTEREST: Account.INTEREST_INCOME}


class EarlyBilled(NamedTuple):
    """What falls due of an instalment before its statement: fee or interest, and subsidy.

    *minor* is negative for interest that was billed and falls away.
    """

    loan_id: UUID
    cost_kind: CostKind
    minor: int
    subsidy_minor: int


def purchase_captured(loan: NewLoan) -> Posting:
    """Book a delivery: the customer owes the price, we owe the merchant the price less what it bears.

    Dr  consumer receivable, principal (loan)   price
    Cr  merchant payable                        price - discount - subsidy
    Cr  merchant discount income                discount
    Cr  merchant subsidy, unearned (loan)       subsidy
    """
    assert loan.merchant_id is not None, "a purchase has a merchant"
    price, discount, subsidy = loan.plan.principal_minor, loan.discount_minor, loan.plan.subsidy_minor
    return Posting(
        bucket=bucket_of(loan.id),
        id=loan.id,
        kind="purchase_captured",
        source_id=loan.id,
        currency=loan.currency,
        effective_on=loan.taken_on,
        line_id=loan.line_id,
        held_delta_minor=-loan.released_hold_minor,
        entries=(
            debit(Account.RECEIVABLE_PRINCIPAL, loan.id, price),
            Entry(Account.MERCHANT_PAYABLE, loan.merchant_id, discount + subsidy - price),
            credit(Account.DISCOUNT_INCOME, HOUSE, discount),
            credit(Account.SUBSIDY_UNEARNED, loan.id, subsidy),
        ),
    )


def refinanced_loan_id(repayment_id: UUID) -> UUID:
    """Name the loan that a refinancing repayment comes from."""
    return derived_id("refinanced", repayment_id, bucket=bucket_of(repayment_id))


def billed_early(cause_id: UUID, currency: str, fees: Sequence[EarlyBilled], effective_on: date) -> Posting | None:
    """Book fee or interest and subsidy of instalments paid, or written off, before the close has billed them.

    Dr  consumer receivable, fees or interest (loan)    fee or interest
    Cr  instalment fee or interest income               the same
    Dr  merchant subsidy, unearned (loan)       subsidy
    Cr  merchant subsidy income                 subsidy
    """
    entries = [Entry(RECEIVABLE[each.cost_kind], each.loan_id, each.minor) for each in fees if each.minor]
    entries += [debit(Account.SUBSIDY_UNEARNED, each.loan_id, each.subsidy_minor) for each in fees]
    entries += [
        Entry(INCOME[kind], HOUSE, -sum(each.minor for each in fees if each.cost_kind is kind)) for kind in CostKind
    ]
    entries.append(credit(Account.SUBSIDY_INCOME, HOUSE, sum(each.subsidy_minor for each in fees)))
    if not any(entry.amount_minor for entry in entries):
        return None
    return Posting(
        bucket=bucket_of(cause_id),
        id=derived_id("billed_early", cause_id),
        kind="instalment_billed",
        source_id=cause_id,
        currency=currency,
        effective_on=effective_on,
        entries=tuple(entries),
    )


def repayment_received(
    receipt: Receipt, parts: Iterable[AllocatedPart], overpaid_minor: int, recovered_minor: int = 0
) -> Posting:
    """Book money from the customer against what is owed, then what was given up; what is too much stays theirs.

    Dr  cash at bank                                        amount
        (or customer credit balance (line), refunds to pay out (customer), goodwill given, or the principal of the loan
        that refinances: wherever the money comes from)
    Cr  consumer receivable, penalties (loan)               penalty part
    Cr  consumer receivable, fees or interest (loan)        fee or interest part
    Cr  consumer receivable, principal (loan)               principal part
    Cr  recovery income                                     recovered, of what was written off
    Cr  customer credit balance (line)                      overpaid
    """
    match receipt.kind:
        case ReceiptKind.CREDIT_BALANCE:
            source = debit(Account.CREDIT_BALANCE, receipt.line_id, receipt.amount_minor)
        case ReceiptKind.REFUND:
            source = debit(Account.REFUND_PAYABLE, receipt.customer_id, receipt.amount_minor)
        case ReceiptKind.REFINANCING:
            source = debit(Account.RECEIVABLE_PRINCIPAL, refinanced_loan_id(receipt.id), receipt.amount_minor)
        case ReceiptKind.GOODWILL:
            source = debit(Account.GOODWILL, HOUSE, receipt.amount_minor)
        case _:
            source = debit(Account.CASH, HOUSE, receipt.amount_minor)
    owed: dict[tuple[Account, UUID], int] = {}
    for part in parts:
        loan_id = part.instalment_id.loan_id
        for account, amount in (
            (Account.RECEIVABLE_PENALTY, part.penalty_minor),
            (Account.RECEIVABLE_FEE, part.fee_minor),
            (Account.RECEIVABLE_INTEREST, part.interest_minor),
            (Account.RECEIVABLE_PRINCIPAL, part.principal_minor),
        ):
            if amount:
                owed[account, loan_id] = owed.get((account, loan_id), 0) + amount
    return Posting(
        bucket=bucket_of(receipt.line_id),
        id=receipt.id,
        kind="repayment_received",
        source_id=receipt.id,
        currency=receipt.currency,
        effective_on=receipt.effective_on,
        line_id=receipt.line_id,
        entries=(
            source,
            *(credit(account, loan_id, amount) for (account, loan_id), amount in owed.items()),
            credit(Account.RECOVERY_INCOME, HOUSE, recovered_minor),
            credit(Account.CREDIT_BALANCE, receipt.line_id, overpaid_minor),
        ),
    )


def interest_since_statement(
    loan_id: UUID, *, line_id: UUID, currency: str, effective_on: date, interest_minor: int
) -> Posting:
    """Book interest on a balance carried on once more, for the days from its statement to the due date.

    Dr  consumer receivable, interest (loan)    interest
    Cr  interest income                         interest
    """
    return Posting(
        bucket=bucket_of(loan_id),
        id=derived_id("interest_since_statement", loan_id, bucket=bucket_of(loan_id)),
        kind="interest_accrued",
        source_id=loan_id,
        currency=currency,
        effective_on=effective_on,
        line_id=line_id,
        entries=(
            debit(Account.RECEIVABLE_INTEREST, loan_id, interest_minor),
            credit(Account.INTEREST_INCOME, HOUSE, interest_minor),
        ),
    )


class RefundedPart(NamedTuple):
    """What a refund does to one instalment in the books; whether it was billed decides the accounts."""

    loan_id: UUID
    principal_minor: int
    fee_minor: int
    subsidy_minor: int
    is_billed: bool
    cost_kind: CostKind


def refund_given(
    request: RefundRequest, parts: Sequence[RefundedPart], returned_minor: int, recovered_minor: int = 0
) -> Posting:
    """Book goods returned: the merchant owes the price back, the plan shrinks, what was paid goes back.

    The merchant's discount is kept (policy `mdr.returned_on_refund`), its subsidy falls in proportion.
    Dr  merchant payable                        refund
    Cr  consumer receivable, principal (loan)   offset
    Cr  refunds to pay out (customer)           returned
    Cr  recovery income                         recovered, of principal that was written off
    Dr  instalment fee or interest income       what of it is cancelled, if billed (else it was never booked)
    Cr  consumer receivable, fees or interest   the same (loan)
    Dr  merchant subsidy, unearned (loan)       subsidy cancelled, or its income if billed
    Cr  merchant payable                        the same
    """
    entries = [debit(Account.MERCHANT_PAYABLE, request.merchant_id, request.amount_minor)]
    for part in parts:
        fee = part.fee_minor if part.is_billed else 0
        entries += [
            credit(Account.RECEIVABLE_PRINCIPAL, part.loan_id, part.principal_minor),
            debit(INCOME[part.cost_kind], HOUSE, fee),
            credit(RECEIVABLE[part.cost_kind], part.loan_id, fee),
            debit(Account.SUBSIDY_INCOME, HOUSE, part.subsidy_minor)
            if part.is_billed
            else debit(Account.SUBSIDY_UNEARNED, part.loan_id, part.subsidy_minor),
            credit(Account.MERCHANT_PAYABLE, request.merchant_id, part.subsidy_minor),
        ]
    entries.append(credit(Account.REFUND_PAYABLE, request.customer_id, returned_minor))
    entries.append(credit(Account.RECOVERY_INCOME, HOUSE, recovered_minor))
    return Posting(
        bucket=bucket_of(request.id),
        id=request.id,
        kind="refund_given",
        source_id=request.id,
        currency=request.currency,
        effective_on=request.effective_on,
        line_id=request.line_id,
        entries=tuple(entries),
    )


def refund_kept_as_credit(request: RefundRequest, amount_minor: int) -> Posting:
    """Book refunded money that found no source to go back to: it stays the customer's credit balance.

    Dr  refunds to pay out (customer)       amount
    Cr  customer credit balance (line)      amount
    """
    return Posting(
        bucket=bucket_of(request.id),
        id=derived_id("refund_kept_as_credit", request.id),
        kind="refund_kept_as_credit",
        source_id=request.id,
        currency=request.currency,
        effective_on=request.effective_on,
        entries=(
            debit(Account.REFUND_PAYABLE, request.customer_id, amount_minor),
            credit(Account.CREDIT_BALANCE, request.line_id, amount_minor),
        ),
    )


def credit_paid_out(
    payout_id: UUID, *, line_id: UUID, customer_id: UUID, currency: str, amount_minor: int, effective_on: date
) -> Posting:
    """Book that a credit balance goes back to the customer: it is owed as a refund is, until the payout is begun.

    Dr  customer credit balance (line)      amount
    Cr  refunds to pay out (customer)       amount
    """
    bucket = bucket_of(payout_id)
    return Posting(
        bucket=bucket,
        id=derived_id("credit_paid_out", payout_id, bucket=bucket),
        kind="credit_paid_out",
        source_id=payout_id,
        currency=currency,
        effective_on=effective_on,
        entries=(
            debit(Account.CREDIT_BALANCE, line_id, amount_minor),
            credit(Account.REFUND_PAYABLE, customer_id, amount_minor),
        ),
    )


def loan_written_off(  # noqa: PLR0913  each figure is one line of the recipe
    posting_id: UUID,
    *,
    loan_id: UUID,
    line_id: UUID,
    currency: str,
    effective_on: date,
    principal_minor: int,
    fee_minor: int,
    penalty_minor: int,
    subsidy_minor: int,
    cost_kind: CostKind = CostKind.FEE,
) -> Posting:
    """Book a loss: what is owed is not expected any more. The debt itself lives on and may still be recovered.

    Dr  credit losses                           principal + fee + penalty
    Cr  consumer receivable, principal (loan)   principal
    Cr  consumer receivable, fees or interest   what of it is billed (loan)
    Cr  consumer receivable, penalties (loan)   penalty
    Dr  merchant subsidy, unearned (loan)       subsidy
    Cr  merchant subsidy income                 subsidy
    """
    return Posting(
        bucket=bucket_of(loan_id),
        id=posting_id,
        kind="loan_written_off",
        source_id=posting_id,
        currency=currency,
        effective_on=effective_on,
        line_id=line_id,
        entries=(
            debit(Account.CREDIT_LOSS, HOUSE, principal_minor + fee_minor + penalty_minor),
            credit(Account.RECEIVABLE_PRINCIPAL, loan_id, principal_minor),
            credit(RECEIVABLE[cost_kind], loan_id, fee_minor),
            credit(Account.RECEIVABLE_PENALTY, loan_id, penalty_minor),
            debit(Account.SUBSIDY_UNEARNED, loan_id, subsidy_minor),
            credit(Account.SUBSIDY_INCOME, HOUSE, subsidy_minor),
        ),
    )
