"""What merchants are paid for each day, and the money the owner puts in."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tiao.ledger import actions as ledger
from tiao.ledger.model import Account, PostingOutcome
from tiao.payments import postings, store
from tiao.payments.model import Settlement, SettlementLine
from tiao.payments.refusals import SettlementUnknown
from tiao.runtime.db import Tx
from tiao.values.calendar import BusinessCalendar
from tiao.values.moment import Moment
from tiao.values.money import Money


async def settle(tx: Tx, now: Moment, day: date, calendar: BusinessCalendar, channel: str) -> int:
    """Settle a day that was cut off, payable on the next working day, and count its settlements.

    A day settled before stays as it is: 0.
    """
    if await store.is_settled(tx, day):
        return 0
    return await store.settle(tx, day, pays_on=calendar.next_workday(day), channel=channel, recorded_at=now.at)


async def settlements_of(tx: Tx, merchant_id: UUID, *, before: date | None = None, limit: int = 31) -> list[Settlement]:
    """Read a merchant's settlements, newest first; for the next page give the last one's business date."""
    return await store.read_settlements(tx, merchant_id, before=before, limit=limit)


async def settlement(tx: Tx, merchant_id: UUID, business_date: date) -> Settlement:
    """Read one settlement. Refuses: SettlementUnknown."""
    found = await store.read_settlement(tx, merchant_id, business_date)
    if found is None:
        raise SettlementUnknown
    return found


async def settlement_lines(
    tx: Tx, found: Settlement, *, after: tuple[int, UUID] | None = None, limit: int = 1000
) -> list[SettlementLine]:
    """Read the postings a settlement covers; for the next page give the last one's bucket and posting id.

    Their sum is the net less what an earlier day left negative, so that a merchant can check every cent.
    """
    return await store.read_settlement_lines(tx, found.merchant_id, found.business_date, after=after, limit=limit)


async def merchant_balance(tx: Tx, merchant_id: UUID) -> int:
    """Read what we owe a merchant and is in no payout yet. *Units*: minor units; what we owe is positive."""
    return -await ledger.owner_balance(tx, Account.MERCHANT_PAYABLE, merchant_id)


async def fund(tx: Tx, now: Moment, funding_id: UUID, amount: Money) -> PostingOutcome:
    """Book money that the owner put in. Refuses: PostingDiffers."""
    posting = postings.owner_funding(funding_id, amount, now.today)
    return (await ledger.post(tx, [posting], booked_on=now.today, recorded_at=now.at))[0]
