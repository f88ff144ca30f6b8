"""Bills debited from accounts whose money comes and goes: how much is collected, with how many tries, by which policy.

Every customer has a salary day, an hour of pay and a pace of spending of its own; none of it is told to the policy. The
debits are executed by the simulated bank's own books. Policies meet the same customers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from tiao.bench.measures import Machine, this_machine
from tiao.servicing.timing import rules
from tiao.servicing.timing.model import Because, Bill, Ended, Past, Timing, Tried
from tiao.simulator.bank.books import BankAccount, Books, Flow, Income, Order

ZONE = ZoneInfo("Asia/Shanghai")
_BEGAN = date(2026, 1, 5)
_OFFSET_DAYS = -1
#: Where salaries lie: mostly on a few days, otherwise anywhere; the policy's own guess is another.
_COMMON_DAYS = (10, 15, 5, 25, 8, 31, 20)
Tell = Callable[[int, int], None]


class CollectionFigures(msgspec.Struct, frozen=True):
    """What a policy came to. *on_time*: collected by the end of the due day. Shares are of what was due."""

    policy: str
    bills: int
    tries: int
    tries_a_bill: float
    collected: float
    on_time: float
    days_late_mean: float
    failures: int


class CollectionReport(msgspec.Struct, frozen=True):
    """Every policy over the same lives; the first *months_learning* months are left out of the figures."""

    machine: Machine
    customers: int
    months: int
    months_learning: int
    policies: list[CollectionFigures]


class _Life(NamedTuple):
    income: Income
    bill_minor: int
    due_day: int


class _Account(NamedTuple):
    """An account at the simulated bank, and what is known of it so far."""

    books: Books
    agreement: str
    past: list[Past]


class _Count:
    def __init__(self) -> None:
        self.bills = self.tries = self.failures = 0
        self.due = self.collected = self.on_time = self.late_days = 0


def measure(customers: int, months: int, learning: int, seed: int, tell: Tell) -> CollectionReport:
    """Live *months* of *customers* under every shipped policy, and count after the first *learning* months."""
    timings = rules.shipped().policies
    counts = {name: _Count() for name in timings}
    for number in range(customers):
        life = _life(Random(f"{seed}/{number}"))  # noqa: S311  a measurement repeats itself
        for name, timing in timings.items():
            _live(name, timing, life, number, seed, months, learning, counts[name])
        tell(number + 1, customers)
    figures = [_figures(name, count) for name, count in counts.items()]
    return CollectionReport(this_machine(), customers, months, learning, figures)


def _life(chance: Random) -> _Life:
    day = chance.choice(_COMMON_DAYS) if chance.random() < 0.7 else chance.randrange(1, 29)  # noqa: PLR2004
    salary = chance.randrange(400_000, 1_500_000, 1_000)
    income = Income(day, chance.choice((9, 10, 14, 17)), salary, chance.randrange(8, 29), chance.choice((0, 0, 20_000)))
    return _Life(income, int(salary * chance.uniform(0.05, 0.35)), chance.randrange(1, 29))


def _live(
    name: str, timing: Timing, life: _Life, number: int, seed: int, months: int, learning: int, count: _Count
) -> None:
    account = f"6222{number:012}"
    began = datetime.combine(_BEGAN, datetime.min.time(), ZONE)
    books = Books(seed)
    books.set_account(BankAccount(account, income=life.income))
    books.deposit(account, life.income.amount_minor // 3, "CNY", began)
    agreement = books.bind(account, "", "CNY", began)
    assert not isinstance(agreement, str), agreement
    known = _Account(books, agreement.agreement, [])
    for month in range(months):
        year, offset = divmod(month, 12)
        due_on = date(_BEGAN.year + year, offset + 1, life.due_day)
        if due_on <= _BEGAN + timedelta(days=1):
            continue
        is_counted = month >= learning
        count.bills += is_counted
        count.due += life.bill_minor * is_counted
        _collect(name, timing, life.bill_minor, due_on, known, count, is_counted=is_counted)


def _collect(
    name: str,
    timing: Timing,
    bill_minor: int,
    due_on: date,
    account: _Account,
    count: _Count,
    *,
    is_counted: bool,
) -> None:
    books, agreement, past = account
    left, tried = bill_minor, list[Tried]()
    day, payer, known = due_on + timedelta(days=_OFFSET_DAYS), None, -1
    while day <= due_on + timedelta(days=timing.days_after_due) and left:
        for hour in sorted(timing.hours):
            at = datetime.combine(day, datetime.min.time(), ZONE).replace(hour=hour)
            if payer is None or known != len(past):
                payer, known = rules.Payer(timing, tuple(past), at), len(past)
            bill = Bill(due_on, tuple(tried), tuple(past))
            why = rules.decide(name, timing, bill, at, offset_days=_OFFSET_DAYS, payer=payer)
            if why is None or not left:
                continue
            asked = rules.asked_minor(timing, why, left)
            request = UUID(int=Random(f"{agreement}/{at}").getrandbits(128)).hex  # noqa: S311  a number of its own
            decided = books.execute(Order(Flow.DEBIT, request, agreement, asked, "CNY"), at)
            is_paid = decided.code is None
            tried.append(Tried(at, rules.ended("succeeded" if is_paid else "failed", decided.code)))
            past.append(Past(at, is_paid))
            assert tried[-1].ended in {Ended.PAID, Ended.NO_MONEY}, decided.code
            assert why.because is Because.LIKELY or day <= due_on
            count.tries += is_counted
            count.failures += is_counted and not is_paid
            if is_paid:
                left -= asked
                count.collected += asked * is_counted
                count.on_time += asked * (is_counted and day <= due_on)
                count.late_days += max((day - due_on).days, 0) * asked * is_counted
        day += timedelta(days=1)


def _figures(name: str, count: _Count) -> CollectionFigures:
    return CollectionFigures(
        policy=name,
        bills=count.bills,
        tries=count.tries,
        tries_a_bill=round(count.tries / count.bills, 3),
        collected=round(count.collected / count.due, 4),
        on_time=round(count.on_time / count.due, 4),
        days_late_mean=round(count.late_days / max(count.collected, 1), 3),
        failures=count.failures,
    )
