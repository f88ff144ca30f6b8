"""Rows to versions and what happened to them, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.runtime.registry.model import Step, StepKind

_QUERIES = load_queries("tiao.runtime.registry")


async def lock(tx: Tx, subject: str) -> None:
    """Let nobody else change what is at work until this is done."""
    await tx.execute(_QUERIES.lock_steps, subject=subject)


async def read_steps(tx: Tx, subject: str) -> list[Step]:
    """Read everything that happened to the versions of something."""
    found = await tx.rows(_QUERIES.steps, Step, subject=subject)
    return [each._replace(step=StepKind(each.step)) for each in found]


async def insert_steps(tx: Tx, subject: str, steps: Sequence[Step]) -> None:
    """Write what happened."""
    await tx.execute(
        _QUERIES.take_steps,
        subject=subject,
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


async def read_mark(tx: Tx) -> int:
    """Count the steps of everything."""
    found: int = await tx.value(_QUERIES.mark)
    return found


async def keep(tx: Tx, subject: str, version: str, content: bytes, at: datetime) -> None:
    """Keep the content of a version."""
    await tx.execute(_QUERIES.keep, subject=subject, version=version, content=content, at=at)


async def read_content(tx: Tx, subject: str, version: str) -> bytes | None:
    """Read the content of a version."""
    found: bytes | None = await tx.value(_QUERIES.content, subject=subject, version=version)
    return found
