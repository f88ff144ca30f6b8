"""The close of a day over a book of loans, and the same day line after line on a sample."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle, pairwise
from random import Random
from typing import NamedTuple

import msgspec

from tiao.bench.ground import CURRENCY, OPENED, Ground, check, open_ground, open_lines, open_merchants, own_server, tidy
from tiao.bench.measures import Machine, Spread, server_cpu_seconds, spread, this_machine
from tiao.bench.row_by_row import close_lines
from tiao.checkout import actions as checkout
from tiao.ledger.model import CreditLine
from tiao.lending import actions as lending
from tiao.lending.billing import due_on, next_statement_on
from tiao.lending.model import BillingMode, FeePayer, PlanTerms
from tiao.lending.plans import make_plan
from tiao.lending.records import NewLoan
from tiao.partners.model import Merchant
from tiao.runtime.embedded import Embedded
from tiao.runtime.programme import move_clock, read_programme
from tiao.servicing.close import Closer, CloseStep, Progress, close_day
from tiao.values.refusal import Kind, Refusal
from tiao.wiring import MAIN_CHANNEL, calendar_of, shipped_engine

INSTALMENTS = 4
MERCHANTS = 200
#: Days in a row on which half of the loans are late; on the first of them the other half is billed.
BUSY_DAYS = 3
SAMPLE = 1_000
#: Ranges of buckets under way at once.
WORKERS = 2
#: Steps that touch instalments; the others work on lines, merchants and entries.
_OVER_INSTALMENTS = ("accrue", "bill")
_COMPARED = ("accrue", "bill", "age")
_EARLY_STATEMENT_DAY = 10
_LOANS_AT_ONCE = 1_000
_SEED = 20260309

Tell = Callable[[str, int, int], None]


class RowByRowDiffers(Refusal):
    """The set-based close found something that the close line after line left; they are not the same work."""

    kind = Kind.CONFLICT


class StepCost(msgspec.Struct, frozen=True):
    """One step of a close. *rows* as the step counts them."""

    step: str
    rows: int
    seconds: float
    server_cpu_seconds: float


class DayCost(msgspec.Struct, frozen=True):
    """One close. *instalments* is how many it accrued or billed."""

    day: date
    instalments: int
    seconds: float
    server_cpu_seconds: float
    steps: list[StepCost]


class RowByRow(msgspec.Struct, frozen=True):
    """The sample closed line after line, and closed in sets, each an instalment that it touched."""

    loans: int
    instalments: int
    wall_us: float
    cpu_us: float
    set_wall_us: float
    set_cpu_us: float
    ratio_wall: float
    ratio_cpu: float


class CloseReport(msgspec.Struct, frozen=True):
    """What a run came to. *Units*: microseconds of server processor time an instalment touched."""

    machine: Machine
    loans: int
    instalments: int
    days: list[DayCost]
    accrue_us: Spread
    bill_us: float
    busy_day_us: float
    busy_day_seconds: float
    #: Of the three steps over loans on the busy day, for every instalment there is, touched or not.
    book_us: float
    workers: int
    quiet_day_seconds: Spread
    row_by_row: RowByRow
    invariants_held: int


class _Calendar(NamedTuple):
    """When what happens: half of the lines have an early statement, the others one on the morning of the busy day."""

    busy_on: date
    late_statement_day: int


async def measure(loans: int, sample: int, tell: Tell) -> CloseReport:
    """Measure on a server of its own. Refuses: InvariantViolated, RowByRowDiffers, DatabaseDidNotStart."""
    machine = this_machine()
    with own_server() as server:
        async with open_ground(server, "close") as ground:
            calendar = _calendar(ground)
            await _lend(ground, loans, calendar, lambda done, of: tell("loans", done, of))
            await tidy(ground)
            until = calendar.busy_on + timedelta(days=BUSY_DAYS - 1)
            days = await _live(server, ground, until, tell)
            tell("invariants", 0, 1)
            held = await check(ground)
        busy = [day for day in days if day.day >= calendar.busy_on]
        quiet = [day for day in days if OPENED < day.day < calendar.busy_on and not day.instalments]
        return CloseReport(
            machine=machine,
            loans=loans,
            instalments=loans * INSTALMENTS,
            days=days,
            accrue_us=spread([_us_a_row(day, "accrue") for day in busy]),
            bill_us=_us_a_row(busy[0], "bill"),
            busy_day_us=busy[0].server_cpu_seconds / busy[0].instalments * 1e6,
            busy_day_seconds=busy[0].seconds,
            book_us=sum(s.server_cpu_seconds for s in busy[0].steps if s.step in _COMPARED)
            / (loans * INSTALMENTS)
            * 1e6,
            workers=WORKERS,
            quiet_day_seconds=spread([day.seconds for day in quiet]),
            row_by_row=await _compare(server, min(sample, loans), busy[0], tell),
            invariants_held=held,
        )


def _us_a_row(day: DayCost, name: str) -> float:
    [step] = [each for each in day.steps if each.step == name]
    return step.server_cpu_seconds / step.rows * 1e6


def _calendar(ground: Ground) -> _Calendar:
    """Find the first day on which early statements are late, from the rules in force."""
    policy = ground.book.conditions(OPENED).billing
    busy_on = due_on(next_statement_on(OPENED, _EARLY_STATEMENT_DAY), policy) + timedelta(days=1)
    return _Calendar(busy_on, (busy_on + timedelta(days=1)).day)


async def _lend(ground: Ground, count: int, calendar: _Calendar, tell: Callable[[int, int], None]) -> list[CreditLine]:
    """Open lines and book a loan of four instalments on each, on the day of opening."""
    days = cycle((_EARLY_STATEMENT_DAY, calendar.late_statement_day))
    lines = await open_lines(ground, count, statement_days=days)
    merchants = await open_merchants(ground, min(MERCHANTS, count))
    chance = Random(_SEED)  # noqa: S311  a load, not a secret
    for first in range(0, count, _LOANS_AT_ONCE):
        some = lines[first : first + _LOANS_AT_ONCE]
        async with ground.db.begin() as tx:
            now = await ground.moments(tx)
            made = [_loan(ground, line, chance.choice(merchants), chance) for line in some]
            await lending.book(
                tx,
                now,
                [
                    loan._replace(id=now.new_id(line.bucket), purchase_id=now.new_id(line.bucket))
                    for loan, line in zip(made, some, strict=True)
                ],
            )
        tell(first + len(some), count)
    return lines


def _loan(ground: Ground, line: CreditLine, merchant: Merchant, chance: Random) -> NewLoan:
    conditions = ground.book.conditions(OPENED)
    terms = PlanTerms("bench", INSTALMENTS, Decimal("0.006"), FeePayer.CONSUMER, BillingMode.STATEMENT)
    plan = make_plan(terms, chance.randrange(40_000, 400_000), OPENED, line.statement_day, conditions.billing)
    return NewLoan(
        id=line.id,
        purchase_id=line.id,
        line_id=line.id,
        customer_id=line.customer_id,
        merchant_id=merchant.id,
        currency=CURRENCY,
        plan=plan,
        discount_minor=plan.principal_minor * 6 // 1000,
        penalty_ppm=conditions.penalty_ppm,
        taken_on=OPENED,
        released_hold_minor=0,
    )


async def _live(server: Embedded, ground: Ground, until: date, tell: Tell) -> list[DayCost]:
    """Close every day through *until*, timing each."""
    async with ground.db.begin() as tx:
        programme = await read_programme(tx)
    first = programme.closed_through + timedelta(days=1)
    total = (until - first).days + 1
    days = []
    for number in range(total):
        day = first + timedelta(days=number)
        async with ground.db.begin() as tx:
            await move_clock(tx, programme.day_starts_at(day + timedelta(days=1), 1))
        tell("days", number, total)
        days.append(await _close(server, ground, day))
    return days


async def _close(server: Embedded, ground: Ground, day: date) -> DayCost:
    marks: list[tuple[str, float, float]] = []

    def note(progress: Progress) -> None:
        marks.append((progress.step, time.perf_counter(), server_cpu_seconds(server.pid)))

    closer = Closer(
        ground.db,
        ground.moments,
        shipped_engine(),
        calendar_of("CN"),
        MAIN_CHANNEL,
        checkout.expire,
        note,
        workers=WORKERS,
    )
    done = await close_day(closer, day)
    steps = [
        StepCost(name, _rows(done, name), round(ended - began, 4), round(cpu_after - cpu_before, 4))
        for (name, began, cpu_before), (_, ended, cpu_after) in pairwise(marks)
    ]
    return DayCost(
        day=day,
        instalments=sum(step.rows for step in steps if step.step in _OVER_INSTALMENTS),
        seconds=round(sum(step.seconds for step in steps), 4),
        server_cpu_seconds=round(sum(step.server_cpu_seconds for step in steps), 4),
        steps=steps,
    )


def _rows(done: Sequence[CloseStep], name: str) -> int:
    return sum(each.rows_changed for each in done if each.step == name)


async def _compare(server: Embedded, sample: int, busy: DayCost, tell: Tell) -> RowByRow:
    """Close the busy day of a small programme line after line, then in sets, which must find nothing left."""
    async with open_ground(server, "row_by_row") as ground:
        calendar = _calendar(ground)
        lines = await _lend(ground, sample, calendar, lambda *_: None)
        await tidy(ground)
        await _live(server, ground, calendar.busy_on - timedelta(days=1), lambda *_: None)
        async with ground.db.begin() as tx:
            programme = await read_programme(tx)
            await move_clock(tx, programme.day_starts_at(calendar.busy_on, 23))
        cpu = server_cpu_seconds(server.pid) + time.process_time()
        began = time.perf_counter()
        touched = await close_lines(ground, lines, calendar.busy_on, lambda n, of: tell("row by row", n, of))
        wall_us = (time.perf_counter() - began) / touched * 1e6
        cpu_us = (server_cpu_seconds(server.pid) + time.process_time() - cpu) / touched * 1e6
        [after] = await _live(server, ground, calendar.busy_on, lambda *_: None)
        left = {step.step: step.rows for step in after.steps if step.step in _COMPARED and step.rows}
        if left:
            raise RowByRowDiffers(f"the close found {left}")
        await check(ground)
    sets = [step for step in busy.steps if step.step in _COMPARED]
    set_wall_us = sum(step.seconds for step in sets) / busy.instalments * 1e6
    set_cpu_us = sum(step.server_cpu_seconds for step in sets) / busy.instalments * 1e6
    return RowByRow(
        loans=sample,
        instalments=touched,
        wall_us=wall_us,
        cpu_us=cpu_us,
        set_wall_us=set_wall_us,
        set_cpu_us=set_cpu_us,
        ratio_wall=wall_us / set_wall_us,
        ratio_cpu=cpu_us / set_cpu_us,
    )
