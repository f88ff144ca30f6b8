"""What an experiment says is held against simulated shops whose truth is known."""

import math
from random import Random
from uuid import UUID

import numpy as np
import pytest

from tiao.partners.experiments.model import Arm, Measure, Observation
from tiao.partners.experiments.rules import arm_of, ratio_p_value, result

ONE, OTHER = UUID(int=1), UUID(int=2)
HALF = 500_000


def shop(seed: int, visitors: int, *, lift: float = 0.0, dearer: float = 1.0) -> list[Observation]:
    """A shop whose visitors have a past that predicts them; who is shown pay-later buys more often, and dearer."""
    draw = np.random.default_rng(seed)
    past = draw.gamma(1.5, 20_000, visitors)
    rate = 0.05 + past / 150_000
    seen = []
    for number in range(visitors):
        subject = f"v{seed}-{number}"
        is_shown = arm_of(ONE, subject, HALF) is Arm.SHOWN
        bought = draw.random() < min(0.95, rate[number] * (1 + lift * is_shown))
        orders = int(bought) * (1 + int(draw.random() < 0.3))
        value = int(sum(draw.gamma(4, 2_500, orders) * (dearer if is_shown else 1))) if orders else 0
        seen.append(Observation(subject, orders, value + int(0.1 * past[number]) * orders, int(past[number])))
    return seen


def found(seen: list[Observation], measure: Measure) -> tuple[float, float, float]:
    [compared] = [each for each in result(ONE, HALF, seen).compared if each.measure is measure]
    return compared.low, compared.difference, compared.high


def test_who_sees_what_is_always_the_same_and_even() -> None:
    subjects = [f"visitor-{number}" for number in range(20_000)]
    arms = [arm_of(ONE, each, HALF) for each in subjects]
    assert arms == [arm_of(ONE, each, HALF) for each in subjects]
    assert ratio_p_value(arms.count(Arm.SHOWN), arms.count(Arm.HIDDEN), HALF) > 0.001
    tenth = [arm_of(ONE, each, 100_000) for each in subjects]
    assert abs(tenth.count(Arm.SHOWN) / len(tenth) - 0.1) < 0.01


def test_one_experiment_tells_nothing_of_another() -> None:
    both = [(arm_of(ONE, str(n), HALF), arm_of(OTHER, str(n), HALF)) for n in range(20_000)]
    together = sum(first is second for first, second in both)
    assert abs(together / len(both) - 0.5) < 0.02


@pytest.mark.parametrize("measure", list(Measure))
def test_where_nothing_differs_intervals_hold_nothing_19_times_of_20(measure: Measure) -> None:
    runs = [found(shop(seed, 600), measure) for seed in range(200)]
    held = sum(low <= 0 <= high for low, _, high in runs) / len(runs)
    assert 0.90 <= held <= 0.99, held


@pytest.mark.parametrize(
    ("measure", "lift", "dearer"), [(Measure.CONVERSION, 0.3, 1.0), (Measure.ORDER_VALUE, 0.0, 1.15)]
)
def test_intervals_hold_the_true_effect_19_times_of_20(measure: Measure, lift: float, dearer: float) -> None:
    large = found(shop(10_001, 120_000, lift=lift, dearer=dearer), measure)
    truth = large[1]
    runs = [found(shop(seed, 600, lift=lift, dearer=dearer), measure) for seed in range(200)]
    held = sum(low <= truth <= high for low, _, high in runs) / len(runs)
    assert large[0] > 0, "pay-later helps, and enough visitors show it"
    assert 0.90 <= held <= 0.99, held


def test_knowing_the_past_takes_noise_out_and_no_effect_in() -> None:
    seen = shop(5, 20_000, lift=0.3)
    blind = [Observation(each.subject, each.orders, each.value_minor) for each in seen]
    with_past, without = found(seen, Measure.VALUE_PER_VISITOR), found(blind, Measure.VALUE_PER_VISITOR)
    assert with_past[2] - with_past[0] < 0.97 * (without[2] - without[0])
    assert abs(with_past[1] - without[1]) < (without[2] - without[0]) / 2
    [compared] = [each for each in result(ONE, HALF, seen).compared if each.measure is Measure.VALUE_PER_VISITOR]
    assert 0.03 < compared.variance_explained < 1


def test_conversion_without_a_past_is_the_textbooks_interval() -> None:
    draw = Random(3)
    seen = [Observation(f"t-{n}", int(draw.random() < 0.2), 0) for n in range(4_000)]
    arms = {arm: [each.orders for each in seen if arm_of(ONE, each.subject, HALF) is arm] for arm in Arm}
    low, difference, high = found(seen, Measure.CONVERSION)
    means = {arm: sum(orders) / len(orders) for arm, orders in arms.items()}
    error = math.sqrt(sum(means[arm] * (1 - means[arm]) / (len(orders) - 1) for arm, orders in arms.items()))
    assert difference == pytest.approx(means[Arm.SHOWN] - means[Arm.HIDDEN])
    assert (low, high) == pytest.approx((difference - 1.959964 * error, difference + 1.959964 * error))


def test_a_shop_that_loses_visitors_of_one_arm_is_found_out() -> None:
    seen = shop(7, 8_000)
    assert not result(ONE, HALF, seen).is_ratio_wrong
    draw = Random(1)
    lost = [each for each in seen if arm_of(ONE, each.subject, HALF) is Arm.SHOWN or draw.random() < 0.9]
    assert result(ONE, HALF, lost).is_ratio_wrong


@pytest.mark.parametrize(
    ("shown", "hidden", "ppm", "p_value"), [(500, 500, HALF, 1.0), (540, 460, HALF, 0.0114), (0, 0, HALF, 1.0)]
)
def test_an_uneven_split_is_as_likely_as_pearson_says(shown: int, hidden: int, ppm: int, p_value: float) -> None:
    assert ratio_p_value(shown, hidden, ppm) == pytest.approx(p_value, abs=1e-4)


def test_few_visitors_are_not_compared_and_no_buyer_divides_by_nothing() -> None:
    assert result(ONE, HALF, shop(1, 40)).compared == []
    nobody = [Observation(f"n-{n}", 0, 0) for n in range(400)]
    assert {each.measure for each in result(ONE, HALF, nobody).compared} == {
        Measure.CONVERSION,
        Measure.VALUE_PER_VISITOR,
    }
