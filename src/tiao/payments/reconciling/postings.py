"""What reconciling means in the ledger."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tiao.ledger.model import HOUSE, Account, Entry, Posting, credit, debit
from tiao.payments.model import MERCHANT_BUCKET
from tiao.payments.reconciling.model import Difference, Ending
from tiao.payments.reconciling.rules import cash_effect
from tiao.values.ids import derived_id


def channel_fees(cause: UUID, amount_minor: int, currency: str, effective_on: date) -> Posting:
    """Book what a channel took for a day, as its file tells; a negative amount gives back what was booked too much.

    Dr  channel fees           amount
    Cr  cash at bank           amount
    """
    sides = (Account.CHANNEL_FEES, Account.CASH)
    return _posting(cause, "channel_fees", cause, currency, effective_on, _moved(sides, amount_minor))


def difference_suspended(difference: Difference, currency: str, effective_on: date) -> Posting:
    """Book our cash as it is; the other side waits in suspense.

    Dr  cash at bank           more      when there is more than we booked
    Cr  suspense, payable      more
    Dr  suspense, receivable   less      when there is less
    Cr  cash at bank           less
    """
    effect = cash_effect(difference)
    return _of(difference, "difference_suspended", currency, effective_on, _moved(_suspense(effect), abs(effect)))


def difference_ended(difference: Difference, ending: Ending, currency: str, effective_on: date) -> Posting:
    """Book how a suspended difference ended.

    Dr  suspense, payable      more      of more money: the bank took it back (cash), or nobody claims it (differences)
    Cr  cash at bank, or settlement differences
    Dr  cash at bank, or settlement differences
    Cr  suspense, receivable   less      of less money: the bank made it good (cash), or it is lost (differences)
    """
    effect = cash_effect(difference)
    left, right = _suspense(effect)
    suspense = right if effect > 0 else left
    other = Account.CASH if ending is Ending.CORRECT else Account.SETTLEMENT_DIFFERENCES
    sides = (suspense, other) if effect > 0 else (other, suspense)
    return _of(difference, "difference_ended", currency, effective_on, _moved(sides, abs(effect)))


def _suspense(effect: int) -> tuple[Account, Account]:
    if effect > 0:
        return Account.CASH, Account.SUSPENSE_PAYABLE
    return Account.SUSPENSE_RECEIVABLE, Account.CASH


def _moved(sides: tuple[Account, Account], amount_minor: int) -> tuple[Entry, Entry]:
    first, second = sides if amount_minor >= 0 else sides[::-1]
    return debit(first, HOUSE, abs(amount_minor)), credit(second, HOUSE, abs(amount_minor))


def _of(difference: Difference, kind: str, currency: str, effective_on: date, entries: tuple[Entry, ...]) -> Posting:
    cause = derived_id(kind, difference.id, difference.changed_at.isoformat(), bucket=MERCHANT_BUCKET)
    return _posting(cause, kind, difference.id, currency, effective_on, entries)


def _posting(
    posting_id: UUID, kind: str, source_id: UUID, currency: str, effective_on: date, entries: tuple[Entry, ...]
) -> Posting:
    return Posting(
        bucket=MERCHANT_BUCKET,
        id=posting_id,
        kind=kind,
        source_id=source_id,
        currency=currency,
        effective_on=effective_on,
        entries=entries,
    )
