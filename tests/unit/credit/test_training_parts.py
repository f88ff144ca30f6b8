"""The parts of training, each on figures that can be checked by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tiao.credit.training.behaviour import repayment_behaviour
from tiao.credit.training.binning import Rules, bin_labels, bin_numbers
from tiao.credit.training.choice import choose
from tiao.credit.training.fairness import fairness_report
from tiao.credit.training.folds import split
from tiao.credit.training.grades import cut_grades
from tiao.credit.training.texts import family_of, reasons_of
from tiao.learning.coding import code_column
from tiao.learning.metrics import auc, ece, ks, psi
from tiao.learning.schema import ColumnSchema


def test_auc_and_ks_of_a_small_table() -> None:
    target, score = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.4, 0.35, 0.8])
    assert auc(target, score) == 0.75
    assert ks(target, score) == 0.5
    assert auc(target, np.ones(4)) == 0.5
    assert auc(target, score, np.array([1.0, 3.0, 1.0, 1.0])) == pytest.approx(5 / 8)


def test_ece_is_the_gap_and_psi_the_move() -> None:
    target = np.array([0.0, 1.0] * 50)
    assert ece(target, np.full(100, 0.6)) == pytest.approx(0.1)
    assert psi(np.array([50.0, 50.0]), np.array([50.0, 50.0])) == 0.0
    assert psi(np.array([50.0, 50.0]), np.array([80.0, 20.0])) == pytest.approx(0.3 * np.log(1.6) - 0.3 * np.log(0.4))


@pytest.mark.parametrize("direction", [1, -1])
def test_a_declared_direction_orders_the_bins(direction: int) -> None:
    chance = np.random.default_rng(1)
    value = chance.normal(size=4000)
    target = (chance.random(4000) < 0.2 + 0.1 * direction * np.tanh(value)).astype(float)
    binned = bin_numbers("x", value.tolist(), target, np.ones(4000), (), Rules(), direction)
    woe = binned.woe[: len(binned.coding.edges) + 1]
    assert len(woe) >= 3
    assert (np.diff(woe) * direction > 0).all()


def test_a_special_code_and_missing_stand_apart() -> None:
    chance = np.random.default_rng(2)
    value = [96.0 if i % 10 == 0 else None if i % 10 == 1 else float(i % 7) for i in range(2000)]
    target = (chance.random(2000) < [0.6 if v == 96.0 else 0.1 for v in value]).astype(float)
    binned = bin_numbers("x", value, target, np.ones(2000), (96.0,), Rules(), None)
    codes = code_column(binned.coding, [96.0, None, 3.0])
    assert len(set(codes.tolist())) == 3
    assert binned.woe[codes[0]] > binned.woe[codes[2]]


def test_rare_and_unseen_labels_share_a_bin() -> None:
    chance = np.random.default_rng(3)
    labels = ["common"] * 900 + [f"rare{i}" for i in range(100)]
    target = (chance.random(1000) < 0.3).astype(float)
    coding = bin_labels("x", labels, target, np.ones(1000), Rules()).coding
    codes = code_column(coding, ["rare3", "unseen", "common", None]).tolist()
    assert codes[0] == codes[1] != codes[2]
    assert codes[3] == coding.missing


def test_a_group_is_never_on_both_sides() -> None:
    chance = np.random.default_rng(4)
    customer: list[object] = [f"c{i}" for i in chance.integers(0, 200, 1000)]
    device: list[object] = [f"d{i}" if i < 50 else None for i in chance.integers(0, 5000, 1000)]
    target = (chance.random(1000) < 0.3).astype(float)
    folds = split(target, event_time=None, label_time=None, groups=[customer, device])  # type: ignore[list-item]
    for fit, test in folds.folds:
        for cells in (customer, device):
            left = {cells[row] for row in fit.tolist()} - {None}
            assert not left & {cells[row] for row in test.tolist()}


def test_time_is_never_split_backwards_and_labels_are_known() -> None:
    chance = np.random.default_rng(4)
    time = np.sort(chance.integers(0, 30, 3000)).astype(np.int64)
    known = time + 5
    target = (chance.random(3000) < 0.3).astype(float)
    folds = split(target, event_time=time, label_time=known, groups=[])
    assert len(folds.folds) >= 3
    for fit, test in folds.folds:
        assert time[fit].max() < time[test].min()
        assert known[fit].max() <= time[test].min()


def test_grades_do_not_overlap_and_their_bad_rates_rise() -> None:
    chance = np.random.default_rng(6)
    probability = chance.beta(1, 6, 20_000)
    target = (chance.random(20_000) < probability).astype(float)
    grades = cut_grades(target, probability)
    assert 7 <= len(grades) <= 10
    assert grades[0].pd_low == 0.0
    assert grades[-1].pd_high == 1.0
    assert all(low.pd_high == high.pd_low for low, high in pairwise(grades))
    rates = [grade.bad_rate for grade in grades]
    assert rates == sorted(rates)


def test_seven_grades_exist_even_when_there_are_two_probabilities() -> None:
    target = np.array([0.0, 1.0] * 100)
    assert len(cut_grades(target, np.where(target == 1, 0.6, 0.4))) == 7


def test_the_fairness_gate_sees_a_group_that_is_approved_less() -> None:
    chance = np.random.default_rng(7)
    sex = ["a"] * 3000 + ["b"] * 3000
    probability = np.concatenate([chance.uniform(0, 0.4, 3000), chance.uniform(0.2, 0.6, 3000)])
    target = (chance.random(6000) < probability).astype(float)
    column = ColumnSchema("sex", "category", "protected")
    report = fairness_report([column], {"sex": list(sex)}, target, probability)
    assert not report["passes"]
    assert report["air_min"] < 0.8
    fair = fairness_report([column], {"sex": list(chance.permutation(sex))}, target, probability)
    assert fair["passes"]


def test_bands_cut_a_protected_number() -> None:
    column = ColumnSchema("age", "integer", "protected", bands=(25, 60))
    report = fairness_report([column], {"age": [24, 25, 59, 60, None]}, np.zeros(5), np.full(5, 0.1))
    assert [g["group"] for g in report["columns"]["age"]["groups"]] == [
        "under 25",
        "25 to 60",
        "60 and over",
        "missing",
    ]


CHOICES = [
    (0.70, 0.71, [0.01] * 5, True, "challenger"),
    (0.70, 0.7015, [0.01] * 5, True, "champion"),
    (0.70, 0.71, [0.05, -0.01, -0.01], True, "champion"),
    (0.70, 0.71, [0.01] * 5, False, "champion"),
]


@pytest.mark.parametrize(("old", "new", "gains", "is_fair", "uses"), CHOICES)
def test_the_challenger_must_earn_its_place(
    *, old: float, new: float, gains: list[float], is_fair: bool, uses: str
) -> None:
    measured = {"champion": {"auc": old, "brier": 0.2}, "challenger": {"auc": new, "brier": 0.19}}
    fairness = {"champion": {"passes": True}, "challenger": {"passes": is_fair}}
    assert choose(measured, fairness, gains, use=None).uses == uses


@pytest.mark.parametrize(
    ("column", "family"),
    [
        ("NumberOfTimes90DaysLate", "delinquency"),
        ("NINQ", "inquiries"),
        ("MonthlyIncome", "income"),
        ("Attr17", "detail_03"),
    ],
)
def test_a_family_is_found_in_a_column_name(column: str, family: str) -> None:
    assert family_of(column, number=3) == family


def test_a_customer_is_never_shown_a_column_name() -> None:
    reasons = reasons_of(["detail_03", "limit"], {"detail_03": {"Attr17"}, "limit": {"LIMIT_BAL"}})
    assert all("Attr17" not in r.customer_zh + r.customer_en + r.code for r in reasons)
    assert "Attr17" in reasons[0].agent


def test_repayment_behaviour_counts_months_by_their_last_status() -> None:
    months = ("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6")
    statuses = [[0] * 400, [0] * 400, [-1] * 400, [-1] * 400, [-1] * 400, [-1] * 400]
    columns = dict(zip(months, statuses, strict=True))
    columns |= {f"BILL_AMT{m}": [100] * 400 for m in range(1, 7)} | {f"PAY_AMT{m}": [25] * 400 for m in range(1, 7)}
    columns["default_payment_next_month"] = [0] * 400
    table = {row[0]: row[1:] for row in repayment_behaviour(columns)}
    assert table["full"] == (0.75, 0.25, 0.0, 0.25)
    assert table["part"] == (0.0, 1.0, 0.0, 0.25)
