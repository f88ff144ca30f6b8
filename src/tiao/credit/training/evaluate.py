"""Scores to a file, and how good they turned out on labelled rows."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from tiao.credit.scoring import Bundle, Scored
from tiao.credit.scoring.bundle import REASONS_MAX
from tiao.credit.training.fairness import fairness_report
from tiao.learning.contract import Table
from tiao.learning.metrics import auc_interval, caught, psi, quality
from tiao.learning.refusals import Fault, InputRefused
from tiao.learning.schema import Schema
from tiao.learning.whole import write_frame


def write_scores(table: Table, scored: list[Scored], out: Path) -> None:
    """Write the scores as Parquet, in the order of the input; the file appears whole or not at all."""
    reasons = {
        f"reason_{place + 1}": [one.reasons[place] if place < len(one.reasons) else None for one in scored]
        for place in range(REASONS_MAX)
    }
    frame = pl.DataFrame(
        {
            "id": pl.Series(table.ids, dtype=pl.Int64 if table.id_is_integer else pl.String),
            "probability": pl.Series([one.probability for one in scored], dtype=pl.Float64),
            "score": pl.Series([one.score for one in scored], dtype=pl.Int64),
            "grade": pl.Series([one.grade for one in scored], dtype=pl.String),
            **{name: pl.Series(codes, dtype=pl.String) for name, codes in reasons.items()},
            "model_version": pl.Series([one.model_version for one in scored], dtype=pl.String),
        }
    )
    write_frame(out, frame)


def unknown_counts(bundle: Bundle, table: Table) -> dict[str, Any]:
    """Count, by column, the values that are missing and the labels that training never saw."""
    known: dict[str, set[str]] = {}
    for coding in (coding for form in bundle.scorer.forms for coding in form.codings):
        if coding.labels:
            known[coding.feature] = set(coding.labels)
    missing = {name: sum(cell is None for cell in table.cells[name]) for name in bundle.inputs}
    unseen = {
        name: sum(cell is not None and cell not in labels for cell in table.cells[name])
        for name, labels in known.items()
    }
    return {
        "missing": {name: count for name, count in missing.items() if count},
        "unknown_categories": {name: count for name, count in unseen.items() if count},
    }


def evaluation(bundle: Bundle, schema: Schema, table: Table, scored: list[Scored]) -> dict[str, Any]:
    """Measure scores on the labelled rows. Refuses: InputRefused where there are none."""
    target = table.target
    if target is None or np.isnan(target).all():
        column = schema.one("target")
        raise InputRefused([Fault("no_labelled_rows", column.name if column else None)])
    rows = np.flatnonzero(~np.isnan(target))
    labels, weight = target[rows], table.weight[rows]
    probability = np.array([scored[row].probability for row in rows.tolist()])
    grades = [grade.grade for grade in bundle.model.grades]
    place = np.array([grades.index(scored[row].grade) for row in rows.tolist()])
    counts, bads = np.bincount(place, minlength=len(grades)), np.bincount(place, labels, len(grades))
    seen = [(float(bad) / int(count)) if count else None for bad, count in zip(bads, counts, strict=True)]
    filled = [rate for rate in seen if rate is not None]
    protected = [column for column in schema.of_role("protected") if column.name in table.protected]
    cells = {name: [column[row] for row in rows.tolist()] for name, column in table.protected.items()}
    return {
        "rows": len(rows),
        "bad_rate": round(float(np.average(labels, weights=weight)), 6),
        "model_version": bundle.model.model_version,
        "uses": bundle.scorer.name,
        **{name: round(value, 6) for name, value in quality(labels, probability, weight)._asdict().items()},
        "auc_95": [round(bound, 4) for bound in auc_interval(labels, probability)],
        "caught_in_worst_tenth": round(caught(labels, probability), 6),
        "grades": [
            {**msgspec.to_builtins(grade), "rows": int(count), "bad_rate": None if rate is None else round(rate, 6)}
            for grade, count, rate in zip(bundle.model.grades, counts, seen, strict=True)
        ],
        "grade_inversions": sum(later < earlier for earlier, later in itertools.pairwise(filled)),
        "psi_score": round(psi(np.array(bundle.model.stability["grades"], dtype=float), counts.astype(float)), 6),
        "fairness": fairness_report(protected, cells, labels, probability),
        "warnings": table.warnings,
    }
