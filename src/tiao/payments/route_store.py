"""Rows to decisions, agreements and outcomes of routing, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.payments.model import Debit, SourceAgreement
from tiao.payments.routing.decision import Candidate, Outcome, RouteDecision, Taught
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.payments", "routes.sql")
#: A process that starts learns from so many outcomes: several windows of what is believed anyway.
NEWEST = 20_000


class Used(NamedTuple):
    """What was asked of an account through a channel."""

    source_id: UUID
    channel: str
    amount_minor: int


class DecidedBefore(NamedTuple):
    """A stored decision and what became of it."""

    amount_minor: int
    chosen: str
    propensity: float
    candidates: tuple[Candidate, ...]
    shadows: dict[str, str]
    is_success: bool


async def keep_agreement(tx: Tx, agreement: SourceAgreement, agreed_at: datetime) -> None:
    """Write down what a channel calls an account."""
    await tx.execute(
        _QUERIES.keep_agreement,
        bucket=bucket_of(agreement.source_id),
        source=agreement.source_id,
        channel=agreement.channel,
        agreement=agreement.agreement,
        agreed_at=agreed_at,
    )


async def read_agreements(tx: Tx, source_ids: Iterable[UUID]) -> list[SourceAgreement]:
    """Read what channels call accounts."""
    wanted = sorted(set(source_ids))
    return await tx.rows(_QUERIES.agreements, SourceAgreement, buckets=_buckets(wanted), sources=wanted)


async def read_used(tx: Tx, source_ids: Iterable[UUID], since: datetime) -> list[Used]:
    """Read what was asked of accounts since an instant."""
    wanted = sorted(set(source_ids))
    return await tx.rows(_QUERIES.used_since, Used, buckets=_buckets(wanted), sources=wanted, since=since)


async def read_attempts(tx: Tx, order_ids: Iterable[UUID]) -> list[Debit]:
    """Read every attempt of orders."""
    wanted = sorted(set(order_ids))
    return await tx.rows(_QUERIES.debits_of_orders, Debit, buckets=_buckets(wanted), orders=wanted)


async def set_next(tx: Tx, followed: Sequence[tuple[UUID, UUID]]) -> None:
    """Write down which attempt followed which."""
    await tx.execute(
        _QUERIES.set_next,
        bucket=[bucket_of(each) for each, _ in followed],
        id=[each for each, _ in followed],
        next=[each for _, each in followed],
    )


async def keep_decisions(tx: Tx, decisions: Sequence[RouteDecision]) -> None:
    """Keep why attempts took their channels."""
    if not decisions:
        return
    await tx.execute(
        _QUERIES.keep_decisions,
        bucket=[each.bucket for each in decisions],
        debit=[each.debit_id for each in decisions],
        decided_at=[each.decided_at for each in decisions],
        policy=[each.policy for each in decisions],
        digest=[each.policy_digest for each in decisions],
        issuer=[each.issuer for each in decisions],
        amount=[each.amount_minor for each in decisions],
        chosen=[each.chosen for each in decisions],
        because=[each.because for each in decisions],
        propensity=[each.propensity for each in decisions],
        candidates=[_json(each.candidates) for each in decisions],
        excluded=[_json(each.excluded) for each in decisions],
        shadows=[_json(each.shadows) for each in decisions],
    )


async def read_decisions(tx: Tx, order_id: UUID) -> list[RouteDecision]:
    """Read why the attempts of an order took their channels."""
    return await tx.rows(_QUERIES.decisions_of_order, RouteDecision, bucket=bucket_of(order_id), order=order_id)


async def read_decided(tx: Tx, *, since: datetime, until: datetime) -> list[DecidedBefore]:
    """Read decisions of a span of time with what became of them."""
    return await tx.rows(_QUERIES.decided_between, DecidedBefore, since=since, until=until)


async def keep_outcomes(tx: Tx, taught: Sequence[tuple[UUID, Taught]], learned_at: datetime) -> None:
    """Keep what attempts taught."""
    if not taught:
        return
    await tx.execute(
        _QUERIES.keep_outcomes,
        bucket=[bucket_of(each) for each, _ in taught],
        id=[each for each, _ in taught],
        outcome=[outcome.value for _, outcome in taught],
        learned_at=learned_at,
    )


async def read_outcomes(tx: Tx, *, after: int) -> list[Outcome]:
    """Read what was learned after a number."""
    return await tx.rows(_QUERIES.outcomes_after, Outcome, after=after, newest=NEWEST)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _buckets(ids: Iterable[UUID]) -> list[int]:
    return sorted({bucket_of(each) for each in ids})
