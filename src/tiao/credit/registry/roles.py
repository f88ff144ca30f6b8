"""What part a model takes: into shadow, to work, and one step back. Two people stand behind each that decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import msgspec
import numpy as np

from tiao.casework.refusals import MakerIsChecker
from tiao.credit import engines, records
from tiao.credit.model import MONTHS, ApplicationInputs, BureauReport, DecisionOutcome, Engine
from tiao.credit.registry import actions as registry
from tiao.credit.registry import store
from tiao.credit.registry.refusals import ModelAtWork, ModelUnknown
from tiao.credit.scoring import Bundle
from tiao.credit.training.fairness import band_of
from tiao.credit.watching.promotion import Evidence, Ripe, check_alike, check_promotion
from tiao.credit.watching.refusals import NothingToDemoteTo
from tiao.identity import actions as identity
from tiao.learning.cells import Cell
from tiao.runtime.db import Tx
from tiao.runtime.registry.model import Roles, Step, StepKind, roles_of
from tiao.runtime.registry.refusals import ChallengerInShadow, NobodyInShadow, ReasonMissing
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

#: What the bureau's report is held against: a model must find everything it reads in it.
_ANY_REPORT = BureauReport((0,) * MONTHS, (0,) * MONTHS, (0,) * MONTHS, 0).features()
#: The protected column that the platform knows of its customers: their age. What else it does not ask it cannot check.
_AGE = "AGE"
#: Its bands, whatever a candidate's own schema says of it: the young, the old, and those between. Own choice.
_AGE_BANDS = (25.0, 60.0)


class Said(NamedTuple):
    """What one side made of an application. *probability* is None where it had none."""

    is_approved: bool
    probability: float | None
    limit_minor: int


class Shadow(NamedTuple):
    """One application that a model in shadow scored; *is_bad* is None where the outcome is not known or not ripe.

    *beside* is what was decided. What people were asked about is approved as far as a model goes.
    """

    features: Mapping[str, Cell]
    age: int
    is_approved: bool
    is_bad: bool | None
    probability: float | None = None
    limit_minor: int = 0
    beside: Said | None = None


async def roles(tx: Tx) -> Roles:
    """Tell which models take part."""
    return roles_of(await store.read_steps(tx))


async def steps(tx: Tx) -> list[Step]:
    """Tell everything that happened to models, in order."""
    return await store.read_steps(tx)


async def propose_model(
    tx: Tx, now: Moment, engine: Engine, candidate: Bundle | str, *, actor: str, reason: str
) -> Step:
    """Put a model into shadow, given whole or by the version under which it is kept.

    Refuses: ReasonMissing, ModelUnknown, ModelAtWork, ChallengerInShadow, LimitPolicyInvalid when the limit policies do
    not know its grades, FeatureAbsent when it reads what no report holds.
    """
    known = await _locked(tx, reason)
    bundle = candidate if isinstance(candidate, Bundle) else await registry.bundle_of(tx, candidate)
    if bundle is None:
        raise ModelUnknown
    version = bundle.model.model_version
    if version == (known.champion or engine.model_version):
        raise ModelAtWork(version)
    if known.challenger is not None:
        raise ChallengerInShadow(f"{known.challenger.version} is in shadow", model_version=known.challenger.version)
    joined = engines.engine_of(bundle, *engine.policies)
    bundle.score_one(_ANY_REPORT)
    await store.keep_model(tx, version, joined.content, now.at)
    return await _take(tx, now, StepKind.PROPOSED, version, maker=actor, actor=actor, reason=reason)


async def withdraw_model(tx: Tx, now: Moment, *, actor: str, reason: str) -> Step:
    """Take the model out of the shadow. Refuses: ReasonMissing, NobodyInShadow."""
    proposed = _in_shadow(await _locked(tx, reason))
    return await _take(tx, now, StepKind.WITHDRAWN, proposed.version, maker=proposed.maker, actor=actor, reason=reason)


async def shadows(tx: Tx, version: str, is_bad: Mapping[UUID, bool]) -> list[Shadow]:
    """Read what a model in shadow scored, with what came of it; *is_bad* names the customers whose outcome is ripe."""
    found = await store.read_shadows(tx, version)
    people = await identity.customers(tx, sorted({each.customer_id for each in found}))
    rows = []
    for each in found:
        inputs = records.read_canonical(each.inputs)
        assert isinstance(inputs, ApplicationInputs), "only applications are scored in shadow"
        rows.append(
            Shadow(
                dict(inputs.features or {}),
                age_on(people[each.customer_id].born_on, each.decided_at.date()),
                each.outcome != DecisionOutcome.DECLINED,
                is_bad.get(each.customer_id),
                each.probability,
                each.limit_minor,
                Said(each.decided != DecisionOutcome.DECLINED, each.decided_probability, each.decided_limit_minor),
            )
        )
    return rows


async def promote_model(
    tx: Tx, now: Moment, engine: Engine, version: str, seen: Sequence[Shadow], *, actor: str, reason: str
) -> Evidence:
    """Let the model in shadow decide from now on, if what it scored there and what came of it speak for it.

    *seen* is what `shadows` gave of *version*, on every server. Refuses: ReasonMissing, NobodyInShadow, MakerIsChecker,
    PromotionUnproven, PromotionUnfair, PromotionWorse, PromotionUncalibrated, ReasonsMissing, LimitPolicyInvalid.
    """
    known = await _locked(tx, reason)
    proposed = _in_shadow(known)
    if proposed.version != version:
        raise NobodyInShadow(f"{version} is in shadow no more")
    if proposed.maker == actor:
        raise MakerIsChecker
    before = known.champion or engine.model_version
    if known.champion is None:
        await store.keep_model(tx, before, engine.content, now.at)
    evidence = await _proven(tx, now, engine, proposed, before, seen, approved_by=actor)
    await _take(
        tx,
        now,
        StepKind.PROMOTED,
        proposed.version,
        before=before,
        maker=proposed.maker,
        actor=actor,
        reason=reason,
        evidence=msgspec.json.encode(evidence),
    )
    return evidence


async def stands_in_the_way(
    tx: Tx, now: Moment, engine: Engine, version: str, seen: Sequence[Shadow]
) -> Refusal | None:
    """Say which refusal a promotion of what is in shadow would meet now; None where it would pass.

    Refuses: NobodyInShadow.
    """
    known = await roles(tx)
    proposed = _in_shadow(known)
    if proposed.version != version:
        raise NobodyInShadow(f"{version} is in shadow no more")
    before = known.champion or engine.model_version
    try:
        await _proven(tx, now, engine, proposed, before, seen, approved_by="")
    except Refusal as refusal:
        return refusal
    return None


async def _proven(
    tx: Tx, now: Moment, engine: Engine, proposed: Step, before: str, seen: Sequence[Shadow], *, approved_by: str
) -> Evidence:
    candidate = await registry.kept_bundle(tx, proposed.version)
    # Policies may have come since it was proposed.
    engines.engine_of(candidate, *engine.policies)
    check_alike(_AGE, [age_group(each.age) for each in seen], [each.is_approved for each in seen])
    return check_promotion(
        candidate,
        await _decider(tx, engine, before),
        _ripe([each for each in seen if each.is_bad is not None]),
        proposed_by=proposed.maker,
        approved_by=approved_by,
        at=now.at,
    )


async def _decider(tx: Tx, engine: Engine, version: str) -> Bundle:
    """Give what decides now: the shipped model may not be kept yet."""
    if version == engine.model_version:
        assert isinstance(engine.scorer, Bundle), "what ships is a bundle"
        return engine.scorer
    return await registry.kept_bundle(tx, version)


async def put_back(tx: Tx, now: Moment, *, actor: str, reason: str) -> Step:
    """Let the model before decide again, at once; whoever sees the harm does it.

    Refuses: ReasonMissing, NothingToDemoteTo.
    """
    known = await _locked(tx, reason)
    if known.back_to is None:
        raise NothingToDemoteTo
    return await _take(
        tx, now, StepKind.PUT_BACK, known.back_to, before=known.champion, maker=actor, actor=actor, reason=reason
    )


async def mark(tx: Tx) -> int:
    """Count what happened to models, to tell whether a server knows it all."""
    return await store.count_steps(tx)


async def facts(tx: Tx) -> list[tuple[Step, bytes]]:
    """Give everything that happened to models, with the models, for another server."""
    found = []
    for step in await store.read_steps(tx):
        content = await store.read_model(tx, step.version)
        assert content is not None, "a step's model is kept"
        found.append((step, content))
    return found


async def follow(tx: Tx, taken: Sequence[tuple[Step, bytes]]) -> None:
    """Take over what happened to models at home."""
    for step, content in taken:
        await store.keep_model(tx, step.version, content, step.taken_at)
    await store.insert_steps(tx, [step for step, _ in taken])


async def _locked(tx: Tx, reason: str) -> Roles:
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    await store.lock_steps(tx)
    return await roles(tx)


def _in_shadow(known: Roles) -> Step:
    if known.challenger is None:
        raise NobodyInShadow
    return known.challenger


async def _take(  # noqa: PLR0913  each is a column of the fact
    tx: Tx,
    now: Moment,
    kind: StepKind,
    version: str,
    *,
    maker: str,
    actor: str,
    reason: str,
    before: str | None = None,
    evidence: bytes | None = None,
) -> Step:
    number = await store.count_steps(tx) + 1
    step = Step(number, kind, version, before, maker, actor, reason.strip(), evidence, now.at)
    await store.insert_steps(tx, [step])
    return step


def _ripe(seen: Sequence[Shadow]) -> Ripe:
    names = seen[0].features if seen else {}
    return Ripe(
        {name: [each.features[name] for each in seen] for name in names},
        {_AGE: [each.age for each in seen]},
        np.array([float(bool(each.is_bad)) for each in seen], dtype=np.float64),
    )


def age_on(born_on: date, on: date) -> int:
    """Say how old somebody is on a day."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def age_group(age: int) -> str:
    """Name the band of an age within which people are to fare like those of the others."""
    return band_of(age, _AGE_BANDS)
