"""What payments mean in the ledger. Repayments are booked by lending, settlements by payments_settle."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tiao.ledger.model import HOUSE, Account, Entry, Posting, credit, debit
from tiao.payments.model import MERCHANT_BUCKET, NewPayout, Payout, PayoutKind
from tiao.values.ids import bucket_of, derived_id
from tiao.values.money import Money


def owner_funding(funding_id: UUID, amount: Money, effective_on: date) -> Posting:
    """Book that the owner puts money in.

    Dr  cash at bank           amount
    Cr  owner funding          amount
    """
    entries = (debit(Account.CASH, HOUSE, amount.minor), credit(Account.OWNER_FUNDING, HOUSE, amount.minor))
    return Posting(
        bucket=MERCHANT_BUCKET,
        id=funding_id,
        kind="owner_funded",
        source_id=funding_id,
        currency=amount.currency,
        effective_on=effective_on,
        entries=entries,
    )


def refund_payout_begun(order: NewPayout, effective_on: date) -> Posting:
    """Book that what a customer is owed is on its way out.

    Dr  refunds to pay out     amount
    Cr  payouts in transit     amount
    """
    bucket = bucket_of(order.payout_id)
    return Posting(
        bucket=bucket,
        id=derived_id("refund_payout_begun", order.payout_id, bucket=bucket),
        kind="refund_payout_begun",
        source_id=order.source_id,
        currency=order.currency,
        effective_on=effective_on,
        entries=(
            debit(Account.REFUND_PAYABLE, order.customer_id, order.amount_minor),
            credit(Account.PAYOUT_IN_TRANSIT, HOUSE, order.amount_minor),
        ),
    )


def payout_succeeded(payout: Payout, effective_on: date) -> Posting:
    """Book that the bank has paid out.

    Dr  payouts in transit     amount
    Cr  cash at bank           amount
    """
    return _of_payout(
        payout,
        "payout_succeeded",
        effective_on,
        debit(Account.PAYOUT_IN_TRANSIT, HOUSE, payout.amount_minor),
        credit(Account.CASH, HOUSE, payout.amount_minor),
    )


def payout_returned(payout: Payout, effective_on: date) -> Posting:
    """Book that the bank did not pay out: the money is owed again, a merchant's in the next settlement.

    Dr  payouts in transit     amount
    Cr  merchant payable       amount     of a settlement
    Cr  refunds to pay out     amount     of a refund
    """
    owed = Account.MERCHANT_PAYABLE if payout.kind is PayoutKind.SETTLEMENT else Account.REFUND_PAYABLE
    return _of_payout(
        payout,
        "payout_returned",
        effective_on,
        debit(Account.PAYOUT_IN_TRANSIT, HOUSE, payout.amount_minor),
        credit(owed, payout.beneficiary_id, payout.amount_minor),
    )


def settlement_withdrawn(
    withdrawal_id: UUID, merchant_id: UUID, amount_minor: int, *, currency: str, effective_on: date
) -> Posting:
    """Book that a merchant has what was carried on paid on demand.

    Dr  merchant payable       amount
    Cr  payouts in transit     amount
    """
    return Posting(
        bucket=MERCHANT_BUCKET,
        id=derived_id("settlement_withdrawn", withdrawal_id, bucket=MERCHANT_BUCKET),
        kind="settlement_withdrawn",
        source_id=withdrawal_id,
        currency=currency,
        effective_on=effective_on,
        entries=(
            debit(Account.MERCHANT_PAYABLE, merchant_id, amount_minor),
            credit(Account.PAYOUT_IN_TRANSIT, HOUSE, amount_minor),
        ),
    )


def merchant_adjusted(
    adjustment_id: UUID, merchant_id: UUID, amount_minor: int, *, currency: str, effective_on: date
) -> Posting:
    """Book what people decided a merchant gets; the other way round what it has to pay.

    Dr  merchant charges       amount
    Cr  merchant payable       amount
    """
    return Posting(
        bucket=MERCHANT_BUCKET,
        id=adjustment_id,
        kind="merchant_adjusted",
        source_id=adjustment_id,
        currency=currency,
        effective_on=effective_on,
        entries=(
            Entry(Account.MERCHANT_CHARGES, HOUSE, amount_minor),
            Entry(Account.MERCHANT_PAYABLE, merchant_id, -amount_minor),
        ),
    )


def _of_payout(payout: Payout, kind: str, effective_on: date, *entries: Entry) -> Posting:
    return Posting(
        bucket=payout.bucket,
        id=derived_id(kind, payout.id, bucket=payout.bucket),
        kind=kind,
        source_id=payout.source_id,
        currency=payout.currency,
        effective_on=effective_on,
        entries=entries,
    )
