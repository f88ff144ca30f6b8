"""Rows without a label: off by default, never tested on, and reported with and without."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tiao.credit.scoring.model import Feature
from tiao.credit.training.champion import Values
from tiao.credit.training.folds import split
from tiao.credit.training.rejects import Ground, Inference, Method, widened
from tiao.credit.training.train import train
from tiao.learning.contract import table_of
from tiao.learning.schema import schema_of

SCHEMA = {
    "schema_version": 1,
    "name": "t",
    "kind": "credit",
    "columns": [
        {"name": "id", "type": "integer", "role": "id"},
        {"name": "bad", "type": "category", "role": "target", "bad": ["1"], "good": ["0"], "unlabelled": ["declined"]},
        {"name": "debt", "type": "number", "role": "feature"},
        {"name": "years", "type": "number", "role": "feature"},
    ],
}


def rows(count: int = 900) -> pl.DataFrame:
    """Make applications of which the most indebted were declined."""
    chance = np.random.default_rng(4)
    debt, years = chance.normal(size=count), chance.normal(size=count)
    bad = chance.random(count) < 1 / (1 + np.exp(1.2 - debt + 0.7 * years))
    label = np.where(debt > 1.0, "declined", np.where(bad, "1", "0"))
    return pl.DataFrame({"id": np.arange(count), "bad": label, "debt": debt, "years": years})


def ground_of(count: int) -> tuple[Ground, Values, np.ndarray]:
    chance = np.random.default_rng(5)
    debt = chance.normal(size=count + 100)
    target = (chance.random(count) < 1 / (1 + np.exp(1 - debt[:count]))).astype(float)
    folds = split(target, event_time=None, label_time=None, groups=[])
    feature = Feature("debt", "number", "debt", ("debt",))
    values = Values((feature,), [debt.tolist()], [()], [None])
    return Ground(np.arange(count), target, np.ones(count), folds), values, np.arange(count, count + 100)


@pytest.mark.parametrize("inference", [Inference("fuzzy"), Inference("parcelling")])
def test_rejects_are_fitted_on_and_never_tested(inference: Inference) -> None:
    ground, values, unlabelled = ground_of(600)
    wider, told = widened(ground, unlabelled, inference, values.take)
    assert told["rows"] == 100
    for before, after in zip(ground.folds.folds, wider.folds.folds, strict=True):
        assert after.test.tolist() == before.test.tolist()
        assert after.fit[: len(before.fit)].tolist() == before.fit.tolist()
        assert set(wider.rows[after.fit[len(before.fit) :]].tolist()) == set(unlabelled.tolist())
        assert wider.weight[after.fit[len(before.fit) :]].sum() == pytest.approx(100)
    assert wider.target[:600].tolist() == ground.target.tolist()
    blocks = [set(fold.fit[fold.fit >= 600].tolist()) for fold in wider.folds.folds]
    assert not set.intersection(*blocks), "each fold believes its own model only"


@pytest.mark.parametrize("method", ["fuzzy", "parcelling"])
def test_a_factor_makes_rejects_riskier(method: Method) -> None:
    ground, values, unlabelled = ground_of(600)
    plain = widened(ground, unlabelled, Inference(method), values.take)[1]["bad_rate"]
    worse = widened(ground, unlabelled, Inference(method, 1.5), values.take)[1]["bad_rate"]
    assert worse > plain


def test_training_reports_figures_with_and_without_rejects() -> None:
    schema = schema_of(SCHEMA)
    table = table_of(rows(), schema, is_training=True)
    alone = train(schema, table, use="champion")
    assert "rejects" not in alone.summary
    both = train(schema, table, use="champion", rejects=Inference("fuzzy", 1.3))
    told = both.summary["rejects"]
    assert told["method"] == "fuzzy"
    assert told["without"]["auc"] == alone.summary["champion"]["auc"]
    assert told["with"] == both.summary["champion"]
    assert both.summary["rows"] == alone.summary["rows"]
    assert both.model.model_version != alone.model.model_version
    assert told["bad_rate"] > alone.summary["bad_rate"], "the most indebted were declined"
