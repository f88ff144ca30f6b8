"""The loan engine in memory: loans priced anew, and long histories replayed under every rule of allocation."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from random import Random
from typing import NamedTuple

import msgspec

from tiao.bench.measures import Machine, Spread, spread, this_machine
from tiao.lending.pricing import cap_on, check_rate, rates_of_payments, tenor_months
from tiao.lending.schedule import Answer, Terms, Transaction, replay
from tiao.lending.schedule.terms import (
    USUAL_ORDER,
    USUAL_RULE,
    ByDueState,
    ByInstalment,
    Direction,
    Future,
    Recalculation,
    rule_of,
)
from tiao.lending.schedule.transactions import Charge, ChargeKind, Draw, Payment, PaymentType
from tiao.policy.pack import Pack
from tiao.values.refusal import Kind, Refusal

INSTALMENTS = 12
#: Loans in a round: long enough for the clock of processor time, short enough for a spread.
ROUND = 5_000
EVENTS = 700
EVENT_ROWS = 240
REPLAYS = 5
_SEED = 20260309
_LENDER_TYPE = "cfc"
_TAKEN_ON = date(2026, 3, 9)
#: The parts of a round are timed one after the other; what the clock itself takes is all that may be missing.
_UNEXPLAINED_SHARE_MAX = 0.05

Tell = Callable[[str, int, int], None]


class FiguresDoNotAddUp(Refusal):
    """The parts of a measurement do not come to its whole; its figures are worth nothing."""

    kind = Kind.CONFLICT


class LoansReport(msgspec.Struct, frozen=True):
    """What a run came to. *Units*: processor time, microseconds a loan, milliseconds a replay."""

    machine: Machine
    loans: int
    instalments: int
    schedule_us: Spread
    yearly_rate_us: Spread
    cap_us: Spread
    whole_us: Spread
    loans_per_second: Spread
    events: int
    event_rows: int
    replay_ms: dict[str, Spread]
    replay_worst: str
    replay_worst_ms: float


class _Round(NamedTuple):
    schedule_us: float
    rate_us: float
    cap_us: float
    whole_us: float


class _Asked(NamedTuple):
    terms: Terms
    taken_on: date


def measure(loans: int, seconds: float, tell: Tell) -> LoansReport:
    """Price up to *loans* loans anew, as far as *seconds* go, then replay the long histories.

    Refuses: FiguresDoNotAddUp, PriceAboveCap.
    """
    machine = this_machine()
    chance = Random(_SEED)  # noqa: S311  a load, not a secret
    pack = Pack.load("cn")
    _price([_ask(chance) for _ in range(ROUND // 10)], pack)  # caches filled, code specialised
    rounds: list[_Round] = []
    done = 0
    deadline = time.monotonic() + seconds
    while done < loans and (not rounds or time.monotonic() < deadline):
        asked = [_ask(chance) for _ in range(min(ROUND, loans - done))]
        rounds.append(_price(asked, pack))
        done += len(asked)
        tell("loans", done, loans)
    replays = _replays(tell)
    worst = max(replays, key=lambda name: replays[name].median)
    return LoansReport(
        machine=machine,
        loans=done,
        instalments=INSTALMENTS,
        schedule_us=spread([each.schedule_us for each in rounds]),
        yearly_rate_us=spread([each.rate_us for each in rounds]),
        cap_us=spread([each.cap_us for each in rounds]),
        whole_us=spread([each.whole_us for each in rounds]),
        loans_per_second=spread([1e6 / each.whole_us for each in rounds]),
        events=EVENTS,
        event_rows=EVENT_ROWS,
        replay_ms=replays,
        replay_worst=worst,
        replay_worst_ms=replays[worst].median,
    )


def _ask(chance: Random) -> _Asked:
    """Make a loan of 1,000 to 200,000 at 1 to 12 % a year, which every cap allows."""
    return _Asked(
        Terms(
            principal_minor=chance.randrange(100_000, 20_000_000),
            annual_rate=Fraction(chance.randrange(100, 1_200), 10_000),
            instalments=INSTALMENTS,
        ),
        _TAKEN_ON + timedelta(days=chance.randrange(365)),
    )


def _price(asked: Sequence[_Asked], pack: Pack) -> _Round:
    """Plan each loan, find what it costs a year, hold that against the cap; time each part over all loans."""
    began = time.process_time()
    answers = [replay(loan.terms, (), start_on=loan.taken_on) for loan in asked]
    planned = time.process_time()
    rates = [
        rates_of_payments(loan.terms.principal_minor, [row.total for row in answer.rows])
        for loan, answer in zip(asked, answers, strict=True)
    ]
    rated = time.process_time()
    for answer, rate in zip(answers, rates, strict=True):
        # Contracts of one month share what the pack says of it, as a day's contracts do at the desk.
        tenor = tenor_months(answer.as_of_on, answer.rows[-1].due_on)
        check_rate(rate, cap_on(pack, lender_type=_LENDER_TYPE, contract_on=_TAKEN_ON, tenor_months=tenor))
    capped = time.process_time()
    for loan, answer in zip(asked, answers, strict=True):
        _check_plan(loan.terms, answer)
    each = 1e6 / len(asked)
    made = _Round((planned - began) * each, (rated - planned) * each, (capped - rated) * each, (capped - began) * each)
    explained = made.schedule_us + made.rate_us + made.cap_us
    if abs(made.whole_us - explained) > _UNEXPLAINED_SHARE_MAX * made.whole_us:
        raise FiguresDoNotAddUp(f"{explained:.1f} of {made.whole_us:.1f} us")
    return made


def _check_plan(terms: Terms, answer: Answer) -> None:
    if sum(row.principal for row in answer.rows) != terms.principal_minor:
        raise FiguresDoNotAddUp(f"the principal of the rows is not {terms.principal_minor}")
    if any(row.principal + row.interest != row.total for row in answer.rows):
        raise FiguresDoNotAddUp("a row is not its principal and interest")


def _replays(tell: Tell) -> dict[str, Spread]:
    """Replay one long history under every rule of allocation, with interest fixed and recalculated."""
    start_on, history = long_history()
    paid = sum(entry.amount_minor for entry in history if isinstance(entry, Payment))
    variants = _variants()
    times: dict[str, list[float]] = {name: [] for name in variants}
    for turn, (name, terms) in product(range(REPLAYS), variants.items()):
        began = time.process_time()
        answer = replay(terms, history, start_on=start_on)
        times[name].append((time.process_time() - began) * 1e3)
        used = sum(
            one.principal + one.interest + one.fees + one.penalties + one.overpaid for one in answer.transactions
        )
        if (
            used != paid
            or sum(row.paid for row in answer.rows) + sum(one.overpaid for one in answer.transactions) != paid
        ):
            raise FiguresDoNotAddUp(f"{name}: {used} of {paid} were used")
        tell("replays", turn * len(variants) + 1, REPLAYS * len(variants))
    return {name: spread(values) for name, values in times.items()}


def _variants() -> dict[str, Terms]:
    allocations: dict[str, ByDueState | ByInstalment] = {
        f"{direction} {future}": ByDueState(direction=direction, rules={"default": rule_of(USUAL_RULE.order, future)})
        for direction, future in product(Direction, Future)
    }
    allocations["by_instalment"] = ByInstalment(USUAL_ORDER, USUAL_ORDER)
    return {
        f"{name}{suffix}": Terms(
            principal_minor=24_000_000,
            annual_rate=Fraction(12, 100),
            instalments=EVENT_ROWS,
            recalculation=recalculation,
            allocation=allocation,
        )
        for name, allocation in allocations.items()
        for suffix, recalculation in (("", None), (", recalculated", Recalculation()))
    }


def long_history() -> tuple[date, list[Transaction]]:
    """Make 700 events of a loan over 20 years: a draw, payments early and late, now and then a penalty."""
    chance = Random(_SEED)  # noqa: S311  a load, not a secret
    start_on = date(2020, 1, 31)
    history: list[Transaction] = [
        Draw(id="draw", posted_on=start_on, effective_on=start_on, amount_minor=24_000_000),
    ]
    day = start_on
    while len(history) < EVENTS:
        day += timedelta(days=9)
        name = f"event {len(history)}"
        if len(history) % 14 == 0:
            history.append(Charge(id=name, posted_on=day, due_on=day, amount_minor=500, kind=ChargeKind.PENALTY))
        else:
            history.append(
                Payment(
                    id=name,
                    posted_on=day,
                    effective_on=day,
                    amount_minor=chance.randrange(5_000, 40_000),
                    type=PaymentType.REPAYMENT,
                )
            )
    return start_on, history
