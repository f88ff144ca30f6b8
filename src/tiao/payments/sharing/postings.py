"""What sharing means in the ledger. Merchants are settled for whatever moves their payable."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tiao.ledger.model import Account, Entry, Posting, credit, debit
from tiao.payments.model import MERCHANT_BUCKET
from tiao.payments.sharing.model import Part, Pool, Share
from tiao.payments.sharing.rules import Given, merged
from tiao.values.ids import derived_id


def kept_for_sharing(pool: Pool, amount_minor: int, cause: str, effective_on: date) -> Posting:
    """Book that what a merchant gets of a payment waits to be shared: it is not paid out to the merchant.

    Dr  merchant payable              amount
    Cr  merchant money to share       amount
    """
    entries = (
        debit(Account.MERCHANT_PAYABLE, pool.merchant_id, amount_minor),
        credit(Account.MERCHANT_TO_SHARE, pool.merchant_id, amount_minor),
    )
    return _posting("kept_for_sharing", pool.source_id, cause, pool.currency, effective_on, entries)


def released_from_sharing(pool: Pool, amount_minor: int, cause: str, effective_on: date) -> Posting:
    """Book that what waited to be shared is the merchant's own.

    Dr  merchant money to share       amount
    Cr  merchant payable              amount
    """
    entries = (
        debit(Account.MERCHANT_TO_SHARE, pool.merchant_id, amount_minor),
        credit(Account.MERCHANT_PAYABLE, pool.merchant_id, amount_minor),
    )
    return _posting("released_from_sharing", pool.source_id, cause, pool.currency, effective_on, entries)


def share_given(pool: Pool, share: Share, parts: tuple[Part, ...], taken: Given, effective_on: date) -> Posting:
    """Book a share: each receiver is owed its part, to be paid with its own settlement.

    Dr  merchant money to share       what was kept
    Dr  merchant payable              the rest
    Cr  merchant payable (receiver)   its part, for each receiver
    """
    entries = (
        debit(Account.MERCHANT_TO_SHARE, pool.merchant_id, taken.from_kept_minor),
        debit(Account.MERCHANT_PAYABLE, pool.merchant_id, taken.from_payable_minor),
        *(credit(Account.MERCHANT_PAYABLE, receiver, amount) for receiver, amount in merged(parts).items()),
    )
    return _posting("share_given", share.id, share.number, pool.currency, effective_on, entries)


def share_returned(pool: Pool, return_id: UUID, *, receiver_id: UUID, amount_minor: int, effective_on: date) -> Posting:
    """Book that a receiver gives back: its next settlement is less by it.

    Dr  merchant payable (receiver)   amount
    Cr  merchant payable              amount
    """
    entries = (
        debit(Account.MERCHANT_PAYABLE, receiver_id, amount_minor),
        credit(Account.MERCHANT_PAYABLE, pool.merchant_id, amount_minor),
    )
    return _posting("share_returned", return_id, return_id.hex, pool.currency, effective_on, entries)


def _posting(
    kind: str, source_id: UUID, cause: str, currency: str, effective_on: date, entries: tuple[Entry, ...]
) -> Posting:
    return Posting(
        bucket=MERCHANT_BUCKET,
        id=derived_id(kind, source_id, cause, bucket=MERCHANT_BUCKET),
        kind=kind,
        source_id=source_id,
        currency=currency,
        effective_on=effective_on,
        entries=tuple(each for each in entries if each.amount_minor),
    )
