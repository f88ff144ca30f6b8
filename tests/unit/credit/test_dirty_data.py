"""A schema with names, types and roles only, and data as they come: training works and says what it left out."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tiao.credit.scoring import Bundle
from tiao.credit.training.assembly import Trained
from tiao.credit.training.train import train
from tiao.learning.contract import table_of
from tiao.learning.metrics import auc
from tiao.learning.schema import Schema, schema_of

ROWS = 1500
SCHEMA = {
    "schema_version": 1,
    "name": "dirty",
    "kind": "credit",
    "columns": [
        {"name": "key", "type": "text", "role": "id"},
        {"name": "y", "type": "integer", "role": "target", "bad": [1], "good": [0]},
        *({"name": name, "type": "number", "role": "feature"} for name in ("x1", "x2", "x3", "same", "empty")),
        *({"name": name, "type": "category", "role": "feature"} for name in ("branch", "serial", "one_label")),
        {"name": "remark", "type": "text", "role": "feature"},
        {"name": "is_phone_given", "type": "boolean", "role": "feature"},
    ],
}


def dirty(seed: int) -> pl.DataFrame:
    """Make rows with a fifth missing, outliers past belief, 289 codes, constants and a column of names."""
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(3, ROWS))
    branch = chance.integers(0, 289, ROWS)
    line = -1.5 + 1.2 * x[0] - 0.8 * x[1] + 0.9 * (branch % 7 == 0)
    bad = (chance.random(ROWS) < 1 / (1 + np.exp(-line))).astype(int)
    x[0, ::97] = 1e12
    x[1, ::89] = -1e300
    x[2, ::50] = np.inf
    columns = {f"x{number + 1}": np.where(chance.random(ROWS) < 0.2, np.nan, x[number]) for number in range(3)}
    return pl.DataFrame(
        {
            "key": [f"k{number}" for number in range(ROWS)],
            "y": bad,
            **columns,
            "same": [7.0] * ROWS,
            "empty": pl.Series([None] * ROWS, dtype=pl.Float64),
            "branch": branch,
            "serial": [f"s{number}" for number in range(ROWS)],
            "one_label": ["a"] * ROWS,
            "remark": ["free text"] * ROWS,
            "is_phone_given": [None if number % 11 == 0 else number % 2 == 0 for number in range(ROWS)],
            "not_in_the_schema": [1] * ROWS,
        },
        nan_to_null=True,
    )


@pytest.fixture(scope="module")
def schema() -> Schema:
    return schema_of(SCHEMA)


@pytest.fixture(scope="module")
def trained(schema: Schema) -> Trained:
    return train(schema, table_of(dirty(1), schema, is_training=True), use=None)


def test_it_ranks_rows_it_has_not_seen(trained: Trained, schema: Schema) -> None:
    later = table_of(dirty(2), schema, is_training=False, is_labelled=True)
    assert later.target is not None
    scored = Bundle(trained.model, trained.reasons).score(later.cells)
    probability = np.array([one.probability for one in scored])
    assert auc(later.target, probability) > 0.70
    assert np.isfinite(probability).all()
    assert abs(trained.summary[trained.summary["uses"]]["auc"] - auc(later.target, probability)) < 0.06


def test_what_cannot_help_is_left_out_with_the_reason(trained: Trained) -> None:
    left_out = trained.summary["left_out"]
    assert left_out["same"] == left_out["one_label"] == "constant"
    assert left_out["empty"] == "no value at all"
    assert "a name" in left_out["serial"]
    assert "tabular" in left_out["remark"]
    read = {name for feature in trained.model.features for name in feature.inputs}
    assert not read & {"same", "one_label", "empty", "serial", "remark", "key", "y"}


def test_a_column_that_the_schema_does_not_name_and_infinite_values_are_warnings(trained: Trained) -> None:
    assert trained.summary["warnings"] == [
        "column not_in_the_schema is not in the schema and was ignored",
        "column x3 has 23 infinite values",
    ]


def test_a_code_never_seen_is_scored_as_the_rare_ones(trained: Trained, schema: Schema) -> None:
    rows = dirty(3).with_columns(branch=pl.lit(9999))
    scored = Bundle(trained.model, trained.reasons).score(table_of(rows, schema, is_training=False).cells)
    assert len({one.probability for one in scored}) > 100
