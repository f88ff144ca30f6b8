"""Fraud models of a programme, in their register: which decides beside the rules, which is tried in shadow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
import numpy as np

from tiao.learning.forms import Reason
from tiao.learning.metrics import auc
from tiao.learning.refusals import BundleUnreadable
from tiao.risk.live import LIVE
from tiao.risk.measures import average_precision
from tiao.risk.model import Model, content_digest
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.records import Decision
from tiao.risk.refusals import ModelOfOtherFeatures, ModelUnproven
from tiao.runtime.db import Tx
from tiao.runtime.registry.actions import Register, Who
from tiao.runtime.registry.model import Step
from tiao.values.moment import Moment

#: No model ships: until one is promoted, rules alone decide.
NO_MODEL = ""
#: Fewer known frauds prove nothing about a ranking: its interval would be wider than what models differ by.
FRAUDS_MIN = 30


class _Content(msgspec.Struct, frozen=True):
    model: Model
    reasons: list[Reason]


def models() -> Register:
    """Give the register of models."""
    return Register("risk_model", NO_MODEL)


async def draft(tx: Tx, now: Moment, model: Model, reasons: list[Reason], who: Who) -> Step:
    """Bring a model in. It reads what the live path knows, by the same definition, and the amount.

    Refuses: ModelOfOtherFeatures, ReasonMissing.
    """
    if model.definition != LIVE or any(each.kind != "fold" and each.name != "amount" for each in model.features):
        raise ModelOfOtherFeatures
    content = msgspec.json.encode(_Content(model, reasons))
    return await models().draft(tx, now, model.model_version, content, who)


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


def evidence(decisions: Sequence[Decision], is_fraud: Mapping[UUID, bool]) -> Evidence:
    """Measure the model in shadow. Refuses: ModelUnproven, where too little is known or it ranks worse."""
    scored = [each for each in decisions if each.challenger_score is not None]
    known = [each for each in scored if each.purchase_id in is_fraud]
    target = np.array([float(is_fraud[each.purchase_id]) for each in known], dtype=np.float64)
    frauds = int(target.sum())
    if frauds < FRAUDS_MIN or frauds == len(known):
        raise ModelUnproven(frauds=frauds, frauds_min=FRAUDS_MIN, known=len(known))
    score = np.array([each.challenger_score for each in known], dtype=np.float64)
    before = np.array([_before(each) for each in known], dtype=np.float64)
    made = Evidence(
        len(scored),
        len(known),
        frauds,
        round(average_precision(target, score), 6),
        round(auc(target, score), 6),
        round(average_precision(target, before), 6),
    )
    if made.before is not None and made.average_precision < made.before:
        raise ModelUnproven(frauds=frauds, frauds_min=FRAUDS_MIN, known=len(known))
    return made


def _before(decision: Decision) -> float:
    """Rank a payment as it was taken then: by the score, or by how hard the outcome was."""
    return float(RiskOutcome(decision.outcome).severity) if decision.score is None else decision.score


def model_from(content: bytes) -> Model:
    """Read a model as it was kept. Refuses: BundleUnreadable."""
    kept = msgspec.json.decode(content, type=_Content)
    if content_digest(kept.model, kept.reasons) != kept.model.model_version:
        raise BundleUnreadable(f"the content is not that of version {kept.model.model_version}")
    return kept.model
