"""Strained people buy up to their limits; some earn less from one day on, stretch for months, and then stop paying."""

from datetime import date, timedelta

from tiao.simulator.behaviour import Status
from tiao.simulator.straining import Strain, need_of

OPENED = date(2026, 1, 1)
INCOME = 800_000
NEEDS = [need_of(Strain(), "seed", f"C{place}", income_minor=INCOME, opened_on=OPENED) for place in range(2_000)]
FALLING = [need for need in NEEDS if need is not None and need.falls_on is not None]


def test_about_as_many_are_strained_as_the_world_says() -> None:
    assert 0.6 < sum(need is not None for need in NEEDS) / len(NEEDS) < 0.7
    assert 0.25 < len(FALLING) / sum(need is not None for need in NEEDS) < 0.35


def test_who_falls_stretches_first_and_stops_then() -> None:
    for need in FALLING:
        assert need.falls_on is not None
        assert need.stops_on is not None
        before, stretched, stopped = (
            need.repayments(day) for day in (need.falls_on - timedelta(days=1), need.falls_on, need.stops_on)
        )
        assert before is None
        assert stretched is not None
        assert stopped is not None
        assert stretched.rows[Status.FULL].part_ppm > 500_000
        assert stopped.rows[Status.FULL].full_ppm < 50_000
        assert need.stops_on - need.falls_on >= timedelta(days=60)
        assert need.buys_ppm(need.falls_on) > need.buys_ppm(OPENED)


def test_an_order_is_a_share_of_a_months_income() -> None:
    need = FALLING[0]
    assert need.order_minor(0) == INCOME * 4 // 100
    assert need.order_minor(1_000) == INCOME * 30 // 100
