"""Formulas over pairs of columns come from what names mean, and their values can be reckoned by hand."""

from __future__ import annotations

import pytest

from tiao.credit.scoring.features import FORMULAS
from tiao.credit.scoring.model import Feature
from tiao.credit.training.pairs import PAIRS_MAX, meaning_of, pairs


def features(*names: str) -> list[Feature]:
    return [Feature(name, "number", name, (name,)) for name in names]


def made(*names: str) -> list[str]:
    return [feature.name for feature in pairs(features(*names), lambda _, __: True)]


@pytest.mark.parametrize(
    ("names", "formulas"),
    [
        (("MonthlyIncome", "NumberOfDependents"), ["MonthlyIncome per NumberOfDependents"]),
        (("credit_amount", "duration_in_month"), ["credit_amount / duration_in_month"]),
        (("DebtRatio", "MonthlyIncome"), ["DebtRatio x MonthlyIncome"]),
        (("LOAN", "VALUE", "MORTDUE"), ["LOAN / VALUE", "MORTDUE / VALUE"]),
        (("Attr1", "Attr2", "x3"), []),
    ],
)
def test_names_that_mean_something_together_are_paired(names: tuple[str, ...], formulas: list[str]) -> None:
    assert made(*names) == formulas


def test_a_ratio_wants_one_unit() -> None:
    assert pairs(features("LOAN", "VALUE"), lambda _, __: False) == []


def test_there_are_never_too_many() -> None:
    names = [f"{word}_{letter}" for word in ("income", "debt", "trade", "loan", "bal") for letter in "abcdefgh"]
    assert len(made(*names)) == PAIRS_MAX


def test_a_term_is_not_an_amount() -> None:
    assert meaning_of("loan_term") == "term"
    assert meaning_of("loan_amnt") == "amount"


@pytest.mark.parametrize(
    ("op", "cells", "value"),
    [
        ("per", (9.0, 2.0), 3.0),
        ("per", (9.0, 0.0), 9.0),
        ("per", (9.0, None), None),
        ("per", (9.0, -1.0), None),
        ("count_zero", (0.0, 5.0, None, 0.0), 2.0),
        ("low_ratio", (1.0, 9.0, 2.0, 3.0), 0.5),
        ("mean_ratio", (1.0, 9.0, 2.0, 3.0), 1.25),
        ("count_full", (96.0, 90.0, 100.0, 100.0), 1.0),
        ("count_full", (96.0, 90.0, 0.0, None), None),
        ("product", (0.5, 8.0), 4.0),
        ("product", (1e308, 1e308), None),
        ("product", (None, 1.0), None),
    ],
)
def test_a_pair_by_hand(op: str, cells: tuple[float | None, ...], value: float | None) -> None:
    assert FORMULAS[op](*cells) == value
