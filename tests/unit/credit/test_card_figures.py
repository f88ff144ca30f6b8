"""Figures of a model card: intervals that say how little few rows prove, groups in their order, labels that fit."""

import numpy as np
import pytest

from tiao.credit.charts import Bars, bar_chart
from tiao.credit.scoring.model import Grade
from tiao.credit.training.fairness import group_place
from tiao.credit.training.intervals import measured_in_detail


def test_a_grade_without_a_bad_row_is_not_proven_to_have_none() -> None:
    """Of 50 rows none bad: Wilson's interval ends at 3.84 / 53.84, of 7.1 %."""
    target = np.array([0.0] * 50 + [1.0, 0.0] * 50)
    probability = np.array([0.01] * 50 + [0.5] * 100)
    grades = [Grade("A", 0.0, 0.1, 50, 0.0), Grade("B", 0.1, 1.0, 100, 0.5)]
    found = measured_in_detail(target, probability, np.ones(150), grades=grades, segments={})
    rate, low, high = found["grades"]["A"]
    assert (rate, low) == (0.0, 0.0)
    assert high == pytest.approx(0.0713, abs=1e-4)
    rate, low, high = found["grades"]["B"]
    assert low == pytest.approx(0.4038, abs=1e-4)
    assert low + high == pytest.approx(1.0)
    assert (found["rows"], found["bad_rate"]) == (150, pytest.approx(1 / 3, abs=1e-6))


def test_groups_stand_in_the_order_of_what_they_are() -> None:
    names = ["missing", "60 and over", "9 to 25", "under 9", "25 to 60", "female"]
    assert sorted(names, key=group_place) == ["under 9", "9 to 25", "25 to 60", "60 and over", "female", "missing"]


def test_a_label_wider_than_its_place_is_cut_and_told_on_asking() -> None:
    long = "female : divorced/separated/married"
    drawn = bar_chart("approved", [long, "a", "b", "c"], [Bars("approved", "one", (0.1, 0.2, 0.3, 0.4))])
    assert f"<title>{long}</title>female" in drawn
    assert ">a</text>" in drawn
