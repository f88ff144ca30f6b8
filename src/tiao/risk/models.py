"""Fraud models of a programme, in their register: which decides beside the rules, which is tried in shadow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import numpy as np

from tiao.learning.forms import Reason
from tiao.learning.metrics import auc
from tiao.learning.refusals import BundleUnreadable
from tiao.risk import store
from tiao.risk.budget import CHALLENGED_MAX, budget_of, gains
from tiao.risk.deciding import Versions
from tiao.risk.features.definition import features_of
from tiao.risk.live import LIVE
from tiao.risk.measures import average_precision
from tiao.risk.model import FORMAT_VERSION, Budget, Model, content_digest
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.records import Decision, is_honest
from tiao.risk.refusals import ModelOfOtherFeatures, ModelRanksWorse, ModelUnproven
from tiao.risk.rules.ruleset import PARTS
from tiao.risk.scoring import Scorer
from tiao.runtime.db import Tx
from tiao.runtime.registry.actions import Register, Who
from tiao.runtime.registry.model import Step, StepKind
from tiao.values.moment import Moment

#: No model ships: until one is promoted, rules alone decide.
NO_MODEL = ""
#: Fewer known frauds prove nothing about a ranking: its interval would be wider than what models differ by.
FRAUDS_MIN = 30
#: Of fewer honest purchases than make so many by the budget, a share says nothing: the dearest few would decide.
_ALLOWED_MIN = 5
#: A budget of less is proven as one of this share.
_SHARE_LEAST = 0.005


#: Decisions read at a time.
_AT_ONCE = 2_000


class _Content(msgspec.Struct, frozen=True):
    model: Model
    reasons: list[Reason]


def models() -> Register:
    """Give the register of models."""
    return Register("risk_model", NO_MODEL)


async def draft(tx: Tx, now: Moment, model: Model, reasons: list[Reason], who: Who) -> Step:
    """Bring a model in. It reads what the live path knows, by the same definition, and the amount.

    Refuses: ModelOfOtherFeatures, BundleUnreadable, ReasonMissing.
    """
    if model.definition != LIVE or any(each.kind != "fold" and each.name != "amount" for each in model.features):
        raise ModelOfOtherFeatures
    _check_serves(model)
    content = msgspec.json.encode(_Content(model, reasons))
    return await models().draft(tx, now, model.model_version, content, who)


def read_bundle(model: bytes, reasons: bytes) -> tuple[Model, list[Reason]]:
    """Read the files of a model as they were sent. Refuses: BundleUnreadable."""
    try:
        loaded = msgspec.json.decode(model, type=Model)
        texts = msgspec.json.decode(reasons, type=list[Reason])
    except (msgspec.DecodeError, RecursionError) as fault:
        raise BundleUnreadable(str(fault)) from fault
    if loaded.format_version != FORMAT_VERSION or loaded.kind != "risk":
        raise BundleUnreadable(f"{loaded.kind} of format {loaded.format_version}, not risk of {FORMAT_VERSION}")
    if content_digest(loaded, texts) != loaded.model_version:
        raise BundleUnreadable(f"the content is not that of version {loaded.model_version}")
    return loaded, texts


def _check_serves(model: Model) -> None:
    """Let a model score once before it may ever decide. Refuses: BundleUnreadable."""
    try:
        Scorer(model).weigh(np.full((2, len(features_of(LIVE))), np.nan), np.array([1.0, 1e9]))
    except Exception as fault:
        raise BundleUnreadable(f"it cannot score: {type(fault).__name__}") from fault


async def scored(tx: Tx, version: str, since: datetime, until: datetime) -> tuple[list[Decision], list[float]]:
    """Read the decisions of a time that a model scored, at work or in shadow, with its scores."""
    named: dict[str, Versions] = {}
    decisions: list[Decision] = []
    scores: list[float] = []
    after = 0
    while True:
        found = await store.read_decisions_between(tx, since, until, after=after, limit=_AT_ONCE)
        for each in found:
            if each.versions not in named:
                content = await store.read_versions(tx, each.versions)
                assert content is not None, "what decided is kept with what it decided"
                named[each.versions] = msgspec.json.decode(content, type=Versions)
            made_by = named[each.versions]
            score = each.score if made_by.model == version else each.challenger_score
            if version in {made_by.model, made_by.challenger} and score is not None:
                decisions.append(each)
                scores.append(score)
        if len(found) < _AT_ONCE:
            return decisions, scores
        after = found[-1].fold_number


class Evidence(msgspec.Struct, frozen=True):
    """What a model showed in shadow, on purchases of which is known what they were.

    *before* is the same of what decided until then: of the model at work, or of the outcomes where rules alone decided.
    """

    scored: int
    known: int
    frauds: int
    average_precision: float
    auc: float
    before: float | None
    #: How many honest purchases it may challenge, and the friction it is put to work with, found on what it scored.
    budget: Budget | msgspec.UnsetType = msgspec.UNSET


class _Promoted(msgspec.Struct, frozen=True):
    """What is read again of the evidence of a promotion."""

    budget: Budget | msgspec.UnsetType = msgspec.UNSET


def promoted_budget(steps: Sequence[Step], version: str) -> Budget | None:
    """Give the budget that a version's latest promotion said; None where it said none, or there was no promotion."""
    kept = [each.evidence for each in steps if each.version == version and each.step is StepKind.PROMOTED]
    if not kept or kept[-1] is None:
        return None
    return msgspec.json.decode(kept[-1], type=_Promoted).budget or None


def friction_of(steps: Sequence[Step], version: str) -> float | None:
    """Tell the friction that a version's latest promotion said; None: that of the model holds."""
    said = promoted_budget(steps, version)
    return None if said is None else said.friction


def evidence(
    model: Model, decisions: Sequence[Decision], is_fraud: Mapping[UUID, bool], challenged_max: float | None = None
) -> Evidence:
    """Measure the model in shadow. Refuses: ModelUnproven, ModelRanksWorse.

    *challenged_max* is the share of honest purchases that it may challenge at work; left out, it is what its training
    said, and no more than it would have challenged in shadow.
    """
    scored = [each for each in decisions if each.challenger_score is not None]
    known = [each for each in scored if each.purchase_id in is_fraud]
    target = np.array([float(is_fraud[each.purchase_id]) for each in known], dtype=np.float64)
    frauds = int(target.sum())
    if frauds < FRAUDS_MIN or frauds == len(known):
        raise ModelUnproven(
            f"{frauds} frauds and {len(known) - frauds} others are known among the {len(scored)} that it scored; "
            f"{FRAUDS_MIN} frauds are needed",
            frauds=frauds,
            frauds_min=FRAUDS_MIN,
            known=len(known),
        )
    score = np.array([each.challenger_score for each in known], dtype=np.float64)
    before = np.array([_before(each) for each in known], dtype=np.float64)
    made = Evidence(
        len(scored),
        len(known),
        frauds,
        round(average_precision(target, score), 6),
        round(auc(target, score), 6),
        round(average_precision(target, before), 6),
        _budget(model, frauds, len(known), [each for each in scored if is_honest(each, is_fraud)], challenged_max),
    )
    if made.before is not None and made.average_precision < made.before:
        raise ModelRanksWorse(
            f"average precision {made.average_precision:.3f}, of what decided {made.before:.3f}",
            average_precision_ppm=round(made.average_precision * PARTS),
            before_ppm=round(made.before * PARTS),
            known=len(known),
        )
    return made


def _budget(model: Model, frauds: int, known: int, honest: Sequence[Decision], challenged_max: float | None) -> Budget:
    """Hold the model to a share of the honest purchases of its shadow. Refuses: ModelUnproven, if they are too few."""
    share = challenged_max
    if share is None:
        share = model.budget.challenged_max if model.budget else CHALLENGED_MAX
    needed = math.ceil(_ALLOWED_MIN / max(share, _SHARE_LEAST))
    if share < 1.0 and len(honest) < needed:
        raise ModelUnproven(
            f"{len(honest)} honest purchases are among what it scored; {needed} are needed to hold it to {share:.2%}",
            frauds=frauds,
            frauds_min=FRAUDS_MIN,
            known=known,
        )
    score = np.array([each.challenger_score for each in honest], dtype=np.float64)
    amount = np.array([each.amount_minor for each in honest], dtype=np.float64)
    gained = gains(score, amount, model.costs, typical=model.definition.usual_amount)
    at_least = model.friction if challenged_max is None else 0.0
    return budget_of(gained, np.ones(len(gained)), share, at_least=at_least)


def _before(decision: Decision) -> float:
    """Rank a payment as it was taken then: by the score, or by how hard the outcome was."""
    return float(RiskOutcome(decision.outcome).severity) if decision.score is None else decision.score


def reasons_from(content: bytes) -> list[Reason]:
    """Read the texts of a model as it was kept."""
    return msgspec.json.decode(content, type=_Content).reasons


def model_from(content: bytes) -> Model:
    """Read a model as it was kept. Refuses: BundleUnreadable."""
    try:
        kept = msgspec.json.decode(content, type=_Content)
    except (msgspec.DecodeError, RecursionError) as fault:
        raise BundleUnreadable(str(fault)) from fault
    if content_digest(kept.model, kept.reasons) != kept.model.model_version:
        raise BundleUnreadable(f"the content is not that of version {kept.model.model_version}")
    return kept.model
