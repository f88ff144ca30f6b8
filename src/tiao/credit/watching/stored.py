"""The platform's own decisions, as rows to watch and applications to decide again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np

from tiao.credit import store
from tiao.credit.model import ApplicationInputs, Decision, DecisionOutcome
from tiao.credit.records import read_canonical
from tiao.credit.scoring import Scored
from tiao.credit.watching.backtest import Past
from tiao.credit.watching.model import Watched
from tiao.runtime.db import Tx


async def read_decisions(tx: Tx, *, since: datetime, until: datetime) -> list[Decision]:
    """Read the decisions on applications of a span of time, oldest first."""
    return await store.read_application_decisions(tx, since=since, until=until)


def watched_of(
    decisions: Sequence[Decision], model_version: str, *, is_bad: Mapping[UUID, bool] | None = None
) -> Watched:
    """Take what a model scored; decisions without a report, or by another model, say nothing of it.

    *is_bad* tells by customer what came of the ripe ones; who is not named is not ripe.
    """
    seen = [
        (made, inputs)
        for made in decisions
        if made.model_version == model_version
        and isinstance(inputs := read_canonical(made.inputs), ApplicationInputs)
        and inputs.features is not None
        and made.probability is not None
    ]
    names = sorted({name for _, inputs in seen for name in inputs.features or ()})
    outcomes = [None if is_bad is None else is_bad.get(made.customer_id) for made, _ in seen]
    return Watched(
        cells={name: [(inputs.features or {}).get(name) for _, inputs in seen] for name in names},
        probability=np.array([made.probability for made, _ in seen], dtype=np.float64),
        grade=[made.grade or "" for made, _ in seen],
        target=None
        if is_bad is None
        else np.array([np.nan if bad is None else float(bad) for bad in outcomes], dtype=np.float64),
        at=np.array([int(made.decided_at.timestamp() * 1_000_000) for made, _ in seen], dtype=np.int64),
        approved=np.array([made.outcome is DecisionOutcome.APPROVED for made, _ in seen], dtype=np.bool_),
    )


def past_of(decisions: Sequence[Decision], *, is_bad: Mapping[UUID, bool] | None = None) -> list[Past]:
    """Take decisions as applications that another strategy can decide again, with what was decided then."""
    found = []
    for made in decisions:
        inputs = read_canonical(made.inputs)
        assert isinstance(inputs, ApplicationInputs), "the decision is on an application"
        scored = None
        if made.probability is not None and made.score is not None and made.grade is not None:
            scored = Scored(made.probability, made.score, made.grade, (), made.model_version)
        bad = None if is_bad is None else is_bad.get(made.customer_id)
        found.append(Past(str(made.id), inputs, scored, bad, made.verdict))
    return found
