"""From a file of payments to a fraud model: fold, rehearse on the last part, fit on all, cut thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tiao.learning.boosters import Design, serving_form
from tiao.learning.cells import Cell
from tiao.learning.contract import Table
from tiao.learning.forms import Reason
from tiao.learning.metrics import auc, ece
from tiao.learning.refusals import Fault, InputRefused
from tiao.learning.schema import Schema
from tiao.learning.shelf import Told, silent
from tiao.risk.budget import CHALLENGED_MAX, budget_of, gains
from tiao.risk.decisions import bands, thresholds
from tiao.risk.features.definition import Definition, Group, features_of, unit_of
from tiao.risk.live import LIVE
from tiao.risk.measures import average_precision
from tiao.risk.model import FORMAT_VERSION, Band, Budget, Costs, Input, Model, content_digest
from tiao.risk.replay import Events, events_of, replay
from tiao.risk.scoring import numbers_of
from tiao.risk.training.design import Column, design_of
from tiao.risk.training.fit import SEEDS, Rehearsal, boost, rehearse
from tiao.risk.training.sample import Sample, habit_of, sample_of
from tiao.risk.training.seen import stability_of
from tiao.risk.training.texts import reason_code, reasons_of

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

#: The last part of the time is where thresholds are cut and figures come from.
_LATER = 0.2
#: One column alone: a refusal from here on. Nothing known before a payment separates so well.
_LEAK_AUC = 0.99
#: A label of fewer rows than this knows its own rows by heart.
_LABEL_ROWS_MIN = 20
_PAYERS = ("customer", "account")


class Trained(NamedTuple):
    """A model with its reasons, and what is said of the training."""

    model: Model
    reasons: list[Reason]
    summary: dict[str, Any]


def train(
    schema: Schema,
    table: Table,
    *,
    train_until: datetime,
    label_delay_us: int,
    costs: Costs,
    challenged_max: float = CHALLENGED_MAX,
    rounds: int | None = None,
    say: Told = silent,
) -> Trained:
    """Train on the payments before an instant, whose outcomes have become known since.

    *challenged_max* is the share of genuine payments that may be challenged; thresholds and friction keep to it.
    *rounds* says how many are fitted where a model of that size is wanted; else the rehearsal finds what is enough.
    Refuses: InputRefused.
    """
    table = _before(table, schema, train_until)
    events = events_of(table, schema, label_delay_us=label_delay_us)
    definition = definition_of(schema, events)
    sample = sample_of(events, unit_us=definition.unit_us, target=schema.one("target"))
    inputs = inputs_of(schema, definition)
    values = _replayed(events, definition, sample, say)
    columns = _columns(inputs, values, table, events.rows[sample.places])
    _no_leaks(inputs, columns, sample)
    earlier, later = _parted(events, sample)
    say(f"rehearsal: {len(earlier)} payments fit, {len(later)} later ones measured")
    rehearsal = rehearse(
        design_of(inputs, columns, sample.target, sample.weight, earlier),
        sample.target,
        sample.weight,
        earlier,
        later,
        rounds=rounds,
    )
    every = np.arange(len(sample.places))
    design = design_of(inputs, columns, sample.target, sample.weight, every)
    say(f"fit: {len(every)} payments, {rehearsal.rounds} rounds, {len(SEEDS)} seeds")
    boosters = boost(design, sample.target, sample.weight, every, rehearsal.rounds)
    form = serving_form(design, list(boosters), every[sample.target == 0.0])
    decided = _decided(
        rehearsal, sample, later, events.amounts[sample.places][later], definition, costs, challenged_max
    )
    used = {coding.feature for coding in form.codings}
    read = tuple(feature for feature in inputs if feature.name in used)
    families = tuple(dict.fromkeys(feature.family for feature in read))
    reasons = reasons_of(families, {family: [f.name for f in read if f.family == family] for family in families})
    model = Model(
        model_version="",
        format_version=FORMAT_VERSION,
        kind="risk",
        schema=msgspec.to_builtins(schema),
        definition=definition,
        features=read,
        families=families,
        codes=tuple(reason_code(family) for family in families),
        form=form,
        grades=decided.bands,
        costs=costs,
        train_until=train_until.isoformat(),
        label_delay_us=label_delay_us,
        window=_window(events, sample),
        metrics=_measured(rehearsal, sample, later),
        stability=stability_of(
            inputs, columns, sample.weight, used, score=_score(rehearsal), score_weight=sample.weight[later]
        ),
        budget=decided.budget,
    )
    model = msgspec.structs.replace(model, model_version=content_digest(model, reasons))
    return Trained(model, reasons, _summary(model, design, table))


class _Decided(NamedTuple):
    """Where decisions begin by score alone, and what holds them to the budget where amounts count."""

    bands: tuple[Band, ...]
    budget: Budget


def _decided(
    rehearsal: Rehearsal,
    sample: Sample,
    later: Rows,
    amounts: Floats,
    definition: Definition,
    costs: Costs,
    challenged_max: float,
) -> _Decided:
    score, weight, target = _score(rehearsal), sample.weight[later], sample.target[later]
    typical, genuine = definition.usual_amount, weight * (1.0 - target)
    bounds = thresholds(score, amounts, weight, costs, typical=typical, genuine=genuine, challenged_max=challenged_max)
    gained = gains(score, np.where(np.isnan(amounts), typical, amounts), costs, typical=typical)
    return _Decided(bands(bounds, score, target, weight), budget_of(gained, genuine, challenged_max))


def definition_of(schema: Schema, events: Events) -> Definition:
    """Choose what is watched: every group of the schema, in units that suit the data's span.

    A file whose groups are those of the live path, as `tiao risk export` writes it, has its definition.
    """
    groups = tuple(Group(column.name, column.entity or column.name) for column in schema.of_role("group"))
    if groups == LIVE.groups:
        return LIVE
    payer = next((place for place, group in enumerate(groups) if group.entity in _PAYERS), 0)
    mean, variance = habit_of(events.amounts)
    return Definition(groups, payer, unit_of(int(events.at[-1] - events.at[0])), mean, variance)


def inputs_of(schema: Schema, definition: Definition) -> tuple[Input, ...]:
    """List what the trees may read: the file's own features, then those of the fold."""
    own = [
        Input(
            column.name,
            column.family or ("amount" if column.role == "amount" else f"detail_{column.name}"),
            "number" if column.is_number else "category",
        )
        for column in schema.columns
        if column.may_be_feature
    ]
    fold = [
        Input(feature.name, feature.family, "fold", feature.window, feature.null) for feature in features_of(definition)
    ]
    return (*own, *fold)


def _before(table: Table, schema: Schema, train_until: datetime) -> Table:
    limit = round((train_until - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)
    rows = np.flatnonzero(table.instants["event_time"] < limit)
    if not len(rows):
        column = schema.one("event_time")
        raise InputRefused([Fault("no_rows_before", column.name if column else None, value=train_until.isoformat())])
    return table.take(rows)


def _replayed(events: Events, definition: Definition, sample: Sample, say: Told) -> Floats:
    """Live the payments again. *Shape*: by sampled payment and feature."""
    wanted = np.zeros(len(events.rows), dtype=np.bool_)
    wanted[sample.places] = True
    total = len(events.rows)
    told = replay(events, definition, wanted=wanted, say=lambda done: say(f"features: {done} of {total} payments"))
    return np.concatenate([part.values for part in told])


def _columns(inputs: Sequence[Input], values: Floats, table: Table, rows: Rows) -> list[Column]:
    """Shape: by input, the column of the sampled rows in the order of time."""
    index = rows.tolist()

    def own(name: str) -> list[Cell]:
        cells = table.cells[name]
        return [cells[row] for row in index]

    place = 0
    columns: list[Column] = []
    for feature in inputs:
        if feature.kind == "fold":
            columns.append(values[:, place])
            place += 1
        else:
            columns.append(numbers_of(own(feature.name)) if feature.kind == "number" else own(feature.name))
    return columns


def _no_leaks(inputs: Sequence[Input], columns: Sequence[Column], sample: Sample) -> None:
    """Refuse a column of the file that all but knows the answer by itself."""
    faults = []
    for feature, column in zip(inputs, columns, strict=True):
        if feature.kind == "fold":
            continue
        if feature.kind == "number":
            ranks = np.nan_to_num(np.asarray(column, dtype=np.float64), nan=-np.inf)
        else:
            ranks = _rates(column, sample)
        area = auc(sample.target, ranks, sample.weight)
        if max(area, 1.0 - area) >= _LEAK_AUC:
            faults.append(Fault("target_leakage", feature.name, value=round(area, 4)))
    if faults:
        raise InputRefused(faults)


def _rates(column: Column, sample: Sample) -> Floats:
    """Give each row the share of fraud among the rows of its label; rare labels are taken together."""
    _, places, counts = np.unique([str(cell) for cell in column], return_inverse=True, return_counts=True)
    places = np.where(counts[places] < _LABEL_ROWS_MIN, len(counts), places)
    weight = np.bincount(places, sample.weight)
    rates = np.bincount(places, sample.weight * sample.target) / np.maximum(weight, 1e-9)
    return np.asarray(rates[places], dtype=np.float64)


def _parted(events: Events, sample: Sample) -> tuple[Rows, Rows]:
    """Cut the sample in time; where the later part holds no fraud, at the last fifth of the frauds."""
    at = events.at[sample.places]
    cut = int(at[-1] - _LATER * (at[-1] - at[0]))
    frauds = at[sample.target == 1.0]
    if (frauds >= cut).sum() < _LATER / 2 * len(frauds):
        cut = int(np.quantile(frauds, 1 - _LATER, method="lower"))
    return np.flatnonzero(at < cut), np.flatnonzero(at >= cut)


def _score(rehearsal: Rehearsal) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-rehearsal.logits)), dtype=np.float64)


def _measured(rehearsal: Rehearsal, sample: Sample, later: Rows) -> dict[str, Any]:
    target, weight, score = sample.target[later], sample.weight[later], _score(rehearsal)
    return {
        "part": "the last fifth of the time, by a fit on what came before",
        "rows": len(later),
        "frauds": int(target.sum()),
        "auc": round(auc(target, score, weight), 6),
        "average_precision": round(average_precision(target, score, weight), 6),
        "ece": round(ece(target, score, weight), 6),
        "rounds": rehearsal.rounds,
    }


def _window(events: Events, sample: Sample) -> dict[str, Any]:
    def text(instant: int) -> str:
        return datetime.fromtimestamp(instant // 1_000_000, tz=UTC).isoformat()

    return {
        "payments": len(events.rows),
        "from": text(int(events.at[0])),
        "to": text(int(events.at[-1])),
        "learned_from": text(int(events.at[sample.places[0]])),
        "sampled": len(sample.places),
        "frauds": int(sample.target.sum()),
        "genuine_weight": round(float(sample.weight.max()), 6),
    }


def _summary(model: Model, design: Design, table: Table) -> dict[str, Any]:
    return {
        "rows": table.rows,
        "frauds": model.window["frauds"],
        "model_version": model.model_version,
        "train_until": model.train_until,
        "unit_seconds": model.definition.unit_us / 1_000_000,
        "out_of_time": model.metrics,
        "challenged": msgspec.to_builtins(model.budget),
        "thresholds": {band.grade: band.pd_low for band in model.grades[1:]},
        "features": [feature.name for feature in model.features],
        "unused": [c.feature for c in design.codings if c.feature not in {f.name for f in model.features}],
        "warnings": table.warnings,
    }
