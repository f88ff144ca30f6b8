"""A deferral that is asked about: how far it may still go, and the sheet that says what it costs."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from tiao.api import ids
from tiao.api.services import Call
from tiao.lending import adjusting, daily, deferring
from tiao.lending.disclosure import CostSheet
from tiao.lending.model import InstalmentKey
from tiao.lending.records import Loan, LoanInstalment
from tiao.lending.refusals import DeferralTooLong, InstalmentUnknown, LoanUnknown
from tiao.runtime.db import Tx
from tiao.values.ids import read_id
from tiao.values.moment import Moment


class Deferral(NamedTuple):
    """An instalment, by how many days it may still be deferred, and what *days* of it cost; None: none are left."""

    loan: Loan
    part: LoanInstalment
    days_max: int
    days: int
    sheet: CostSheet | None


async def asked(tx: Tx, call: Call, now: Moment, loan_id: str, number: int, days: int | None) -> Deferral:
    """Find what deferring takes and costs; without *days*, of as many as are left.

    Refuses: LoanUnknown, InstalmentUnknown, DeferralNotOffered, NotDeferrable, DeferralTooLong.
    """
    wanted, book = read_id(ids.LOAN, loan_id), call.platform.book
    loan, parts = await daily.loan(tx, wanted)
    call.require_own(LoanUnknown, customer_id=loan.customer_id)
    most = adjusting.deferral_days_max(book.pack, on=now.today, lender_type=book.lender_type)
    part = next((each for each in parts if each.number == number), None)
    if part is None:
        raise InstalmentUnknown
    left = await adjusting.deferral_left(tx, now, loan.line_id, InstalmentKey(wanted, number), days_max=most)
    if days is not None and days > left:
        raise DeferralTooLong(pointer="/days", days_max=left)
    chosen = left if days is None else days
    if chosen == 0:
        return Deferral(loan, part, left, chosen, None)
    sheet = deferring.sheet_of(
        part.open_minor,
        part.due_on + timedelta(days=chosen),
        currency=loan.currency,
        lender=book.lender,
        penalty_ppm=loan.penalty_ppm,
        contract_on=now.today,
        policy_digest=book.pack.digest,
    )
    return Deferral(loan, part, left, chosen, sheet)
