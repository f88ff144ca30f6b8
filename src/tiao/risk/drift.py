"""Has the population moved since a fraud model was trained: scores, features, alerts, and how right they were; pure.

Source: population stability index with .10 and .25 as its usual marks (Siddiqi, Credit Risk Scorecards, 2006).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec
import numpy as np
import numpy.typing as npt

from tiao.learning.metrics import by_chance, psi
from tiao.risk.budget import challenged as challenged_share
from tiao.risk.budget import gains
from tiao.risk.features.definition import features_of
from tiao.risk.live import from_bytes, values_of
from tiao.risk.measures import average_precision
from tiao.risk.model import Budget, Model, Seen
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.records import Decision, is_honest
from tiao.risk.rules.ruleset import PARTS

Floats = npt.NDArray[np.float64]
QUESTION, STOP = 0.10, 0.25
#: From as many stopped purchases on, of which is known what they were, a precision says something.
_KNOWN_MIN = 30
#: Where fewer than one in ten stopped purchases was fraud, people are challenged for nothing. Our own choice.
_PRECISION_MIN_PPM = 100_000
#: What comes about by chance more seldom is an alert.
_CHANCE = 0.01
#: The alert that more honest payers are challenged than the budget allows.
OVER_BUDGET = "honest purchases challenged"


class DriftLevel(StrEnum):
    """How far something has moved: not, a question, or a reason to stop."""

    CALM = "calm"
    QUESTION = "question"
    STOP = "stop"


class Drifted(msgspec.Struct, frozen=True):
    """How far a score or a feature has moved. Shares are by bin, in millionths: up to each edge, above, missing."""

    name: str
    psi: float
    level: DriftLevel
    edges: list[float]
    before_ppm: list[int]
    now_ppm: list[int]


class Alerted(msgspec.Struct, frozen=True):
    """What came of an outcome. *precision_ppm*: of those of which is known what they were, how many were fraud."""

    outcome: RiskOutcome
    purchases: int
    share_ppm: int
    known: int
    frauds: int
    precision_ppm: int | None


class AlertsOfDay(msgspec.Struct, frozen=True):
    """How many were decided on a day (UTC), and how many of them stopped."""

    day: str
    decided: int
    stopped: int


class RiskDrift(msgspec.Struct, frozen=True):
    """How a model does beside its training.

    *alert_rate_ppm*: purchases stopped. *reviewed_ppm*: frauds among those people judged. *average_precision*: of the
    purchases known by now, None where no fraud is. *challenged_ppm*: honest purchases (`is_honest`) that the
    model itself challenges, or in shadow would; *challenged_max_ppm*: as many as it may, None for a model without a
    budget. *alerts*: names of what is no longer calm.
    """

    model_version: str
    decided: int
    level: DriftLevel
    score: Drifted
    features: list[Drifted]
    outcomes: list[Alerted]
    days: list[AlertsOfDay]
    alert_rate_ppm: int
    reviewed_ppm: int | None
    challenged_ppm: int
    challenged_max_ppm: int | None
    known: int
    frauds: int
    average_precision: float | None
    alerts: list[str]


def drift(
    model: Model,
    decisions: Sequence[Decision],
    scores: Sequence[float],
    truth: Mapping[UUID, bool],
    promoted: Budget | None = None,
) -> RiskDrift:
    """Compare decisions, each with the model's score, with what training saw; *truth* is what is known by now.

    *promoted* is the budget of the model's promotion.
    """
    assert isinstance(model.stability, msgspec.Struct), "what is asked kept what training saw"
    score = _drifted(model.stability.score, np.array(scores, dtype=np.float64))
    places = {feature.name: place for place, feature in enumerate(features_of(model.definition))}
    matrix = np.array([values_of(from_bytes(each.inputs)) for each in decisions], dtype=np.float64)
    amounts = np.array([each.amount_minor for each in decisions], dtype=np.float64)
    features = [
        _drifted(
            seen,
            matrix[:, places[seen.name]] if seen.name in places else amounts,
            among=len(model.stability.features),
        )
        for seen in model.stability.features
    ]
    outcomes = [_alerted(outcome, decisions, truth) for outcome in RiskOutcome]
    stopped = sum(each.purchases for each in outcomes if each.outcome is not RiskOutcome.APPROVE)
    known = [
        (score, truth[each.purchase_id])
        for score, each in zip(scores, decisions, strict=True)
        if each.purchase_id in truth
    ]
    frauds = sum(is_fraud for _, is_fraud in known)
    alerts = [each.name for each in (score, *features) if each.level is not DriftLevel.CALM]
    alerts += [
        f"precision of {each.outcome}"
        for each in outcomes
        if each.outcome is not RiskOutcome.APPROVE
        and each.known >= _KNOWN_MIN
        and each.precision_ppm is not None
        and each.precision_ppm < _PRECISION_MIN_PPM
    ]
    budget = promoted or model.budget or None
    honest = np.array([is_honest(each, truth) for each in decisions], dtype=np.bool_)
    challenged = _challenged(model, np.array(scores)[honest], amounts[honest], budget)
    if budget is not None and _is_more_than_chance(challenged, budget.challenged_max, int(honest.sum())):
        alerts.append(OVER_BUDGET)
    is_stop = any(each.level is DriftLevel.STOP for each in (score, *features))
    return RiskDrift(
        model_version=model.model_version,
        decided=len(decisions),
        level=DriftLevel.STOP if is_stop else DriftLevel.QUESTION if alerts else DriftLevel.CALM,
        score=score,
        features=sorted(features, key=lambda each: -each.psi),
        outcomes=outcomes,
        days=_days(decisions),
        alert_rate_ppm=stopped * PARTS // max(1, len(decisions)),
        reviewed_ppm=next(each.precision_ppm for each in outcomes if each.outcome is RiskOutcome.REVIEW),
        challenged_ppm=round(challenged * PARTS),
        challenged_max_ppm=None if budget is None else round(budget.challenged_max * PARTS),
        known=len(known),
        frauds=frauds,
        average_precision=_precision(known) if frauds else None,
        alerts=alerts,
    )


def _challenged(model: Model, scores: Floats, amounts: Floats, budget: Budget | None) -> float:
    """Tell the share of honest purchases that the model challenges at its scores and their amounts."""
    friction = budget.friction if budget else model.friction
    gained = gains(scores, amounts, model.costs, typical=model.definition.usual_amount)
    return challenged_share(gained, np.ones(len(gained)), friction)


def _is_more_than_chance(share: float, most: float, purchases: int) -> bool:
    """Tell whether so large a share comes about less than once in a hundred times where *most* is the truth.

    Source: Chernoff's bound on the tail of a binomial, which holds for few as for many.
    """
    if share <= most or most >= 1.0:
        return False
    if most <= 0.0:
        return True
    apart = share * math.log(share / most)
    if share < 1.0:
        apart += (1.0 - share) * math.log((1.0 - share) / (1.0 - most))
    return math.exp(-purchases * apart) < _CHANCE


def _precision(known: Sequence[tuple[float, bool]]) -> float:
    target = np.array([float(is_fraud) for _, is_fraud in known])
    return round(average_precision(target, np.array([score for score, _ in known])), 6)


def _drifted(seen: Seen, values: Floats, *, among: int = 1) -> Drifted:
    edges, before = np.array(seen.edges, dtype=np.float64), np.array(seen.counts, dtype=np.float64)
    known = ~np.isnan(values)
    inside = np.bincount(np.searchsorted(edges, values[known], side="left"), minlength=len(edges) + 1)
    now = np.array([*inside, (~known).sum()], dtype=np.float64)
    index = psi(before, now)
    is_chance = index <= by_chance(int(((before > 0) | (now > 0)).sum()), int(now.sum()), among=among)
    level = DriftLevel.STOP if index >= STOP else DriftLevel.QUESTION if index >= QUESTION else DriftLevel.CALM
    return Drifted(
        seen.name,
        round(index, 6),
        DriftLevel.CALM if is_chance else level,
        list(seen.edges),
        _shares(before),
        _shares(now),
    )


def _shares(counts: Floats) -> list[int]:
    total = max(1.0, float(counts.sum()))
    return [round(float(each) * PARTS / total) for each in counts]


def _alerted(outcome: RiskOutcome, decisions: Sequence[Decision], truth: Mapping[UUID, bool]) -> Alerted:
    of = [each.purchase_id for each in decisions if each.outcome == outcome]
    known = [truth[each] for each in of if each in truth]
    precision = sum(known) * PARTS // len(known) if known else None
    return Alerted(outcome, len(of), len(of) * PARTS // max(1, len(decisions)), len(known), sum(known), precision)


def _days(decisions: Sequence[Decision]) -> list[AlertsOfDay]:
    counted: dict[str, list[int]] = {}
    for each in decisions:
        day = counted.setdefault(_day(each.decided_at), [0, 0])
        day[0] += 1
        day[1] += each.outcome != RiskOutcome.APPROVE
    return [AlertsOfDay(day, decided, stopped) for day, (decided, stopped) in sorted(counted.items())]


def _day(at: datetime) -> str:
    return at.date().isoformat()
