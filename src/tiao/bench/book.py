"""The books whose days are closed: one with statements spread over the month, one made for the worst day."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import NamedTuple
from uuid import UUID

from tiao.bench.ground import (
    CURRENCY,
    EVERY_STATEMENT_DAY,
    OPENED,
    Ground,
    Lines,
    derived_line_id,
    open_many_lines,
    open_merchants,
    tidy,
)
from tiao.lending import actions as lending
from tiao.lending.billing import due_on, next_statement_on
from tiao.lending.model import BillingMode, BillingPolicy, FeePayer, Plan, PlanTerms
from tiao.lending.plans import make_plan
from tiao.lending.records import NewLoan
from tiao.partners.model import Merchant
from tiao.runtime.queries import load_queries
from tiao.values.ids import BUCKETS

INSTALMENTS = 4
MERCHANTS = 200
#: What every line was granted for; the limit is above the grade's ceiling, so that no review raises it.
_GRADE, _INCOME_MINOR = "C", 800_000
_EARLY_STATEMENT_DAY = 10
#: Different purchases; each is planned once for each statement day.
_PRICES_MINOR = tuple(range(40_000, 400_000, 7_919))
_LOANS_AT_ONCE = 1_000
#: Sets of loans under way at once: one is made while the server writes the other.
_SELLERS = 2
_SEED = 20260309

_QUERIES = load_queries("tiao.bench")

Tell = Callable[[int, int], None]


class Shape(NamedTuple):
    """A book: the statement days of its lines in turn, and the days on it that are measured, one after the other."""

    name: str
    statement_days: tuple[int, ...]
    first_on: date
    days: int


def worst(ground: Ground) -> Shape:
    """Half of all loans go late on the day on which the other half is billed; two more days of penalties follow."""
    busy_on = _first_late_on(ground, _EARLY_STATEMENT_DAY)
    return Shape("worst", (_EARLY_STATEMENT_DAY, (busy_on + timedelta(days=1)).day), busy_on, 3)


def ordinary(ground: Ground) -> Shape:
    """Statement days are spread over the month; each day one of 28 lines is billed, one falls due, one goes late.

    It is the first two days on which anything is late: 3.6 % and 7.1 % of the loans, for nobody pays.
    """
    return Shape("ordinary", EVERY_STATEMENT_DAY, _first_late_on(ground, _EARLY_STATEMENT_DAY), 2)


def _first_late_on(ground: Ground, statement_day: int) -> date:
    """Find the first day on which statements of a day are late, from the rules in force."""
    return due_on(next_statement_on(OPENED, statement_day), _billing(ground)) + timedelta(days=1)


def _billing(ground: Ground) -> BillingPolicy:
    return ground.book.conditions(OPENED).billing


async def sell(ground: Ground, count: int, shape: Shape, tell: Tell) -> Lines:
    """Open lines and book a loan of four instalments on each, on the day of opening."""
    lines = await open_many_lines(ground, count, statement_days=shape.statement_days)
    async with ground.db.begin() as tx:
        at = (await ground.moments(tx)).at
        await tx.execute(_QUERIES.insert_grades, currency=CURRENCY, income=_INCOME_MINOR, grade=_GRADE, at=at)
    merchants = await open_merchants(ground, min(MERCHANTS, count))
    seller = _Seller(ground, shape.statement_days, merchants)
    waiting = iter(range(0, count, _LOANS_AT_ONCE))
    sold = 0

    async def work() -> None:
        nonlocal sold
        for first in waiting:
            until = min(first + _LOANS_AT_ONCE, count)
            await seller.sell(lines, first, until)
            sold += until - first
            tell(sold, count)

    async with asyncio.TaskGroup() as group:
        for _ in range(_SELLERS):
            group.create_task(work())
    await tidy(ground)
    return lines


class _Seller:
    """Books loans on lines known by their numbers; a number has the same loan every time."""

    def __init__(self, ground: Ground, statement_days: Sequence[int], merchants: Sequence[Merchant]) -> None:
        self._ground = ground
        self._days = statement_days
        self._merchants = [merchant.id for merchant in merchants]
        self._penalty_ppm = ground.book.conditions(OPENED).penalty_ppm
        self._plan = cache(self._planned)

    async def sell(self, lines: Lines, first: int, until: int) -> None:
        """Book the loans of some lines in one transaction."""
        chance = Random(_SEED + first)  # noqa: S311  a load, not a secret
        loans = [self._loan(lines, number, chance) for number in range(first, until)]
        async with self._ground.db.begin() as tx:
            await lending.book(tx, await self._ground.moments(tx), loans)

    def _loan(self, lines: Lines, number: int, chance: Random) -> NewLoan:
        plan = self._plan(chance.choice(_PRICES_MINOR), self._days[number % len(self._days)])
        line, customer = lines.ids(number)
        return NewLoan(
            id=derived_line_id("loan", number, number % BUCKETS),
            purchase_id=derived_line_id("purchase", number, number % BUCKETS),
            line_id=line,
            customer_id=customer,
            merchant_id=chance.choice(self._merchants),
            currency=CURRENCY,
            plan=plan,
            discount_minor=plan.principal_minor * 6 // 1000,
            penalty_ppm=self._penalty_ppm,
            taken_on=OPENED,
            released_hold_minor=0,
        )

    def _planned(self, price_minor: int, statement_day: int) -> Plan:
        terms = PlanTerms("bench", INSTALMENTS, Decimal("0.006"), FeePayer.CONSUMER, BillingMode.STATEMENT)
        return make_plan(terms, price_minor, OPENED, statement_day, _billing(self._ground))


def line_ids(lines: Lines) -> list[UUID]:
    """Give the ids of all lines: of a sample, that is."""
    return [lines.ids(number)[0] for number in range(lines.size)]
