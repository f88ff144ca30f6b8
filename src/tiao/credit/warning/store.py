"""Rows to behavioural scores and turns of the switch, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.credit.warning.model import Behaviour, EarlyWarning, Mode, WarningStep, Watched
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.credit.warning")


class Seen(NamedTuple):
    """A customer's latest score by a model."""

    customer_id: UUID
    probability: float
    scored_on: date


class Acting(NamedTuple):
    """What a score does to how its line looks."""

    line_id: UUID
    probability: float
    reasons: Sequence[str]
    flags: Sequence[str]
    is_warned: bool


async def lock_steps(tx: Tx) -> None:
    """Let nobody else turn the switch until this is done."""
    await tx.execute(_QUERIES.lock_steps)


async def read_steps(tx: Tx) -> list[WarningStep]:
    """Read every turn of the switch."""
    return [_step(each) for each in await tx.rows(_QUERIES.steps, WarningStep)]


async def read_last_step(tx: Tx) -> WarningStep | None:
    """Read the last turn of the switch."""
    found = await tx.maybe(_QUERIES.last_step, WarningStep)
    return None if found is None else _step(found)


async def count_steps(tx: Tx) -> int:
    """Count the turns of the switch."""
    found: int = await tx.value(_QUERIES.steps_taken)
    return found


async def insert_steps(tx: Tx, steps: Sequence[WarningStep]) -> None:
    """Write turns of the switch."""
    await tx.execute(
        _QUERIES.take_steps,
        number=[each.number for each in steps],
        mode=[each.mode.value for each in steps],
        version=[each.version for each in steps],
        maker=[each.maker for each in steps],
        actor=[each.actor for each in steps],
        reason=[each.reason for each in steps],
        taken_at=[each.taken_at for each in steps],
    )


async def insert_scores(tx: Tx, scores: Sequence[Behaviour]) -> None:
    """Keep scores of one model, day and instant."""
    first = scores[0]
    await tx.execute(
        _QUERIES.keep_scores,
        scored_on=first.scored_on,
        version=first.model_version,
        is_acting=first.is_acting,
        scored_at=first.scored_at,
        bucket=[each.bucket for each in scores],
        line=[each.line_id for each in scores],
        customer=[each.customer_id for each in scores],
        inputs=[each.inputs for each in scores],
        inputs_digest=[each.inputs_digest for each in scores],
        probability=[each.probability for each in scores],
        score=[each.score for each in scores],
        grade=[each.grade for each in scores],
        reasons=[",".join(each.reasons) for each in scores],
    )


async def read_watched(tx: Tx, line_ids: Sequence[UUID]) -> Mapping[UUID, Watched]:
    """Read how lines look."""
    buckets = sorted({bucket_of(line) for line in line_ids})
    rows = await tx.rows(_QUERIES.watched, Watched, lines=list(line_ids), buckets=buckets)
    return {row.line_id: row for row in rows}


async def write_behaviour(tx: Tx, acting: Sequence[Acting], *, version: str, on: date) -> None:
    """Let scores act."""
    await tx.execute(
        _QUERIES.write_behaviour,
        on=on,
        version=version,
        bucket=[bucket_of(each.line_id) for each in acting],
        line=[each.line_id for each in acting],
        behaviour=[each.probability for each in acting],
        reasons=[",".join(each.reasons) for each in acting],
        flags=[",".join(each.flags) for each in acting],
        is_warned=[each.is_warned for each in acting],
    )


async def forget_behaviour(tx: Tx, first: int, last: int, *, before: date, code: str) -> int:
    """Let scores of a range of buckets from before a day act no more, and count the lines."""
    return await tx.execute(_QUERIES.forget_behaviour, first=first, last=last, before=before, code=code)


async def read_lines_scored(tx: Tx, first: int, last: int, day: date) -> list[tuple[UUID, UUID]]:
    """List (line, customer) of lines whose score of a day acts."""
    _, rows = await tx.table(_QUERIES.lines_scored, first=first, last=last, day=day)
    return [(line, customer) for line, customer in rows]


async def read_warned(tx: Tx, first: int, last: int, *, most: int) -> list[EarlyWarning]:
    """List lines whose behaviour warns, the riskiest first."""
    return await tx.rows(_QUERIES.warned, EarlyWarning, first=first, last=last, most=most)


async def read_scores(tx: Tx, line_id: UUID, *, most: int) -> list[Behaviour]:
    """Read a line's behavioural scores, latest first."""
    rows = await tx.rows(_QUERIES.scores_of_line, Behaviour, bucket=bucket_of(line_id), line=line_id, most=most)
    return [_frozen(each) for each in rows]


async def read_scores_in_bucket(tx: Tx, bucket: int) -> list[Behaviour]:
    """Read every behavioural score of a bucket, oldest first."""
    return [_frozen(each) for each in await tx.rows(_QUERIES.scores_in_bucket, Behaviour, bucket=bucket)]


async def read_shared_out(tx: Tx, version: str) -> list[Seen]:
    """Read each customer's latest score by a model."""
    return await tx.rows(_QUERIES.shared_out, Seen, version=version)


def _step(found: WarningStep) -> WarningStep:
    return found._replace(mode=Mode(found.mode))


def _frozen(found: Behaviour) -> Behaviour:
    return msgspec.structs.replace(found, reasons=tuple(found.reasons))
