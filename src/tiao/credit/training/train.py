"""Training from a checked table to a bundle: fold by fold for honest figures, once more on everything for the model."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tiao.credit.scoring.model import FORMAT_VERSION, Additive, Coding, Grade, Model, Reason, Scale, Scorer, Trees
from tiao.credit.training.bundle import versioned
from tiao.credit.training.calibration import calibrate, probabilities
from tiao.credit.training.challenger import fit_challenger
from tiao.credit.training.champion import Values, fit_scorecard, logits
from tiao.credit.training.choice import Choice, choose
from tiao.credit.training.contract import Table
from tiao.credit.training.design import Design, design_of, values_of
from tiao.credit.training.enrichment import Candidate
from tiao.credit.training.fairness import fairness_report
from tiao.credit.training.folds import Split, split
from tiao.credit.training.grades import cut_grades
from tiao.credit.training.leakage import leaks
from tiao.credit.training.metrics import auc_interval, quality
from tiao.credit.training.refusals import Fault, InputRefused
from tiao.credit.training.schema import Schema
from tiao.credit.training.stability import reference_counts
from tiao.credit.training.texts import reason_code, reasons_of

Floats = npt.NDArray[np.float64]
Progress = Callable[[str], None]

#: Fewer labelled rows of either kind cannot be split into folds.
_EACH_MIN = 20
#: Rows above the middle always get a reason (the contract asks for the worst 30 %).
_REASON_SHARE = 0.5


class Trained(NamedTuple):
    """A model with its reasons and what is to be told about it."""

    model: Model
    reasons: list[Reason]
    summary: dict[str, Any]


class _Tried(NamedTuple):
    """One kind of model after the folds: its scorer on all rows and its out-of-fold logits (NaN where never tested)."""

    scorer: Scorer
    oof: Floats
    left_out: dict[str, str]


def train(schema: Schema, table: Table, *, use: str | None, say: Progress) -> Trained:
    """Train champion and challenger; *use* names the one to score with, otherwise the rule of `choose` decides.

    Refuses: InputRefused.
    """
    kept = _usable(schema, table)
    design = design_of(schema, kept)
    if not design.plain:
        raise InputRefused([Fault("no_usable_feature")])
    assert kept.target is not None, "usable rows are labelled"
    target, weight = kept.target, kept.weight
    folds = split(
        target,
        event_time=kept.instants.get("event_time"),
        label_time=kept.instants.get("label_time"),
        groups=list(kept.groups.values()),
    )
    plain = values_of(design.columns, design.plain, kept)
    warnings = [*table.warnings, *leaks(plain, target, weight)]
    say("champion: scorecard")
    champion = _champion(plain, target, weight, folds)
    derived: tuple[Candidate, ...] = ()
    if design.derived:
        say(f"champion: with {len(design.derived)} formulas")
        enriched = _champion(values_of(design.columns, design.plain + design.derived, kept), target, weight, folds)
        if _loss(enriched, target, weight) < _loss(champion, target, weight):
            champion, derived = enriched, design.derived
    say("challenger")
    every = values_of(design.columns, design.plain + design.codes + derived, kept)
    challenger = _challenger(every, target, weight, folds)
    tested = np.unique(np.concatenate([fold.test for fold in folds.folds]))
    tried = {"champion": champion, "challenger": challenger}
    measured = {name: _measure(one, target, weight, tested) for name, one in tried.items()}
    fairness = {name: _fairness(schema, kept, one, target, tested) for name, one in tried.items()}
    choice = choose(measured, fairness, _fold_gains(tried, target, folds), use=use)
    say("writing the model")
    found = _Outcome(design, tried, measured, fairness, choice, tested, folds.method, warnings)
    return _assemble(schema, table, kept, found)


def _usable(schema: Schema, table: Table) -> Table:
    """Keep the rows that are labelled and whose values could be known when they were needed."""
    assert table.target is not None, "training reads the target"
    usable = ~np.isnan(table.target)
    available, needed = (
        table.instants.get("available_at"),
        table.instants.get("as_of", table.instants.get("event_time")),
    )
    if available is not None and needed is not None:
        usable &= available <= needed
    kept = table.take(np.flatnonzero(usable))
    assert kept.target is not None, "taking rows keeps the target"
    bads, goods = int(kept.target.sum()), int((1 - kept.target).sum())
    if min(bads, goods) < _EACH_MIN:
        column = schema.one("target")
        name = column.name if column else None
        few = "one_class" if min(bads, goods) == 0 < max(bads, goods) else "too_few_labelled_rows"
        few = few if bads or goods else "no_labelled_rows"
        raise InputRefused([Fault(few, name, value=f"{bads} bad, {goods} good")])
    return kept


def _champion(values: Values, target: Floats, weight: Floats, folds: Split) -> _Tried:
    oof = np.full(len(target), np.nan)
    for fit, test in folds.folds:
        form = fit_scorecard(values.take(fit), target[fit], weight[fit]).form
        oof[test] = logits(form, values.take(test))
    fitted = fit_scorecard(values, target, weight)
    tested = ~np.isnan(oof)
    calibration = calibrate(oof[tested], target[tested], weight[tested], rows=len(target))
    return _Tried(Scorer("champion", "monotone WoE scorecard", (fitted.form,), calibration), oof, fitted.left_out)


def _loss(one: _Tried, target: Floats, weight: Floats) -> float:
    """Give the out-of-fold log loss: formulas stay only where they lower it."""
    tested = ~np.isnan(one.oof)
    line = one.scorer.calibration.intercept + one.scorer.calibration.slope * one.oof[tested]
    return float(np.average(np.logaddexp(0.0, line) - target[tested] * line, weights=weight[tested]))


def _challenger(values: Values, target: Floats, weight: Floats, folds: Split) -> _Tried:
    fitted = fit_challenger(values, target, weight, folds)
    tested = ~np.isnan(fitted.oof)
    calibration = calibrate(fitted.oof[tested], target[tested], weight[tested], rows=len(target))
    used = {coding.feature for coding in codings_of(fitted.forms)}
    left_out = {feature.name: "no tree uses it" for feature in values.features if feature.name not in used}
    return _Tried(Scorer("challenger", fitted.method, fitted.forms, calibration), fitted.oof, left_out)


def _measure(one: _Tried, target: Floats, weight: Floats, tested: npt.NDArray[np.int64]) -> dict[str, Any]:
    probability = probabilities(one.oof[tested], one.scorer.calibration)
    figures = quality(target[tested], probability, weight[tested])
    low, high = auc_interval(target[tested], probability)
    rounded = {name: round(value, 6) for name, value in figures._asdict().items()}
    return {**rounded, "auc_95": [round(low, 4), round(high, 4)], "method": one.scorer.method}


def _fairness(
    schema: Schema, kept: Table, one: _Tried, target: Floats, tested: npt.NDArray[np.int64]
) -> dict[str, Any]:
    cells = {name: [column[row] for row in tested.tolist()] for name, column in kept.protected.items()}
    columns = [column for column in schema.of_role("protected") if column.name in cells and column.type != "timestamp"]
    return fairness_report(columns, cells, target[tested], probabilities(one.oof[tested], one.scorer.calibration))


def _fold_gains(tried: dict[str, _Tried], target: Floats, folds: Split) -> list[float]:
    """Give the challenger's AUC over the champion's in each fold."""
    return [
        quality(target[test], tried["challenger"].oof[test]).auc
        - quality(target[test], tried["champion"].oof[test]).auc
        for _, test in folds.folds
    ]


class _Outcome(NamedTuple):
    """All that training found out, before it is written down."""

    design: Design
    tried: dict[str, _Tried]
    measured: dict[str, dict[str, Any]]
    fairness: dict[str, dict[str, Any]]
    choice: Choice
    tested: npt.NDArray[np.int64]
    method: str
    warnings: list[str]


def _assemble(schema: Schema, table: Table, kept: Table, found: _Outcome) -> Trained:
    design, tried, measured, fairness, choice, tested, method, warnings = found
    assert kept.target is not None, "usable rows are labelled"
    used = tried[choice.uses]
    probability = probabilities(used.oof[tested], used.scorer.calibration)
    grades = cut_grades(kept.target[tested], probability)
    needed = {coding.feature for one in tried.values() for coding in codings_of(one.scorer.forms)}
    features = tuple(c.feature for c in (*design.plain, *design.codes, *design.derived) if c.feature.name in needed)
    families = tuple(dict.fromkeys(feature.family for feature in features))
    behind: dict[str, set[str]] = {}
    for feature in features:
        behind.setdefault(feature.family, set()).update(feature.inputs)
    used_names = list(dict.fromkeys(coding.feature for coding in codings_of(used.scorer.forms)))
    left_out = {**design.left_out, **{k: v for k, v in used.left_out.items() if k not in used_names}}
    metrics = {
        **measured,
        "fold_method": method,
        "tested_rows": len(tested),
        "why": choice.why,
        "reason_logit": round(float(np.quantile(np.log(probability / (1 - probability)), _REASON_SHARE)), 9),
        "left_out": left_out,
        "fairness": fairness[choice.uses],
        "warnings": warnings,
    }
    model = Model(
        model_version="",
        format_version=FORMAT_VERSION,
        kind="credit",
        schema=msgspec.to_builtins(schema),
        columns=tuple(c for c in design.columns if any(c.name in feature.inputs for feature in features)),
        features=features,
        families=families,
        codes=tuple(reason_code(family) for family in families),
        grades=grades,
        scale=Scale(),
        uses=choice.uses,
        scorers=tuple(one.scorer for one in tried.values()),
        window=_window(table, kept),
        metrics=metrics,
        stability=_stability(design, kept, used, grades, probability),
    )
    reasons = reasons_of(families, behind)
    model = versioned(model, reasons)
    summary = {
        "rows": kept.rows,
        "bad_rate": round(float(np.average(kept.target, weights=kept.weight)), 6),
        "model_version": model.model_version,
        **measured,
        "uses": choice.uses,
        "why": choice.why,
        "folds": method,
        "features": used_names,
        "left_out": left_out,
        "fairness": fairness[choice.uses],
        "grades": msgspec.to_builtins(grades),
        "rows_unlabelled_or_unavailable": table.rows - kept.rows,
        "warnings": warnings,
    }
    return Trained(model, reasons, summary)


def _window(table: Table, kept: Table) -> dict[str, Any]:
    assert kept.target is not None, "usable rows are labelled"
    times = kept.instants.get("event_time")
    return {
        "rows": kept.rows,
        "rows_left_out": table.rows - kept.rows,
        "bad_rate": round(float(np.average(kept.target, weights=kept.weight)), 6),
        "from": None if times is None else _instant(int(times.min())),
        "to": None if times is None else _instant(int(times.max())),
    }


def _instant(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds // 1_000_000, tz=UTC).isoformat()


def codings_of(forms: tuple[Additive | Trees, ...]) -> list[Coding]:
    """List the codings of all forms."""
    return [coding for form in forms for coding in form.codings]


def _stability(
    design: Design, kept: Table, used: _Tried, grades: tuple[Grade, ...], probability: Floats
) -> dict[str, Any]:
    """Keep the counts that later rows are compared with: score by grade, each feature by at most ten bins.

    Shape: features {name: {edges or labels, counts}}; the last count is of the missing. *quantiles* are the 101
    percentiles of the tested probabilities.
    """
    by_name = {c.feature.name: c for c in (*design.plain, *design.codes, *design.derived)}
    chosen = tuple(by_name[name] for name in dict.fromkeys(c.feature for c in codings_of(used.scorer.forms)))
    values = values_of(design.columns, chosen, kept)
    place = np.searchsorted(np.array([grade.pd_high for grade in grades[:-1]]), probability, side="right")
    return {
        "grades": np.bincount(place, minlength=len(grades)).tolist(),
        "quantiles": [round(float(one), 9) for one in np.quantile(probability, np.linspace(0, 1, 101))],
        "features": {
            feature.name: reference_counts(column)
            for feature, column in zip(values.features, values.columns, strict=True)
        },
    }
