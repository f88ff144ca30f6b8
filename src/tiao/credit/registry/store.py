"""Rows to models and policies and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tiao.credit.model import Decision, Verdict
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.runtime.registry.model import Step, StepKind

_QUERIES = load_queries("tiao.credit.registry")


class Kept(NamedTuple):
    """Whether the parts of an engine are kept, and which models take part."""

    has_model: bool
    has_policy: bool
    champion: str | None
    challenger: str | None


class Shadowed(NamedTuple):
    """What a model in shadow would have decided, what was seen, and what was decided."""

    decision_id: UUID
    customer_id: UUID
    inputs: bytes
    outcome: str
    probability: float
    limit_minor: int
    decided_at: datetime
    decided: str
    decided_probability: float | None
    decided_limit_minor: int


async def read_kept(tx: Tx, *, model: str, policy: str) -> Kept:
    """Tell whether a model and a policy are kept, and which models take part."""
    return await tx.one(_QUERIES.kept, Kept, model=model, policy=policy)


async def keep_model(tx: Tx, version: str, content: bytes, at: datetime) -> None:
    """Keep a model."""
    await tx.execute(_QUERIES.keep_model, version=version, content=content, at=at)


async def keep_policy(tx: Tx, version: str, content: bytes, at: datetime) -> None:
    """Keep a policy."""
    await tx.execute(_QUERIES.keep_policy, version=version, content=content, at=at)


async def read_model(tx: Tx, version: str) -> bytes | None:
    """Read a model."""
    found: bytes | None = await tx.value(_QUERIES.model_content, version=version)
    return found


async def read_policy(tx: Tx, version: str) -> bytes | None:
    """Read a policy."""
    found: bytes | None = await tx.value(_QUERIES.policy_content, version=version)
    return found


async def lock_steps(tx: Tx) -> None:
    """Let nobody else change which model does what until this is done."""
    await tx.execute(_QUERIES.lock_steps)


async def read_steps(tx: Tx) -> list[Step]:
    """Read everything that happened to models."""
    found = await tx.rows(_QUERIES.steps, Step)
    return [each._replace(step=StepKind(each.step)) for each in found]


async def count_steps(tx: Tx) -> int:
    """Count what happened to models."""
    found: int = await tx.value(_QUERIES.steps_taken)
    return found


async def insert_steps(tx: Tx, steps: Sequence[Step]) -> None:
    """Write what happened to models."""
    await tx.execute(
        _QUERIES.take_steps,
        number=[each.number for each in steps],
        step=[each.step.value for each in steps],
        version=[each.version for each in steps],
        before=[each.before for each in steps],
        maker=[each.maker for each in steps],
        actor=[each.actor for each in steps],
        reason=[each.reason for each in steps],
        evidence=[each.evidence for each in steps],
        taken_at=[each.taken_at for each in steps],
    )


async def insert_shadows(tx: Tx, version: str, found: Sequence[tuple[Decision, Verdict]], at: datetime) -> None:
    """Write what a model in shadow would have decided."""
    await tx.execute(
        _QUERIES.record_shadows,
        version=version,
        at=at,
        bucket=[made.bucket for made, _ in found],
        decision=[made.id for made, _ in found],
        outcome=[verdict.outcome.value for _, verdict in found],
        probability=[verdict.probability for _, verdict in found],
        score=[verdict.score for _, verdict in found],
        grade=[verdict.grade for _, verdict in found],
        reasons=[",".join(verdict.reasons) for _, verdict in found],
        limit=[verdict.limit_after_minor for _, verdict in found],
    )


async def read_shadows(tx: Tx, version: str) -> list[Shadowed]:
    """Read what a model in shadow would have decided."""
    return await tx.rows(_QUERIES.shadows, Shadowed, version=version)
