"""Serving: points by hand, trees against a plain walk and against the library that grew them."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from tiao.credit.scoring.additive import AdditiveServer
from tiao.credit.scoring.model import Additive, Feature
from tiao.credit.training.boosting import fit_boosting
from tiao.credit.training.champion import Values
from tiao.credit.training.folds import split
from tiao.learning.cells import category_label
from tiao.learning.coding import code_column, coder
from tiao.learning.forms import LOGIT_UNIT, Coding, Trees
from tiao.learning.shelf import Workplace
from tiao.learning.trees import TreesServer

NUMBER = Coding("debt", 5, 3, 3, (1.0, 2.0), {"96": 4})
LABELS = Coding("purpose", 4, 3, 2, (), {}, {"car": 0, "home": 1, "rare": 2})


@pytest.mark.parametrize(
    ("coding", "value", "code"),
    [
        (NUMBER, 1.0, 0),
        (NUMBER, 1.5, 1),
        (NUMBER, 2.0000001, 2),
        (NUMBER, 1e300, 2),
        (NUMBER, 96.0, 4),
        (NUMBER, None, 3),
        (LABELS, "home", 1),
        (LABELS, "never seen", 2),
        (LABELS, None, 3),
    ],
)
def test_a_value_falls_into_its_bin(coding: Coding, value: float | str | None, code: int) -> None:
    assert coder(coding)(value) == code
    assert code_column(coding, [value]).tolist() == [code]


@pytest.mark.parametrize(
    ("cell", "label"),
    [(1, "1"), (1.0, "1"), ("1.0", "1"), (True, "true"), ("True", "true"), ("", None), (None, None), ("007", "007")],
)
def test_a_label_is_the_same_from_any_storage(cell: float | str | None, label: str | None) -> None:
    assert category_label(cell) == label


def test_a_scorecard_adds_points_and_names_what_a_family_lost() -> None:
    form = Additive(-1000, (NUMBER, LABELS), ((10, 20, 40, 5, 90), (7, 1, 3, 2)), (1, 1))
    server = AdditiveServer(form, [0, 1], 2)
    assert server.one([2, 0]) == (-1000 + 40 + 7, [20, 6])
    logits, lost = server.many(np.array([[2, 0], [4, 1]]))
    assert logits.tolist() == [-953, -909]
    assert lost.tolist() == [[20, 6], [70, 0]]


def _walk(form: Trees, codes: list[int]) -> int:
    total = form.intercept
    for tree in range(len(form.leaves)):
        node = 0
        while node >= 0 and form.left[tree]:
            feature = form.features[tree][node]
            coding = form.codings[feature]
            if codes[feature] == coding.missing and not coding.labels:
                goes_left = form.missing_left[tree][node]
            else:
                goes_left = codes[feature] <= form.thresholds[tree][node]
            node = form.left[tree][node] if goes_left else form.right[tree][node]
        total += form.leaves[tree][-1 - node if form.left[tree] else 0]
    return total


@pytest.fixture(scope="module")
def grown() -> tuple[Values, np.ndarray, Trees]:
    chance = np.random.default_rng(5)
    rows = 1500
    debt, income, kind = chance.normal(size=rows), chance.lognormal(size=rows), chance.integers(0, 4, rows)
    logit = 1.5 * debt - 0.8 * np.log(income) + 0.5 * (kind == 2)
    target = (chance.random(rows) < 1 / (1 + np.exp(-logit))).astype(float)
    features = (
        Feature("debt", "number", "debt", ("debt",)),
        Feature("income", "number", "income", ("income",)),
        Feature("kind", "category", "purpose", ("kind",)),
    )
    columns = [
        [None if i % 11 == 0 else float(v) for i, v in enumerate(debt)],
        [float(v) for v in income],
        [f"k{v}" for v in kind],
    ]
    values = Values(features, columns, [(), (), ()], [1, -1, None])
    folds = split(target, event_time=None, label_time=None, groups=[])
    return values, target, fit_boosting(values, target, np.ones(rows), folds, Workplace()).form


def test_masks_lead_to_the_leaf_that_a_walk_finds(grown: tuple[Values, np.ndarray, Trees]) -> None:
    values, _, form = grown
    by_name = dict(zip([f.name for f in values.features], values.columns, strict=True))
    codes = np.column_stack([code_column(coding, by_name[coding.feature]) for coding in form.codings])[:300]
    logits, lost = TreesServer(form, list(range(len(form.codings))), len(form.codings)).many(codes)
    assert logits.tolist() == [_walk(form, row) for row in codes.tolist()]
    for feature in range(len(form.codings)):
        moved = codes.copy()
        moved[:, feature] = form.reference[feature]
        assert (logits - lost[:, feature]).tolist() == [_walk(form, row) for row in moved.tolist()]


def test_trees_keep_every_declared_direction(grown: tuple[Values, np.ndarray, Trees]) -> None:
    _, _, form = grown
    server = TreesServer(form, [0] * len(form.codings), 1)
    base = [0] * len(form.codings)
    for place, coding in enumerate(form.codings):
        rows = np.array([[*base[:place], code, *base[place + 1 :]] for code in range(len(coding.edges) + 1)])
        steps = np.diff(server.many(rows)[0])
        if coding.feature == "debt":
            assert (steps >= 0).all()
        if coding.feature == "income":
            assert (steps <= 0).all()


def test_the_serving_form_says_what_the_library_says(grown: tuple[Values, np.ndarray, Trees]) -> None:
    values, target, form = grown
    by_name = dict(zip([f.name for f in values.features], values.columns, strict=True))
    codes = np.column_stack([code_column(coding, by_name[coding.feature]) for coding in form.codings])
    logits = TreesServer(form, [0] * len(form.codings), 1).many(codes)[0] / LOGIT_UNIT
    probability = 1 / (1 + np.exp(-logits))
    # Boosting on log loss leaves the mean prediction at the bad rate; a leaf taken for another would not.
    assert math.isclose(float(probability.mean()), float(target.mean()), abs_tol=0.01)
    again = msgspec.json.decode(msgspec.json.encode(form), type=Trees)
    assert again == form
