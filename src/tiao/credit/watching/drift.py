"""Has the population moved? Scores, features, approvals, promises and ranking, each against what training kept.

Source: population stability index with .10 and .25 as its usual marks (Siddiqi, Credit Risk Scorecards, 2006). The
same index over a feature's training bins is called CSI.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from tiao.credit.scoring import Bundle
from tiao.credit.scoring.features import cleaner, formula
from tiao.credit.scoring.model import Model
from tiao.credit.training.stability import counts_like
from tiao.credit.watching.model import (
    Alert,
    Approval,
    Drift,
    Floats,
    GradeCalibration,
    Level,
    Moved,
    Vintage,
    Watched,
)
from tiao.learning.metrics import auc, auc_interval, by_chance, ks, psi

#: From the first on it is a question, from the second on a stop.
QUESTION, STOP = 0.10, 0.25
#: A missing rate may move by this many points before it is a question, and a stop; so may the approval rate.
_SHARE_QUESTION, _SHARE_STOP = 0.05, 0.15
#: The normal quantile of one in a hundred on both sides.
_CHANCE_BOTH = 2.576
#: A grade's promise is broken beyond this many standard errors.
_APART_QUESTION, _APART_STOP = 3.0, 5.0
#: Fewer rows of a grade or a month say too little to alarm anybody.
_ROWS_MIN = 100
#: The ranking of a ripe month below training's by this much AUC, with its whole interval below.
_AUC_LOST = 0.02


def drift(
    bundle: Bundle, rows: Watched, *, probability_max: float | None = None, policy_max: float | None = None
) -> Drift:
    """Compare rows with what training kept.

    The approval rate is that of what was really decided if the rows say it, beside the share of training that the
    policy's own bound *policy_max* would approve; otherwise of everybody up to *probability_max*. Either is by default
    the bound at which training's fairness report approves.
    """
    model = bundle.model
    score = _score(model, rows)
    features = _features(bundle, rows)
    approval = _approval(model, rows, probability_max, policy_max)
    calibration = _calibration(model, rows)
    vintages = _vintages(rows)
    alerts = (
        *([Alert(score.level, "score", "PSI", score.index)] if score.level is not Level.CALM else []),
        *(Alert(one.level, "feature", one.name, one.index) for one in features if one.level is not Level.CALM),
        *_missing_alerts(features, len(rows.probability)),
        *([Alert(approval.level, "approval", "rate", approval.now)] if approval.level is not Level.CALM else []),
        *(Alert(one.level, "grade", one.grade, one.distance) for one in calibration if one.level is not Level.CALM),
        *_vintage_alerts(model, vintages),
    )
    worst = [level for level in (Level.STOP, Level.QUESTION) if any(alert.level is level for alert in alerts)]
    return Drift(
        model_version=model.model_version,
        rows=len(rows.probability),
        level=worst[0] if worst else Level.CALM,
        score=score,
        features=features,
        approval=approval,
        calibration=calibration,
        vintages=vintages,
        alerts=tuple(sorted(alerts, key=lambda alert: alert.level is not Level.STOP)),
    )


def level_of(value: float, question: float = QUESTION, stop: float = STOP) -> Level:
    """Name how far something has moved."""
    return Level.STOP if value >= stop else Level.QUESTION if value >= question else Level.CALM


def _moved(
    name: str,
    labels: Sequence[str],
    before: Floats,
    now: Floats,
    *,
    missing: tuple[float, float] | None = None,
    among: int = 1,
) -> Moved:
    index = psi(before, now)
    chance = by_chance(int(((before > 0) | (now > 0)).sum()), int(now.sum()), among=among)
    shares = zip(labels, _shares(before), _shares(now), strict=True)
    return Moved(
        name,
        round(index, 6),
        level_of(index) if index > chance else Level.CALM,
        tuple((label, round(old, 6), round(new, 6)) for label, old, new in shares),
        missing_before=None if missing is None else round(missing[0], 6),
        missing_now=None if missing is None else round(missing[1], 6),
    )


def _shares(counts: Floats) -> list[float]:
    total = max(1.0, float(counts.sum()))
    return [float(count) / total for count in counts.tolist()]


def _score(model: Model, rows: Watched) -> Moved:
    """Compare over the deciles of training where they were kept, otherwise over its grades."""
    quantiles = model.stability.get("quantiles")
    if quantiles is None:
        names = [grade.grade for grade in model.grades]
        now = np.array([sum(one == name for one in rows.grade) for name in names], dtype=float)
        return _moved("score", names, np.array(model.stability["grades"], dtype=float), now)
    bounds = np.array(quantiles, dtype=float)
    cuts = np.unique(bounds[10:-1:10])
    before = np.bincount(np.searchsorted(cuts, bounds, side="left"), minlength=len(cuts) + 1).astype(float)
    now = np.bincount(np.searchsorted(cuts, rows.probability, side="left"), minlength=len(cuts) + 1).astype(float)
    return _moved("score", [*(f"up to {cut:.4f}" for cut in cuts), "above"], before, now)


def _features(bundle: Bundle, rows: Watched) -> tuple[Moved, ...]:
    """Compare every feature that the model uses over its training bins; rows without a column say nothing of it."""
    model = bundle.model
    columns = {column.name: column for column in model.columns}
    by_name = {feature.name: feature for feature in model.features}
    found = []
    among = len(model.stability["features"])
    for name, reference in model.stability["features"].items():
        feature = by_name[name]
        if not all(column in rows.cells for column in feature.inputs):
            continue
        clean = [[cleaner(columns[column])(cell) for cell in rows.cells[column]] for column in feature.inputs]
        value = formula(feature, columns)
        values = [value(*cells) for cells in zip(*clean, strict=True)]
        before = np.array(reference["counts"], dtype=float)
        now = np.array(counts_like(reference, values), dtype=float)
        missing = (_shares(before)[-1], _shares(now)[-1])
        found.append(_moved(name, _labels(reference), before, now, missing=missing, among=among))
    return tuple(sorted(found, key=lambda one: -one.index))


def _labels(reference: dict[str, Any]) -> list[str]:
    if "labels" in reference:
        return [*reference["labels"], "other", "missing"]
    return [*(f"up to {edge:g}" for edge in reference["edges"]), "above", "missing"]


def _missing_alerts(features: Sequence[Moved], rows: int) -> list[Alert]:
    alerts = []
    for one in features:
        assert one.missing_now is not None, "a feature's missing rate is always counted"
        assert one.missing_before is not None, "same"
        level = _share_level(one.missing_before, one.missing_now, rows)
        if level is not Level.CALM:
            alerts.append(Alert(level, "missing", one.name, one.missing_now))
    return alerts


def _approval(model: Model, rows: Watched, probability_max: float | None, policy_max: float | None) -> Approval:
    is_decided = rows.approved is not None and probability_max is None
    stated = policy_max if is_decided else probability_max
    bound = stated if stated is not None else float(model.metrics["fairness"]["threshold"])
    before = _share_below(model, bound)
    if rows.approved is not None and probability_max is None:
        now = float(rows.approved.mean()) if len(rows.approved) else 0.0
        return Approval(None, round(before, 6), round(now, 6), _share_level(before, now, len(rows.approved)))
    now = float((rows.probability <= bound).mean()) if len(rows.probability) else 0.0
    level = _share_level(before, now, len(rows.probability))
    return Approval(bound, round(before, 6), round(now, 6), level)


def _share_level(before: float, now: float, rows: int) -> Level:
    """Name how far a share has moved; what so few rows show by chance is nothing."""
    apart = abs(now - before)
    if apart <= _CHANCE_BOTH * math.sqrt(before * (1 - before) / max(1, rows)):
        return Level.CALM
    return level_of(apart, _SHARE_QUESTION, _SHARE_STOP)


def _share_below(model: Model, bound: float) -> float:
    """Give the share of training's rows up to *bound*: between kept quantiles, or whole grades, along a line."""
    quantiles = model.stability.get("quantiles")
    if quantiles is not None:
        points = np.array(quantiles, dtype=float)
        return float(np.interp(bound, points, np.linspace(0, 1, len(points))))
    counts = np.array(model.stability["grades"], dtype=float)
    edges = np.array([model.grades[0].pd_low, *(grade.pd_high for grade in model.grades)])
    return float(np.interp(bound, edges, np.concatenate([[0.0], np.cumsum(counts) / counts.sum()])))


def _calibration(model: Model, rows: Watched) -> tuple[GradeCalibration, ...]:
    """Hold what each grade was promised to do against what it did, where the outcome is ripe."""
    if rows.target is None:
        return ()
    names, ripe = np.array(rows.grade), ~np.isnan(rows.target)
    found = []
    for grade in model.grades:
        inside = ripe & (names == grade.grade)
        count = int(inside.sum())
        if not count:
            continue
        expected, seen = float(rows.probability[inside].mean()), float(rows.target[inside].mean())
        spread = float(np.sqrt((rows.probability[inside] * (1 - rows.probability[inside])).sum())) / count
        distance = (seen - expected) / max(spread, 1e-9)
        level = level_of(abs(distance), _APART_QUESTION, _APART_STOP) if count >= _ROWS_MIN else Level.CALM
        found.append(
            GradeCalibration(grade.grade, count, round(expected, 6), round(seen, 6), round(distance, 2), level)
        )
    return tuple(found)


def _vintages(rows: Watched) -> tuple[Vintage, ...]:
    """Measure the ripe rows of each month; what is not ripe is counted and not called good."""
    if rows.target is None or rows.at is None:
        return ()
    months = np.array([datetime.fromtimestamp(at // 1_000_000, tz=UTC).strftime("%Y-%m") for at in rows.at.tolist()])
    found = []
    for month in sorted(set(months.tolist())):
        inside = months == month
        ripe = inside & ~np.isnan(rows.target)
        target, probability = rows.target[ripe], rows.probability[ripe]
        bads = float(target.sum())
        is_both = 0 < bads < len(target)
        low, high = auc_interval(target, probability) if is_both else (0.0, 0.0)
        found.append(
            Vintage(
                month,
                len(target),
                int(inside.sum()) - len(target),
                round(bads / len(target), 6) if len(target) else None,
                round(auc(target, probability), 6) if is_both else None,
                (round(low, 4), round(high, 4)) if is_both else None,
                round(ks(target, probability), 6) if is_both else None,
            )
        )
    return tuple(found)


def _vintage_alerts(model: Model, vintages: Sequence[Vintage]) -> list[Alert]:
    promised = float(model.metrics[model.uses]["auc"])
    return [
        Alert(Level.QUESTION, "vintage", one.month, one.auc)
        for one in vintages
        if one.auc is not None
        and one.auc_95 is not None
        and one.rows >= _ROWS_MIN
        and one.auc < promised - _AUC_LOST
        and one.auc_95[1] < promised
    ]
