"""What the simulator looks up about its people. It reads only: whatever changes goes through the platform's actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.simulator")


class MemberRow(NamedTuple):
    """A customer's line and account."""

    customer_id: UUID
    line_id: UUID | None
    statement_day: int | None
    source_id: UUID | None
    is_autopay_agreed: bool


class Owing(NamedTuple):
    """What a line owes that is due. *Units*: minor units."""

    line_id: UUID
    open_minor: int
    is_due_today: bool


class LostLoan(NamedTuple):
    """A loan nobody expects to be paid any more. *Units*: minor units."""

    bucket: int
    loan_id: UUID
    line_id: UUID
    customer_id: UUID
    currency: str
    owed_minor: int


class _Inputs(NamedTuple):
    customer_id: UUID
    inputs: bytes


def _buckets(ids: Sequence[UUID]) -> list[int]:
    return sorted({bucket_of(identifier) for identifier in ids})


async def read_members(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, MemberRow]:
    """Read lines and accounts of customers, by customer."""
    rows = await tx.rows(_QUERIES.members, MemberRow, ids=list(customer_ids), buckets=_buckets(customer_ids))
    return {row.customer_id: row for row in rows}


async def read_application_inputs(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Read what the first decision on each customer saw."""
    rows = await tx.rows(_QUERIES.application_inputs, _Inputs, ids=list(customer_ids), buckets=_buckets(customer_ids))
    return {row.customer_id: row.inputs for row in reversed(rows)}


async def read_owing(tx: Tx, day: date) -> list[Owing]:
    """Read what lines owed at the beginning of a day."""
    return await tx.rows(_QUERIES.owing, Owing, day=day)


async def read_answered(tx: Tx, debit_ids: Sequence[UUID]) -> set[UUID]:
    """Tell which debits have their answer."""
    return set(await tx.column(_QUERIES.debits_answered, ids=list(debit_ids), buckets=_buckets(debit_ids)))


async def read_lost_loans(tx: Tx) -> list[LostLoan]:
    """Read loans more than 180 days late."""
    return await tx.rows(_QUERIES.lost_loans, LostLoan)


async def read_disputable(tx: Tx, from_at: datetime, until_at: datetime) -> tuple[UUID, int] | None:
    """Find a purchase that somebody may dispute, and how much of it."""
    found = await tx.records(_QUERIES.disputable, from_at=from_at, until_at=until_at)
    return None if not found else (found[0][0], found[0][1])


class Spender(NamedTuple):
    """A customer who can buy."""

    customer_id: UUID
    line_id: UUID


class Reportable(NamedTuple):
    """A payment that its customer may say was somebody else's."""

    purchase_id: UUID
    customer_id: UUID


async def read_spenders(tx: Tx, count: int, amount_minor: int) -> list[Spender]:
    """Find customers with room for an amount and nothing that is late."""
    return await tx.rows(_QUERIES.spenders, Spender, count=count, amount=amount_minor)


async def read_sellers(tx: Tx, count: int) -> list[UUID]:
    """Find the merchants that sell most."""
    return await tx.column(_QUERIES.sellers, count=count)


async def read_reportable(tx: Tx, but: Sequence[UUID]) -> Reportable | None:
    """Find the latest captured payment of somebody else than some customers."""
    return await tx.maybe(_QUERIES.reportable, Reportable, but=list(but))
