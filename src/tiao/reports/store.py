"""Rows to read models. Reads only."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from tiao.reports.model import (
    AccountRow,
    Applications,
    DebitRow,
    Figures,
    Happening,
    PayoutRow,
    Purchases,
    Reason,
    RollRow,
    SettlementTotals,
    StageRow,
)
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.reports")


class People(NamedTuple):
    """How many there are."""

    customers: int
    merchants: int


class BookedDay(NamedTuple):
    """What a day booked."""

    day: date
    purchases: int
    captured_minor: int
    received_minor: int
    paid_out_minor: int
    owed_delta_minor: int


async def read_people(tx: Tx) -> People:
    """Count customers and merchants."""
    return await tx.one(_QUERIES.people, People)


async def read_applications(tx: Tx) -> Applications:
    """Read what became of applications."""
    return await tx.one(_QUERIES.applications, Applications)


async def read_purchases(tx: Tx) -> Purchases:
    """Read what became of purchases."""
    return await tx.one(_QUERIES.purchases, Purchases)


async def read_decline_reasons(tx: Tx) -> list[Reason]:
    """Read why purchases were declined."""
    return await tx.rows(_QUERIES.decline_reasons, Reason)


async def read_stages(tx: Tx) -> list[StageRow]:
    """Read what is owed by stage."""
    return await tx.rows(_QUERIES.stages, StageRow)


async def read_written_off(tx: Tx) -> StageRow:
    """Read what was written off."""
    return await tx.one(_QUERIES.written_off, StageRow)


async def read_roll_rates(tx: Tx) -> list[RollRow]:
    """Read where loans of each stage went."""
    return await tx.rows(_QUERIES.roll_rates, RollRow)


async def read_accounts(tx: Tx) -> list[AccountRow]:
    """Read every account."""
    return await tx.rows(_QUERIES.accounts, AccountRow)


async def read_settlement(tx: Tx) -> SettlementTotals:
    """Read what merchants were settled for."""
    return await tx.one(_QUERIES.settlement, SettlementTotals)


async def read_payouts(tx: Tx) -> list[PayoutRow]:
    """Read payouts by kind and state."""
    return await tx.rows(_QUERIES.payouts, PayoutRow)


async def read_debits(tx: Tx) -> list[DebitRow]:
    """Read debits by purpose and state."""
    return await tx.rows(_QUERIES.debits, DebitRow)


async def read_days(tx: Tx) -> list[BookedDay]:
    """Read what each day booked."""
    return await tx.rows(_QUERIES.days, BookedDay)


async def read_figures(tx: Tx) -> Figures:
    """Read the sums that must agree."""
    return await tx.one(_QUERIES.figures, Figures)


async def read_timeline(
    tx: Tx, customer_id: UUID, *, kinds: list[str] | None, before: tuple[datetime, str], limit: int
) -> list[Happening]:
    """Read what happened to a customer."""
    return await tx.rows(
        _QUERIES.timeline,
        Happening,
        bucket=bucket_of(customer_id),
        customer=customer_id,
        kinds=kinds,
        before_at=before[0],
        before_key=before[1],
        limit=limit,
    )
