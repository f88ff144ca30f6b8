"""All that training found out, written down as a model and as what is told about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tiao.credit.scoring.model import FORMAT_VERSION, Additive, Grade, Model, Scale, Scorer
from tiao.credit.training.bundle import versioned
from tiao.credit.training.calibration import probabilities
from tiao.credit.training.choice import Choice
from tiao.credit.training.design import Design, values_of
from tiao.credit.training.fairness import groups_of
from tiao.credit.training.grades import cut_grades
from tiao.credit.training.intervals import measured_in_detail
from tiao.credit.training.stability import reference_counts
from tiao.credit.training.texts import reason_code, reasons_of
from tiao.learning.contract import Table
from tiao.learning.forms import Coding, Reason, Trees
from tiao.learning.schema import Schema

Floats = npt.NDArray[np.float64]

#: Rows above the middle always get a reason (the contract asks for the worst 30 %).
_REASON_SHARE = 0.5


class Trained(NamedTuple):
    """A model with its reasons and what is to be told about it."""

    model: Model
    reasons: list[Reason]
    summary: dict[str, Any]


class Tried(NamedTuple):
    """One kind of model after the folds: its scorer on all rows and its out-of-fold logits (NaN where never tested)."""

    scorer: Scorer
    oof: Floats
    left_out: dict[str, str]


class Outcome(NamedTuple):
    """All that training found out, before it is written down."""

    design: Design
    tried: dict[str, Tried]
    measured: dict[str, dict[str, Any]]
    fairness: dict[str, dict[str, Any]]
    choice: Choice
    tested: npt.NDArray[np.int64]
    method: str
    warnings: list[str]
    extra: dict[str, Any]


def assemble(schema: Schema, table: Table, kept: Table, found: Outcome) -> Trained:
    """Write the model, its reasons and the summary."""
    design, tried, measured, fairness, choice, tested, method, warnings, extra = found
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
        **extra,
        "detail": _detail(schema, kept, tested, probability, grades),
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
        **extra,
        "intervals": metrics["detail"]["overall"],
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


def _detail(
    schema: Schema, kept: Table, tested: npt.NDArray[np.int64], probability: Floats, grades: tuple[Grade, ...]
) -> dict[str, Any]:
    """Measure the used scorer by protected group and by grade, with intervals."""
    assert kept.target is not None, "usable rows are labelled"
    segments = {
        column.name: groups_of(column, [kept.protected[column.name][row] for row in tested.tolist()])
        for column in schema.of_role("protected")
        if column.name in kept.protected and column.type != "timestamp"
    }
    return measured_in_detail(kept.target[tested], probability, kept.weight[tested], grades=grades, segments=segments)


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
    design: Design, kept: Table, used: Tried, grades: tuple[Grade, ...], probability: Floats
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
