"""What disputes mean in the ledger. Purchases and refunds are lending's."""

from __future__ import annotations

from datetime import date

from tiao.checkout.disputes.model import Dispute
from tiao.ledger.model import Account, Posting, credit, debit
from tiao.values.ids import derived_id


def dispute_held(dispute: Dispute, effective_on: date) -> Posting:
    """Book that a merchant is not paid what is in dispute until it is decided.

    Dr  merchant payable       amount in dispute
    Cr  merchant money held    amount in dispute
    """
    return Posting(
        bucket=dispute.bucket,
        id=derived_id("dispute_held", dispute.id, bucket=dispute.bucket),
        kind="dispute_held",
        source_id=dispute.id,
        currency=dispute.currency,
        effective_on=effective_on,
        entries=(
            debit(Account.MERCHANT_PAYABLE, dispute.merchant_id, dispute.held_minor),
            credit(Account.MERCHANT_HELD, dispute.merchant_id, dispute.held_minor),
        ),
    )


def dispute_released(dispute: Dispute, effective_on: date) -> Posting:
    """Book that a dispute is over: the merchant has its money again; what the customer gets back is a refund.

    Dr  merchant money held    amount in dispute
    Cr  merchant payable       amount in dispute
    """
    return Posting(
        bucket=dispute.bucket,
        id=derived_id("dispute_released", dispute.id, bucket=dispute.bucket),
        kind="dispute_released",
        source_id=dispute.id,
        currency=dispute.currency,
        effective_on=effective_on,
        entries=(
            debit(Account.MERCHANT_HELD, dispute.merchant_id, dispute.held_minor),
            credit(Account.MERCHANT_PAYABLE, dispute.merchant_id, dispute.held_minor),
        ),
    )
