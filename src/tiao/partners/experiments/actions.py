"""What can be done with experiments, inside the caller's transaction at home."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tiao.partners.experiments import rules, store
from tiao.partners.experiments.model import Experiment, Observation, Result
from tiao.partners.experiments.refusals import ExperimentEnded, ExperimentUnknown
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def begin(tx: Tx, now: Moment, merchant_id: UUID, *, name: str, shown_ppm: int) -> Experiment:
    """Begin an experiment."""
    made = Experiment(now.new_id(), merchant_id, name, shown_ppm, now.at, None)
    await store.insert_experiment(tx, made)
    return made


async def experiment(tx: Tx, experiment_id: UUID) -> Experiment:
    """Read one experiment. Refuses: ExperimentUnknown."""
    found = await store.read_experiment(tx, experiment_id)
    if found is None:
        raise ExperimentUnknown
    return found


async def own(tx: Tx, merchant_id: UUID, experiment_id: UUID) -> Experiment:
    """Read an experiment of a merchant. Refuses: ExperimentUnknown."""
    found = await experiment(tx, experiment_id)
    if found.merchant_id != merchant_id:
        raise ExperimentUnknown
    return found


async def experiments(tx: Tx, merchant_id: UUID) -> list[Experiment]:
    """Read a merchant's experiments."""
    return await store.read_experiments(tx, merchant_id)


async def observe(tx: Tx, found: Experiment, seen: Sequence[Observation]) -> None:
    """Keep what visitors did; told again, the latest counts. Refuses: ExperimentEnded."""
    if found.ended_at is not None:
        raise ExperimentEnded
    # One statement cannot write one row twice: of two things said of one visitor the later is meant.
    latest = {each.subject: each for each in seen}
    await store.observe(tx, found.id, list(latest.values()))


async def end(tx: Tx, now: Moment, found: Experiment) -> Experiment:
    """End an experiment; again it changes nothing."""
    await store.end_experiment(tx, found.id, now.at)
    return await experiment(tx, found.id)


async def result(tx: Tx, found: Experiment) -> Result:
    """Compare the arms of an experiment."""
    return rules.result(found.id, found.shown_ppm, await store.read_observations(tx, found.id))
