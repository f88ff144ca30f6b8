"""Rows to steps and figures of channels, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from tiao.payments.model import DebitState
from tiao.payments.steering.model import RoutingStep
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.payments.steering")


class Attempts(NamedTuple):
    """Debits of a channel that ended alike. *Units*: minor units; milliseconds to the first answer."""

    channel: str
    state: DebitState
    code: str | None
    attempts: int
    amount_minor: int
    latencies_ms: list[int] | None


class OpenNow(NamedTuple):
    """What a channel owes an answer about."""

    channel: str
    unknown: int
    open: int
    oldest_at: datetime


async def lock_steps(tx: Tx) -> None:
    """Let nobody else take a step until this is done."""
    await tx.execute(_QUERIES.lock_steps)


async def read_steps(tx: Tx) -> list[RoutingStep]:
    """Read every step, in order."""
    return await tx.rows(_QUERIES.steps, RoutingStep)


async def read_last(tx: Tx) -> int:
    """Read the number of the last step."""
    found: int = await tx.value(_QUERIES.last_step)
    return found


async def insert_steps(tx: Tx, steps: Sequence[RoutingStep]) -> None:
    """Write steps; what is there stays."""
    names = RoutingStep.__struct_fields__
    await tx.execute(_QUERIES.insert_steps, **{name: [getattr(each, name) for each in steps] for name in names})


async def read_attempts(tx: Tx, since: datetime) -> list[Attempts]:
    """Read what became of debits since an instant."""
    return await tx.rows(_QUERIES.channel_attempts, Attempts, since=since)


async def read_open(tx: Tx) -> list[OpenNow]:
    """Read what has no answer now."""
    return await tx.rows(_QUERIES.channel_open, OpenNow)
