"""What a bank tells unasked takes the same path as what it answers."""

from __future__ import annotations

from tiao.payments.actions.debits import OnSucceeded, apply_debit_answers
from tiao.payments.actions.payouts import record_payout_answers
from tiao.payments.model import Notice, NoticeSubject, RecordedDebits, RecordedPayouts
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def receive_notice(
    tx: Tx, now: Moment, notice: Notice, on_succeeded: OnSucceeded
) -> RecordedDebits | RecordedPayouts:
    """Record a notice whose signature was checked (providers.http_bank.read_notice); duplicates are harmless."""
    match notice.subject:
        case NoticeSubject.DEBIT:
            return await apply_debit_answers(tx, now, [(notice.id, notice.answer)], on_succeeded)
        case NoticeSubject.PAYOUT:
            return await record_payout_answers(tx, now, [(notice.id, notice.answer)])
