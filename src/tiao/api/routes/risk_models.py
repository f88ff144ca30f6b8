"""Fraud models of a programme: brought in, tried in shadow, promoted by a second person, watched, taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody, PathParameter, QueryParameter

from tiao.api.idempotency import once
from tiao.api.ids import IdempotencyKey, Text
from tiao.api.operation import O, makes, reads
from tiao.api.services import Call
from tiao.casework.refusals import MakerIsChecker
from tiao.learning.refusals import BundleUnreadable
from tiao.partners.scopes import Scope
from tiao.risk import actions as risk
from tiao.risk import models
from tiao.risk.drift import RiskDrift, drift
from tiao.risk.model import Budget, Model
from tiao.risk.records import Decision
from tiao.risk.refusals import ModelOfOtherFeatures, ModelRanksWorse, ModelScoredNothing, ModelUnproven
from tiao.risk.rules.ruleset import PARTS
from tiao.runtime.db import Tx
from tiao.runtime.registry.actions import Who
from tiao.runtime.registry.model import Step, StepKind, roles_of, state_of
from tiao.runtime.registry.refusals import (
    ChallengerInShadow,
    NobodyInShadow,
    NothingToGoBackTo,
    ReasonMissing,
    VersionAtWork,
    VersionUnknown,
)
from tiao.values.moment import Moment

#: Six hundred trees of 32 leaves take about two million bytes.
MODEL_BYTES_MAX = 8 * 1024 * 1024
_LATER = datetime(9999, 1, 1, tzinfo=UTC)

Version = Annotated[str, PathParameter(pattern="^[0-9a-f]{16}$", description="The digest of a model's content.")]
Days = Annotated[int, QueryParameter(ge=1, le=730, description="How many days of decisions, until now.")]


class RiskModelGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `tiao risk train` wrote, `model.json` and `reasons.json`, and why it is brought in."""

    model: msgspec.Raw
    reasons: msgspec.Raw
    reason: Text


class RiskModelWhy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is done."""

    reason: Text


class RiskPromotionWhy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a model is put to work, and how many honest purchases it may challenge, in millionths.

    Left out, it is what the model's training said, and no more than it would have challenged in shadow.
    """

    reason: Text
    challenged_max_ppm: Annotated[int, msgspec.Meta(ge=0, le=PARTS)] | None = None


class RiskBudgetShown(msgspec.Struct, frozen=True):
    """How many honest purchases a model may challenge (a code, a review, a decline), and what holds it to that.

    Shares are of honest purchases, in millionths: *challenged_ppm* is what came of it where it was found, on *genuine*
    purchases; *by_cost_ppm* what costs alone would have come to. *friction* is what each honest payer who is challenged
    is reckoned to cost besides, in usual amounts. *is_of_promotion*: found on what was scored in shadow; else at
    training.
    """

    challenged_max_ppm: int
    challenged_ppm: int
    by_cost_ppm: int
    genuine: int
    friction: float
    is_of_promotion: bool


class RiskModelStepShown(msgspec.Struct, frozen=True):
    """One thing that happened to a model; *evidence* is what it showed in shadow when it was promoted."""

    step: StepKind
    model_version: str
    before: str | None
    brought_by: str
    by: str
    reason: str
    evidence: dict[str, Any] | None
    at: datetime


class RiskModelsShown(msgspec.Struct, frozen=True):
    """Which model decides beside the rules (none: rules alone), which is in shadow, and what a step back leads to.

    *is_missing*: the one that should decide cannot be loaded here, and the fallback of the rules decides instead.
    """

    deciding: str | None
    in_shadow: str | None
    back_to: str | None
    can_go_back: bool
    is_missing: bool
    versions: list[str]
    steps: list[RiskModelStepShown]


class RiskModelShown(msgspec.Struct, frozen=True):
    """A model: what it was trained on, how it did on what came later, what it reads, its reasons and its decisions."""

    model_version: str
    state: str
    train_until: str
    label_delay_seconds: int
    trees: int
    window: dict[str, Any]
    metrics: dict[str, Any]
    costs: dict[str, float]
    budget: RiskBudgetShown | None
    thresholds: dict[str, float]
    features: list[str]
    reasons: dict[str, str]
    steps: list[RiskModelStepShown]


@reads("/v1/risk/models", by=[O], scope=Scope.RISK_WRITE)
async def list_risk_models(call: Call) -> RiskModelsShown:
    """Tell which fraud models take part, and how they came to it."""
    async with call.db.begin() as tx:
        taken = await models.models().steps(tx)
    known = roles_of(taken)
    return RiskModelsShown(
        deciding=known.champion or None,
        in_shadow=None if known.challenger is None else known.challenger.version,
        back_to=known.back_to or None,
        can_go_back=known.back_to is not None,
        is_missing=bool(known.champion) and call.platform.control.setup().model is None,
        versions=list(dict.fromkeys(each.version for each in taken if each.version)),
        steps=[_shown(each) for each in taken],
    )


@reads("/v1/risk/models/{version:str}", by=[O], scope=Scope.RISK_WRITE, refuses=[VersionUnknown, BundleUnreadable])
async def read_risk_model(call: Call, version: Version) -> RiskModelShown:
    """Show a fraud model and where it stands: draft, shadow, live or retired."""
    async with call.db.begin() as tx:
        content = await models.models().content(tx, version)
        taken = await models.models().steps(tx)
    found, reasons = models.model_from(content), models.reasons_from(content)
    return RiskModelShown(
        model_version=version,
        state=state_of(taken, version, shipped=models.NO_MODEL),
        train_until=found.train_until,
        label_delay_seconds=found.label_delay_us // 1_000_000,
        trees=len(found.form.leaves),
        window=found.window,
        metrics=found.metrics,
        costs=msgspec.structs.asdict(found.costs),
        budget=_budget_shown(models.promoted_budget(taken, version), found),
        thresholds={band.grade: band.pd_low for band in found.grades[1:]},
        features=[feature.name for feature in found.features],
        reasons={each.code: each.agent for each in reasons},
        steps=[_shown(each) for each in taken if each.version == version],
    )


@makes(
    "/v1/risk/models",
    by=[O],
    scope=Scope.RISK_WRITE,
    refuses=[BundleUnreadable, ModelOfOtherFeatures, ReasonMissing],
    body_bytes_max=MODEL_BYTES_MAX,
)
async def bring_risk_model(
    call: Call, data: JSONBody[RiskModelGiven], key: IdempotencyKey
) -> Response[RiskModelStepShown]:
    """Bring a fraud model in, trained on an export of this programme: it is kept, and does nothing yet.

    Its content must be that of its version, read what the live path knows, and score.
    """
    model, reasons = models.read_bundle(bytes(data.model), bytes(data.reasons))

    async def work(tx: Tx, now: Moment) -> Step:
        return await models.draft(tx, now, model, reasons, _who(call, data.reason))

    return await _taken(call, key, {"model": model.model_version, "reason": data.reason}, work)


@makes(
    "/v1/risk/models/{version:str}/shadow",
    by=[O],
    scope=Scope.RISK_WRITE,
    refuses=[VersionUnknown, VersionAtWork, ChallengerInShadow, ReasonMissing],
)
async def try_risk_model(
    call: Call, version: Version, data: JSONBody[RiskModelWhy], key: IdempotencyKey
) -> Response[RiskModelStepShown]:
    """Put a fraud model into shadow: it scores every purchase from now on, and decides none."""

    async def work(tx: Tx, now: Moment) -> Step:
        return await models.models().propose(tx, now, version, _who(call, data.reason))

    return await _taken(call, key, data, work)


@makes("/v1/risk/models/withdrawal", by=[O], scope=Scope.RISK_WRITE, refuses=[NobodyInShadow, ReasonMissing])
async def withdraw_risk_model(
    call: Call, data: JSONBody[RiskModelWhy], key: IdempotencyKey
) -> Response[RiskModelStepShown]:
    """Take the fraud model in shadow out of it; what it scored stays."""

    async def work(tx: Tx, now: Moment) -> Step:
        return await models.models().withdraw(tx, now, _who(call, data.reason))

    return await _taken(call, key, data, work)


@makes(
    "/v1/risk/models/{version:str}/promotion",
    by=[O],
    scope=Scope.RISK_WRITE,
    refuses=[NobodyInShadow, MakerIsChecker, ModelUnproven, ModelRanksWorse, ReasonMissing],
)
async def promote_risk_model(
    call: Call, version: Version, data: JSONBody[RiskPromotionWhy], key: IdempotencyKey
) -> Response[RiskModelStepShown]:
    """Let the fraud model in shadow decide beside the rules, if what it scored speaks for it.

    By a person who neither brought it in nor put it into shadow. At least 30 frauds are known among what it scored, and
    it ranks no worse than what decided. What it scored also says how dear it has to be to challenge an honest payer, so
    that no more of them are than the budget allows: that is kept with the evidence, and part of each decision's record.
    """
    async with call.db.begin() as tx:
        shadow = (await models.models().roles(tx)).challenger
    is_it = shadow is not None and shadow.version == version
    who = _who(call, data.reason)
    if shadow is not None and is_it and who.actor in {shadow.maker, shadow.actor}:
        raise MakerIsChecker
    shown = None if shadow is None or not is_it else await _evidence(call, shadow, data.challenged_max_ppm)

    async def work(tx: Tx, now: Moment) -> Step:
        if shown is None:
            raise NobodyInShadow
        return await models.models().promote(tx, now, version, who, evidence=msgspec.json.encode(shown))

    return await _taken(call, key, data, work)


@makes("/v1/risk/models/rollback", by=[O], scope=Scope.RISK_WRITE, refuses=[NothingToGoBackTo, ReasonMissing])
async def put_risk_model_back(
    call: Call, data: JSONBody[RiskModelWhy], key: IdempotencyKey
) -> Response[RiskModelStepShown]:
    """Let what decided before decide again, in one step: the model before, or rules alone; nobody else has to agree."""

    async def work(tx: Tx, now: Moment) -> Step:
        return await models.models().put_back(tx, now, _who(call, data.reason))

    return await _taken(call, key, data, work)


@reads(
    "/v1/risk/models/{version:str}/drift",
    by=[O],
    scope=Scope.RISK_WRITE,
    refuses=[VersionUnknown, BundleUnreadable, ModelScoredNothing],
)
async def read_risk_drift(call: Call, version: Version, days: Days = 30) -> RiskDrift:
    """Compare what a fraud model scored with its training: score, features, alerts, precision of what was stopped."""
    async with call.db.begin() as tx:
        model = models.model_from(await models.models().content(tx, version))
        promoted = models.promoted_budget(await models.models().steps(tx), version)
        now = await call.platform.moments(tx)
    until = now.at + timedelta(microseconds=1)
    decisions: list[Decision] = []
    scores: list[float] = []
    truth: dict[UUID, bool] = {}
    for platform in call.services.shards.all():
        async with platform.db.snapshot() as tx:
            found, given = await models.scored(tx, version, until - timedelta(days=days), until)
            truth |= await risk.truth_of(tx, [each.purchase_id for each in found])
        decisions += found
        scores += given
    if not decisions or not model.stability:
        raise ModelScoredNothing
    return drift(model, decisions, scores, truth, promoted)


async def _evidence(call: Call, shadow: Step, challenged_max_ppm: int | None) -> models.Evidence:
    async with call.db.begin() as tx:
        model = models.model_from(await models.models().content(tx, shadow.version))
    decisions, truth = await _scored(call, shadow.version, shadow.taken_at, _LATER)
    share = None if challenged_max_ppm is None else challenged_max_ppm / PARTS
    return models.evidence(model, decisions, truth, share)


async def _scored(
    call: Call, version: str, since: datetime, until: datetime
) -> tuple[list[Decision], dict[UUID, bool]]:
    decisions: list[Decision] = []
    truth: dict[UUID, bool] = {}
    for platform in call.services.shards.all():
        async with platform.db.snapshot() as tx:
            found, _ = await models.scored(tx, version, since, until)
            truth |= await risk.truth_of(tx, [each.purchase_id for each in found])
        decisions += found
    return decisions, truth


async def _taken(
    call: Call, key: str, said: object, work: Callable[[Tx, Moment], Awaitable[Step]]
) -> Response[RiskModelStepShown]:
    """Do it once, and let the other servers and this process know."""

    async def attempt(tx: Tx, now: Moment) -> RiskModelStepShown:
        return _shown(await work(tx, now))

    answer = await once(call, key, said, attempt)
    await call.services.shards.spread()
    await call.platform.control.look(call.db, call.platform.moments)
    return answer


def _who(call: Call, reason: str) -> Who:
    """Name the person, whichever key they use: nobody is two people."""
    return Who(call.person, reason)


def _budget_shown(promoted: Budget | None, model: Model) -> RiskBudgetShown | None:
    of = promoted or model.budget
    if not of:
        return None
    return RiskBudgetShown(
        challenged_max_ppm=round(of.challenged_max * PARTS),
        challenged_ppm=round(of.challenged * PARTS),
        by_cost_ppm=round(of.by_cost * PARTS),
        genuine=of.genuine,
        friction=of.friction,
        is_of_promotion=promoted is not None,
    )


def _shown(step: Step) -> RiskModelStepShown:
    return RiskModelStepShown(
        step=step.step,
        model_version=step.version,
        before=step.before,
        brought_by=step.maker,
        by=step.actor,
        reason=step.reason,
        evidence=None if step.evidence is None else msgspec.json.decode(step.evidence),
        at=step.taken_at,
    )


ROUTES = [
    list_risk_models,
    read_risk_model,
    bring_risk_model,
    try_risk_model,
    withdraw_risk_model,
    promote_risk_model,
    put_risk_model_back,
    read_risk_drift,
]
