"""Rows to experiments and observations, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tiao.partners.experiments.model import Experiment, Observation
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.partners.experiments")


async def insert_experiment(tx: Tx, made: Experiment) -> None:
    """Write an experiment."""
    await tx.execute(
        _QUERIES.insert_experiment,
        id=made.id,
        merchant=made.merchant_id,
        name=made.name,
        shown_ppm=made.shown_ppm,
        at=made.made_at,
    )


async def read_experiment(tx: Tx, experiment_id: UUID) -> Experiment | None:
    """Read one experiment."""
    return await tx.maybe(_QUERIES.experiment, Experiment, id=experiment_id)


async def read_experiments(tx: Tx, merchant_id: UUID) -> list[Experiment]:
    """Read a merchant's experiments."""
    return await tx.rows(_QUERIES.experiments, Experiment, merchant=merchant_id)


async def end_experiment(tx: Tx, experiment_id: UUID, at: datetime) -> None:
    """End an experiment."""
    await tx.execute(_QUERIES.end_experiment, id=experiment_id, at=at)


async def observe(tx: Tx, experiment_id: UUID, seen: Sequence[Observation]) -> None:
    """Keep what visitors did."""
    await tx.execute(
        _QUERIES.observe,
        experiment=experiment_id,
        subject=[each.subject for each in seen],
        orders=[each.orders for each in seen],
        value=[each.value_minor for each in seen],
        before=[each.before_minor for each in seen],
    )


async def read_observations(tx: Tx, experiment_id: UUID) -> list[Observation]:
    """Read what was told."""
    return await tx.rows(_QUERIES.observations, Observation, experiment=experiment_id)
