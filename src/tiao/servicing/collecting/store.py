"""Rows to late lines and contacts, and back. Decides nothing."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.servicing.collecting.model import Channel, Contact, ContactMade, ContactOutcome, LateLine
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.servicing.collecting")


class _Row(NamedTuple):
    bucket: int
    id: UUID
    line_id: UUID
    customer_id: UUID
    channel: str
    outcome: str
    script: str
    note: str
    promise_minor: int | None
    promise_on: date | None
    operator: str
    on_day: date
    at: datetime
    paid_minor: int


async def read_late(
    tx: Tx,
    today: date,
    *,
    due: tuple[date, date],
    after: tuple[date, UUID],
    limit: int,
    line_id: UUID | None = None,
) -> list[LateLine]:
    """Read lines that are late."""
    return await tx.rows(
        _QUERIES.late_lines,
        LateLine,
        today=today,
        due_from=due[0],
        due_to=due[1],
        after_day=after[0],
        after_line=after[1],
        limit=limit,
        line=line_id,
    )


async def insert(tx: Tx, contact: Contact) -> None:
    """Write a contact."""
    kept = msgspec.structs.asdict(contact)
    named = {"line": kept.pop("line_id"), "customer": kept.pop("customer_id")}
    kept |= {"channel": contact.channel.value, "outcome": contact.outcome.value}
    await tx.execute(_QUERIES.insert_contact, **kept, **named)


async def read(tx: Tx, line_id: UUID, *, limit: int) -> list[ContactMade]:
    """Read the contacts about a line, latest first."""
    rows = await tx.rows(_QUERIES.contacts, _Row, bucket=bucket_of(line_id), line=line_id, limit=limit)
    return [
        ContactMade(
            Contact(
                bucket=row.bucket,
                id=row.id,
                line_id=row.line_id,
                customer_id=row.customer_id,
                channel=Channel(row.channel),
                outcome=ContactOutcome(row.outcome),
                script=row.script,
                note=row.note,
                promise_minor=row.promise_minor,
                promise_on=row.promise_on,
                operator=row.operator,
                on_day=row.on_day,
                at=row.at,
            ),
            row.paid_minor,
        )
        for row in rows
    ]
