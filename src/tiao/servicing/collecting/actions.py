"""What can be done about what is overdue, inside the caller's transaction."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tiao.policy.pack import Pack
from tiao.runtime.db import Tx
from tiao.servicing.collecting import rules, store
from tiao.servicing.collecting.model import Contact, ContactMade, LateLine, Said
from tiao.servicing.collecting.refusals import NothingOverdue
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment

CONTACTS_SHOWN_MAX = 200
_EVER = (date.min, date.max)
_FIRST = (date.min, UUID(int=0))


async def late_lines(
    tx: Tx, today: date, *, days_from: int, days_to: int | None, after: tuple[date, UUID] | None, limit: int
) -> list[LateLine]:
    """List lines that owe something past its due date, the longest first; by whole days past due."""
    due = (date.min if days_to is None else today - timedelta(days=days_to), today - timedelta(days=days_from))
    return await store.read_late(tx, today, due=due, after=after or _FIRST, limit=limit)


async def record(
    tx: Tx, now: Moment, line_id: UUID, said: Said, *, operator: str, zone: ZoneInfo, pack: Pack, lender_type: str
) -> ContactMade:
    """Write down an attempt, if it may be made now.

    Refuses: NothingOverdue, CollectingBarred, ContactInQuietHours, ContactAttemptsExhausted, PromiseIncomplete.
    """
    found = await store.read_late(tx, now.today, due=_EVER, after=_FIRST, limit=1, line_id=line_id)
    if not found:
        raise NothingOverdue
    rules.check_contact(found[0], said, now.at, zone=zone, pack=pack, lender_type=lender_type)
    bucket = bucket_of(line_id)
    on_day = now.at.astimezone(zone).date()
    contact = Contact(bucket, now.new_id(bucket), line_id, found[0].customer_id, *said, operator, on_day, now.at)
    await store.insert(tx, contact)
    return ContactMade(contact, 0)


async def contacts_of(tx: Tx, line_id: UUID) -> list[ContactMade]:
    """List the contacts about a line, latest first."""
    return await store.read(tx, line_id, limit=CONTACTS_SHOWN_MAX)
