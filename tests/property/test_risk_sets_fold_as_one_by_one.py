"""A set folded over columns gives every value and every byte that its payments give one after the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from support.payments_asked import asked
from tiao.risk.dossiers import PAIRS_MAX
from tiao.risk.features.fold import Outcome
from tiao.risk.live import Asked, microseconds
from tiao.risk.states import SET_MIN, Remembered, Row

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
#: Now and then the clock of another process is behind.
STEPS = (-40, -50_000, 0, 1, 20, 59, 600, 3_000, 90_000, 700_000, 3_000_000)


def drawn(chance: Random, at: datetime, customer: int, *, shops: int) -> Asked:
    return asked(
        chance.choice((1, chance.randrange(50_000), chance.randrange(3_000_000))),
        at=at,
        hour=at.hour,
        weekday=at.weekday(),
        entities=(
            f"{customer:032x}",
            f"{chance.randrange(shops) + (1 << 40):032x}",
            f"{customer // 3 + (1 << 41):032x}" * 2 if chance.random() < 0.7 else None,
            f"{customer % 4 + (1 << 42):032x}" * 2 if chance.random() < 0.5 else None,
            f"{chance.randrange(3) + (1 << 43):032x}" * 2 if chance.random() < 0.3 else None,
        ),
    )


def reported(chance: Random, payment: Asked, at: datetime) -> Outcome:
    late = at - timedelta(days=chance.choice((0, 1, 5, 33)))
    return Outcome(microseconds(late), chance.random() < 0.6, chance.random() < 0.5, payment.entities)


def of(remembered: Remembered) -> dict[tuple[int, str], Row]:
    return {(row.place, row.key): row for row in remembered.rows()}


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), customers=st.integers(4, 60), shops=st.integers(1, 5))
def test_columns_fold_as_one_by_one_to_the_byte(seed: int, customers: int, shops: int) -> None:
    chance, at = Random(seed), BEGAN
    one_by_one: dict[tuple[int, str], Row] = {}
    at_once: dict[tuple[int, str], Row] = {}
    before: list[Asked] = []
    for _ in range(12):
        at += timedelta(seconds=chance.choice(STEPS))
        several = SET_MIN + chance.randrange(20)
        # Now and then somebody pays twice in a set, which cuts it.
        who = [*chance.sample(range(60), several), *(chance.randrange(customers) for _ in range(chance.choice((0, 2))))]
        payments = [drawn(chance, at, customer, shops=shops) for customer in who]
        alone, together = Remembered(one_by_one.values()), Remembered(at_once.values())
        values = np.array([alone.pay(each)[0] for each in payments])
        assert (values.view(np.int64) == together.pay_all(payments).view(np.int64)).all()
        before += payments
        for each in chance.sample(before, 4):
            news = reported(chance, each, at)
            correction = news._replace(is_fraud=not news.is_fraud) if chance.random() < 0.2 else None
            alone.learn(news, before=correction)
            together.learn(news, before=correction)
        one_by_one |= of(alone)
        at_once |= of(together)
        assert one_by_one == at_once


def test_a_customer_of_many_shops_keeps_the_latest_acquaintances() -> None:
    chance, at = Random(7), BEGAN
    one_by_one: dict[tuple[int, str], Row] = {}
    at_once: dict[tuple[int, str], Row] = {}
    for number in range(PAIRS_MAX + 9):
        at += timedelta(hours=5)
        payments = [
            each._replace(entities=(each.entities[0], f"{number % 70:032x}", *each.entities[2:]))
            for each in (drawn(chance, at, customer, shops=1) for customer in range(SET_MIN))
        ]
        alone, together = Remembered(one_by_one.values()), Remembered(at_once.values())
        values = np.array([alone.pay(each)[0] for each in payments])
        assert (values.view(np.int64) == together.pay_all(payments).view(np.int64)).all()
        one_by_one |= of(alone)
        at_once |= of(together)
        assert one_by_one == at_once
