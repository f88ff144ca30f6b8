"""Which model decides, which is in shadow, how it came to that, and whether the population has moved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api.idempotency import once
from tiao.api.ids import IdempotencyKey, Text
from tiao.api.operation import O, makes, reads
from tiao.api.services import Call
from tiao.casework.refusals import MakerIsChecker
from tiao.credit.model import Decision, Engine
from tiao.credit.refusals import LimitPolicyInvalid
from tiao.credit.registry import actions as registry
from tiao.credit.registry import roles
from tiao.credit.registry.comparing import ShadowCompared, compared
from tiao.credit.registry.refusals import ModelAtWork, ModelUnknown
from tiao.credit.scoring import Bundle, FeatureAbsent
from tiao.credit.watching.drift import drift
from tiao.credit.watching.model import Drift
from tiao.credit.watching.refusals import (
    NothingScored,
    NothingToDemoteTo,
    PromotionByOnePerson,
    PromotionUncalibrated,
    PromotionUnfair,
    PromotionUnproven,
    PromotionWorse,
    ReasonsMissing,
)
from tiao.credit.watching.stored import read_decisions, watched_of
from tiao.lending.outcomes import outcomes
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.runtime.registry.model import Step, StepKind, roles_of
from tiao.runtime.registry.refusals import ChallengerInShadow, NobodyInShadow, ReasonMissing
from tiao.values.moment import Moment

Version = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$", description="The digest of a model's content.")]
Days = Annotated[int, QueryParameter(ge=1, le=3660, description="How many days of decisions, until now.")]


class ModelProposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model that is to be scored beside what decides."""

    model_version: Version
    reason: Text


class ModelDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a model is promoted, withdrawn or put back."""

    reason: Text


class ModelStepShown(msgspec.Struct, frozen=True):
    """One thing that happened to a model; *evidence* is what it showed when it was promoted."""

    step: StepKind
    model_version: str
    before: str | None
    proposed_by: str
    by: str
    reason: str
    evidence: dict[str, Any] | None
    at: datetime


class ModelsShown(msgspec.Struct, frozen=True):
    """Which model decides, which is in shadow, and which one step leads back to; with everything that happened."""

    deciding: str
    shipped: str
    in_shadow: str | None
    back_to: str | None
    steps: list[ModelStepShown]


@reads("/v1/models", by=[O], scope=Scope.CREDIT_WRITE)
async def list_models(call: Call) -> ModelsShown:
    """Tell which models take part, and how they came to it."""
    async with call.db.begin() as tx:
        taken = await roles.steps(tx)
    known, shipped = roles_of(taken), call.platform.engine.model_version
    return ModelsShown(
        deciding=known.champion or shipped,
        shipped=shipped,
        in_shadow=None if known.challenger is None else known.challenger.version,
        back_to=known.back_to,
        steps=[_shown(step) for step in taken],
    )


class ShadowShown(msgspec.Struct, frozen=True):
    """How the model in shadow has done since then, and which refusal its promotion would meet now; none: it passes."""

    since: datetime
    compared: ShadowCompared
    blocked_by: str | None
    why: str | None


@reads("/v1/models/shadow", by=[O], scope=Scope.CREDIT_WRITE, refuses=[NobodyInShadow])
async def read_shadow(call: Call) -> ShadowShown:
    """Compare the model in shadow with what decided the same applications, and say what its promotion still lacks."""
    challenger, seen = await _in_shadow(call)
    if challenger is None:
        raise NobodyInShadow
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        engine = call.platform.engine
        refusal = await roles.stands_in_the_way(tx, now, engine, challenger.version, seen)
    return ShadowShown(
        challenger.taken_at,
        compared(challenger.version, seen),
        None if refusal is None else refusal.code,
        None if refusal is None else str(refusal),
    )


@makes(
    "/v1/models/proposal",
    by=[O],
    scope=Scope.CREDIT_WRITE,
    refuses=[ModelUnknown, ModelAtWork, ChallengerInShadow, ReasonMissing, LimitPolicyInvalid, FeatureAbsent],
)
async def propose_model(call: Call, data: JSONBody[ModelProposal], key: IdempotencyKey) -> Response[ModelStepShown]:
    """Put a model that is kept here into shadow: it scores each application from now on, and decides none."""

    async def work(tx: Tx, now: Moment) -> Step:
        engine = call.platform.engine
        return await roles.propose_model(tx, now, engine, data.model_version, actor=call.person, reason=data.reason)

    return await _taken(call, key, data, work)


@makes("/v1/models/withdrawal", by=[O], scope=Scope.CREDIT_WRITE, refuses=[NobodyInShadow, ReasonMissing])
async def withdraw_model(call: Call, data: JSONBody[ModelDecision], key: IdempotencyKey) -> Response[ModelStepShown]:
    """Take the model out of the shadow; what it scored stays."""

    async def work(tx: Tx, now: Moment) -> Step:
        return await roles.withdraw_model(tx, now, actor=call.person, reason=data.reason)

    return await _taken(call, key, data, work)


@makes(
    "/v1/models/promotion",
    by=[O],
    scope=Scope.CREDIT_WRITE,
    refuses=[
        NobodyInShadow,
        MakerIsChecker,
        PromotionByOnePerson,
        PromotionUnproven,
        PromotionUnfair,
        PromotionWorse,
        PromotionUncalibrated,
        ReasonsMissing,
        ReasonMissing,
        LimitPolicyInvalid,
    ],
)
async def promote_model(call: Call, data: JSONBody[ModelDecision], key: IdempotencyKey) -> Response[ModelStepShown]:
    """Let the model in shadow decide from now on, if its ripe outcomes speak for it; somebody else proposed it."""
    challenger, seen = await _in_shadow(call)

    async def work(tx: Tx, now: Moment) -> Step:
        if challenger is None:
            raise NobodyInShadow
        engine = call.platform.engine
        await roles.promote_model(tx, now, engine, challenger.version, seen, actor=call.person, reason=data.reason)
        return (await roles.steps(tx))[-1]

    return await _taken(call, key, data, work)


@makes("/v1/models/demotion", by=[O], scope=Scope.CREDIT_WRITE, refuses=[NothingToDemoteTo, ReasonMissing])
async def put_model_back(call: Call, data: JSONBody[ModelDecision], key: IdempotencyKey) -> Response[ModelStepShown]:
    """Let the model before decide again, in one step; nobody else has to agree."""

    async def work(tx: Tx, now: Moment) -> Step:
        return await roles.put_back(tx, now, actor=call.person, reason=data.reason)

    return await _taken(call, key, data, work)


@reads("/v1/models/drift", by=[O], scope=Scope.CREDIT_WRITE, refuses=[NothingScored])
async def read_drift(call: Call, days: Days = 90) -> Drift:
    """Compare what the deciding model scored with its training: scores, features, approvals, promises, ranking; alerts.

    Outcomes count once they are ripe: 180 days after a customer's first loan.
    """
    decisions: list[Decision] = []
    is_bad: dict[UUID, bool] = {}
    async with call.db.begin() as tx:
        engine = await registry.deciding(tx, await call.platform.moments(tx), call.platform.engine)
    bundle = _bundle(engine)
    for platform in call.services.shards.all():
        async with platform.db.snapshot() as tx:
            now = await platform.moments(tx)
            decisions += await read_decisions(
                tx, since=now.at - timedelta(days=days), until=now.at + timedelta(seconds=1)
            )
            is_bad |= await outcomes(tx, today=now.today)
    rows = watched_of(decisions, bundle.model.model_version, is_bad=is_bad)
    if not len(rows.probability):
        raise NothingScored(bundle.model.model_version)
    return drift(bundle, rows, policy_max=float(engine.policy.probability_max))


async def _in_shadow(call: Call) -> tuple[Step | None, list[roles.Shadow]]:
    """Find the model in shadow and all that it scored, on every server."""
    async with call.db.begin() as tx:
        challenger = (await roles.roles(tx)).challenger
    seen: list[roles.Shadow] = []
    for platform in call.services.shards.all() if challenger is not None else []:
        assert challenger is not None, "asked above"
        async with platform.db.snapshot() as tx:
            is_bad = await outcomes(tx, today=(await platform.moments(tx)).today)
            seen += await roles.shadows(tx, challenger.version, is_bad)
    return challenger, seen


async def _taken(
    call: Call, key: str, said: object, work: Callable[[Tx, Moment], Awaitable[Step]]
) -> Response[ModelStepShown]:
    """Do it once, and let the other servers know."""

    async def attempt(tx: Tx, now: Moment) -> ModelStepShown:
        return _shown(await work(tx, now))

    answer = await once(call, key, said, attempt)
    await call.services.shards.spread()
    return answer


def _bundle(engine: Engine) -> Bundle:
    assert isinstance(engine.scorer, Bundle), "what decides on the platform is a bundle"
    return engine.scorer


def _shown(step: Step) -> ModelStepShown:
    return ModelStepShown(
        step=step.step,
        model_version=step.version,
        before=step.before,
        proposed_by=step.maker,
        by=step.actor,
        reason=step.reason,
        evidence=None if step.evidence is None else msgspec.json.decode(step.evidence),
        at=step.taken_at,
    )


ROUTES = [list_models, read_shadow, propose_model, withdraw_model, promote_model, put_model_back, read_drift]
