"""Sets that nobody tidied: few rows, few bads, only labels, dates, other scripts, nothing that helps. Each trains."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from tiao.credit.scoring import Bundle
from tiao.credit.training.train import train
from tiao.learning.contract import table_of
from tiao.learning.refusals import InputRefused
from tiao.learning.schema import Schema, schema_of

Columns = dict[str, Any]
Spec = dict[str, Any]


def _line(chance: np.random.Generator, line: np.ndarray[Any, Any]) -> list[int]:
    return [int(one) for one in chance.random(len(line)) < 1 / (1 + np.exp(-line))]


def _few_rows(chance: np.random.Generator) -> tuple[Columns, list[Spec]]:
    x = chance.normal(size=(24, 300))
    columns: Columns = {f"指标 {number}": x[number].tolist() for number in range(24)}
    specs = [{"name": name, "type": "number", "role": "feature"} for name in columns]
    return {**columns, "y": _line(chance, -1 + x[0] - x[1])}, specs


def _few_bads(chance: np.random.Generator) -> tuple[Columns, list[Spec]]:
    x = chance.normal(size=4000)
    bad = np.zeros(4000, dtype=int)
    bad[np.argsort(-x + chance.normal(size=4000))[:24]] = 1
    return {"weird/name, with: signs": x.tolist(), "y": bad.tolist()}, [
        {"name": "weird/name, with: signs", "type": "number", "role": "feature", "direction": -1}
    ]


def _only_labels(chance: np.random.Generator) -> tuple[Columns, list[Spec]]:
    city = chance.integers(0, 400, 900)
    job = chance.integers(0, 5, 900)
    columns = {"Город": [f"город {one}" for one in city], "仕事": [None if one == 4 else f"職{one}" for one in job]}
    specs = [{"name": name, "type": "category", "role": "feature"} for name in columns]
    return {**columns, "y": _line(chance, -1.5 + 0.8 * job)}, specs


def _dates(chance: np.random.Generator) -> tuple[Columns, list[Spec]]:
    x = chance.normal(size=600)
    born = [f"19{50 + number % 50}-0{1 + number % 9}-1{number % 10}" for number in range(600)]
    opened = [1_600_000_000 + 86_400 * number for number in range(600)]
    columns = {"x": x.tolist(), "born": born, "opened": opened, "asked": opened}
    specs = [
        {"name": "x", "type": "number", "role": "feature"},
        {"name": "born", "type": "timestamp", "role": "feature"},
        {"name": "opened", "type": "timestamp", "unit": "s", "role": "feature"},
        {"name": "asked", "type": "timestamp", "unit": "s", "role": "event_time"},
    ]
    return {**columns, "y": _line(chance, -0.5 + x)}, specs


def _nothing_helps(chance: np.random.Generator) -> tuple[Columns, list[Spec]]:
    columns: Columns = {"same": [3.0] * 400, "empty": [None] * 400, "label": ["a"] * 400}
    specs = [
        {"name": "same", "type": "number", "role": "feature"},
        {"name": "empty", "type": "number", "role": "feature"},
        {"name": "label", "type": "category", "role": "feature"},
    ]
    return {**columns, "y": _line(chance, np.full(400, -1.0))}, specs


def _made(make: Any) -> tuple[pl.DataFrame, Schema]:  # noqa: ANN401  one of the above
    columns, specs = make(np.random.default_rng(5))
    frame = pl.DataFrame({"Nº": list(range(len(columns["y"]))), **columns}, strict=False)
    return frame, schema_of(
        {
            "schema_version": 1,
            "name": make.__name__,
            "kind": "credit",
            "columns": [
                {"name": "Nº", "type": "integer", "role": "id"},
                {"name": "y", "type": "integer", "role": "target", "bad": [1], "good": [0]},
                *specs,
            ],
        }
    )


@pytest.mark.parametrize("make", [_few_rows, _few_bads, _only_labels, _dates])
def test_an_odd_set_trains_and_every_row_of_it_is_scored(make: Any) -> None:  # noqa: ANN401  one of the above
    frame, schema = _made(make)
    trained = train(schema, table_of(frame, schema, is_training=True), use=None)
    assert 7 <= len(trained.model.grades) <= 10
    bundle = Bundle(trained.model, trained.reasons)
    table = table_of(frame.drop("y"), schema, is_training=False)
    scored = bundle.score(table.cells)
    assert len(scored) == frame.height
    assert all(0 < one.probability < 1 for one in scored)
    worst = sorted(scored, key=lambda one: -one.probability)[: frame.height * 3 // 10]
    assert all(one.reasons for one in worst), "the worst 30 % have a reason"


def test_a_set_of_which_nothing_can_be_learned_is_refused_with_each_column_and_why() -> None:
    frame, schema = _made(_nothing_helps)
    with pytest.raises(InputRefused) as refused:
        train(schema, table_of(frame, schema, is_training=True), use=None)
    assert {fault.error for fault in refused.value.faults} == {"no_usable_feature"}
    assert {fault.column for fault in refused.value.faults} == {"same", "empty", "label"}
