"""A life in which limits matter: people who buy up to their limits, and some who earn less from one day on.

Whose income falls stretches first: pays late and in part and buys on credit what the income no longer does. Some months
later nothing is paid any more. All of it is own choice.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from tiao.simulator.behaviour import BehaviourTable, read_behaviour
from tiao.simulator.chance import draw, number

#: How often somebody buys who wants more than the line gives, and who has to make up for what is no longer earned.
_NEAR_PPM, _FALLEN_PPM = 160_000, 260_000
#: Orders of those people, in percent of a month's income: a few of them fill a line. Own choice.
_ORDER_PERCENT = (4, 30)


class Strain(NamedTuple):
    """Who is strained, in millionths of all people; when incomes fall, after the opening; how long people stretch."""

    near_ppm: int = 650_000
    falls_ppm: int = 300_000
    falls_days: tuple[int, int] = (60, 180)
    stretches_days: tuple[int, int] = (60, 150)


class Need(NamedTuple):
    """What one strained person is like. *falls_on* is None where the income stays. *Units*: minor units."""

    income_minor: int
    falls_on: date | None = None
    stops_on: date | None = None

    def buys_ppm(self, day: date) -> int:
        """Say in how many of a million days something is bought."""
        return _FALLEN_PPM if self.falls_on is not None and day >= self.falls_on else _NEAR_PPM

    def order_minor(self, luck: int) -> int:
        """Say what an order comes to. *Shape*: *luck* in thousandths. Rounds: down, at least one yuan."""
        low, high = _ORDER_PERCENT
        return max(100, self.income_minor * (low * 1000 + (high - low) * luck) // 100_000)

    def repayments(self, day: date) -> BehaviourTable | None:
        """Give how bills are repaid on a day; None as everybody repays."""
        if self.falls_on is None or self.stops_on is None or day < self.falls_on:
            return None
        return _shipped("repayments_stretched.csv" if day < self.stops_on else "repayments_stopped.csv")


def need_of(strain: Strain, seed: str, key: str, *, income_minor: int, opened_on: date) -> Need | None:
    """Draw what a person is like; None for those who buy as everybody does."""
    if draw(seed, "near the limit", key) >= strain.near_ppm:
        return None
    if draw(seed, "income falls", key) >= strain.falls_ppm:
        return Need(income_minor)
    falls_on = opened_on + timedelta(days=_within(strain.falls_days, number(seed, "falls on", key)))
    stops_on = falls_on + timedelta(days=_within(strain.stretches_days, number(seed, "stops on", key)))
    return Need(income_minor, falls_on, stops_on)


def _within(days: tuple[int, int], drawn: int) -> int:
    first, last = days
    return first + drawn % (last - first)


@cache
def _shipped(name: str) -> BehaviourTable:
    return read_behaviour((files("tiao.simulator") / "data" / name).read_text(encoding="utf-8"))
