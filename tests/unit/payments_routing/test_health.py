"""When a channel is taken for broken, and when for back."""

from itertools import pairwise
from random import Random

from tiao.payments.routing.health import WINDOW, Health
from tiao.payments.routing.router import Because, Cost, Exactly, Router

LONG = 400


def known(rate_percent: int = 95, outcomes: int = LONG) -> Health:
    health = Health()
    for at in range(outcomes):
        health.learn(at, is_success=at * 37 % 100 < rate_percent)
    return health


def test_four_failures_in_a_row_bring_a_good_channel_down_three_do_not() -> None:
    health = known()
    assert not any(health.learn(LONG + at, is_success=False) for at in range(3))
    assert health.learn(LONG + 3, is_success=False)
    assert health.fallen is not None
    assert health.fallen.is_broken


def test_a_drop_by_a_fifth_is_noticed_and_not_taken_for_a_breakdown() -> None:
    health = known()
    fell = [health.learn(LONG + at, is_success=at % 3 != 0) for at in range(100)]
    assert any(fell)
    assert health.fallen is not None
    assert not health.fallen.is_broken


def test_a_steady_channel_is_left_in_peace() -> None:
    health = known()
    assert not any(health.learn(LONG + at, is_success=at * 37 % 100 < 95) for at in range(WINDOW))


def test_a_rate_known_from_few_outcomes_is_doubted_so_that_a_lucky_beginning_makes_no_fall() -> None:
    falls = 0
    for percent in (60, 70, 85, 93):
        for seed in range(1_000):
            random, health = Random(seed), Health()
            falls += any(health.learn(at, is_success=random.random() * 100 < percent) for at in range(150))
    assert falls <= 12, "of 4,000 channels that never change; 27 where the rate is taken for what it seems"


def test_a_returned_channel_is_believed_as_before_after_a_few_successes() -> None:
    health = known()
    before = health.rate
    for at in range(4):
        health.learn(LONG + at, is_success=False)
    successes = 0
    while health.fallen is not None:
        health.learn(LONG + 10 + successes, is_success=True)
        successes += 1
    assert successes <= 3
    assert abs(health.rate - before) < 0.01


def test_outcomes_outside_the_window_are_forgotten() -> None:
    health = known()
    health.age(WINDOW + LONG)
    assert (health.successes, health.failures) == (0, 0)


def test_a_channel_that_never_worked_raises_no_alarm() -> None:
    health = Health()
    assert not any(health.learn(at, is_success=at < 1) for at in range(500))


def test_a_broken_channel_gets_probes_at_growing_intervals_and_nothing_else() -> None:
    router = Router([Cost(), Cost()], Exactly(Random(1)))
    at = 0
    while at < LONG:
        for channel in (0, 1):
            router.learn(at, channel, is_success=at % 20 != 0)
        at += 1
    for _ in range(6):
        router.learn(at, 0, is_success=False)
    probes = []
    for later in range(at, at + 1_000):
        choice = router.choose(later, [0, 1], 100)
        if choice.channel == 0:
            assert choice.because is Because.PROBE
            probes.append(later)
            router.learn(later, 0, is_success=False)
    gaps = [after - before for before, after in pairwise(probes)]
    assert gaps == sorted(gaps)
    assert 3 <= len(probes) <= 8


def test_with_a_margin_the_dearer_channel_must_earn_its_cost() -> None:
    router = Router([Cost(bps=250), Cost(bps=10)], Exactly(Random(1)), margin_bps=300)
    for at in range(2 * LONG):
        router.learn(at, at % 2, is_success=at % 40 > at % 2)  # both work, the dearer a little better
    chosen = [router.choose(2 * LONG + at, [0, 1], 10_000).channel for at in range(100)]
    assert chosen.count(1) > 95


def test_one_allowed_channel_is_chosen_whatever_is_believed_of_it() -> None:
    router = Router([Cost(), Cost()], Exactly(Random(1)))
    for at in range(LONG):
        router.learn(at, 1, is_success=False)
    assert router.choose(LONG, [1], 100).because is Because.ONLY
