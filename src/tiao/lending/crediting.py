"""Giving a credit balance (溢缴款) back: a fact of the line, so that living it again keeps the balance right."""

from __future__ import annotations

from uuid import UUID

from tiao.ledger import actions as ledger
from tiao.ledger.model import Account
from tiao.lending import actions, archive, postings, store
from tiao.lending.archive import CreditPayout
from tiao.lending.refusals import CreditBalanceExceeded
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def payable_credit(tx: Tx, line_id: UUID) -> int:
    """Say how much of a line's credit balance may go back: what is billed and unpaid is set off first.

    Source: Civil Code 568: debts due between the same two are set off.
    """
    owned = -await ledger.owner_balance(tx, Account.CREDIT_BALANCE, line_id)
    billed = sum(part.open_minor for part in await store.read_open_instalments(tx, [line_id]) if part.is_billed)
    return max(0, owned - billed)


async def pay_out_credit(tx: Tx, now: Moment, paid: CreditPayout) -> None:
    """Take a credit balance off a line; what is on its way out is begun by the caller in the same transaction.

    Refuses: CreditBalanceExceeded.
    """
    await ledger.lock_lines(tx, [paid.line_id])
    await actions.bring_up_to_date(tx, now, [paid.line_id], cause=paid.id)
    left = await payable_credit(tx, paid.line_id)
    if not 0 < paid.amount_minor <= left:
        raise CreditBalanceExceeded(pointer="/amount_minor", payable_minor=left)
    await archive.insert_credit_payout(tx, paid)
    posting = postings.credit_paid_out(
        paid.id,
        line_id=paid.line_id,
        customer_id=paid.customer_id,
        currency=paid.currency,
        amount_minor=paid.amount_minor,
        effective_on=paid.effective_on,
    )
    await ledger.post(tx, [posting], booked_on=now.today, recorded_at=now.at)
