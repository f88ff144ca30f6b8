"""A model in shadow: it scores every application that is decided, and what it would have decided is kept."""

from __future__ import annotations

from collections.abc import Sequence

from tiao.credit import rules
from tiao.credit.model import ApplicationInputs, Decision, Engine
from tiao.credit.records import read_canonical
from tiao.credit.registry import store
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def score_beside(tx: Tx, now: Moment, engine: Engine, decisions: Sequence[Decision]) -> None:
    """Score decided applications with the model in shadow, if there is one; nothing about the decisions changes."""
    if engine.challenger is None:
        return
    seen = [
        (made, inputs, inputs.features)
        for made in decisions
        if isinstance(inputs := read_canonical(made.inputs), ApplicationInputs) and inputs.features is not None
    ]
    if not seen:
        return
    columns = {name: [features[name] for _, _, features in seen] for name in seen[0][2]}
    scores = engine.challenger.score(columns)
    found = [
        (made, rules.decide_application(engine.policy, inputs, scored))
        for (made, inputs, _), scored in zip(seen, scores, strict=True)
    ]
    await store.insert_shadows(tx, engine.challenger.model.model_version, found, now.at)
