"""The close of a day over a book of loans, and the same day line after line on a sample.

Two kinds of day are told: an ordinary one, and the worst there could be. See `tiao.bench.book` for what they are.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import msgspec

from tiao.bench import book
from tiao.bench.book import INSTALMENTS, Shape
from tiao.bench.ground import OPENED, Ground, check, open_ground, own_server
from tiao.bench.measures import Machine, Spread, server_cpu_seconds, spread, this_machine
from tiao.bench.row_by_row import close_lines
from tiao.checkout import actions as checkout
from tiao.runtime.embedded import Embedded
from tiao.runtime.programme import move_clock, read_programme
from tiao.servicing.close import Closer, CloseStep, Progress, close_day
from tiao.values.refusal import Kind, Refusal
from tiao.wiring import MAIN_CHANNEL, calendar_of, shipped_engine

SAMPLE = 1_000
#: Ranges of buckets under way at once.
WORKERS = 2
#: Steps that touch instalments; the others work on lines, merchants and entries.
_OVER_INSTALMENTS = ("accrue", "bill")
_COMPARED = ("accrue", "bill", "age")

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

    def step(self, name: str) -> StepCost:
        """Give one of its steps."""
        [found] = [each for each in self.steps if each.step == name]
        return found


class RowByRow(msgspec.Struct, frozen=True):
    """A sample closed line after line, beside the same three steps in sets: accrue, bill, age.

    *Units*: microseconds a line of the book, whether or not something happened on it, for a close line after line looks
    at each. On the worst day one instalment of every line is touched. *instalments* is how many were, of the sample.
    """

    loans: int
    instalments: int
    wall_us: float
    cpu_us: float
    set_wall_us: float
    set_cpu_us: float
    ratio_wall: float
    ratio_cpu: float


class KindOfDay(msgspec.Struct, frozen=True):
    """Closes of one kind of day; rows are those of the first. *late* is how many instalments had penalties to charge.

    *book_us* is the processor time of PostgreSQL for the whole close, all steps of it, over every instalment of the
    book, touched or not; *instalments_per_second* how many of the book a second of its clock takes.
    """

    days: list[date]
    late: int
    billed: int
    staged: int
    seconds: Spread
    server_cpu_seconds: Spread
    book_us: Spread
    instalments_per_second: Spread
    row_by_row: RowByRow


class CloseReport(msgspec.Struct, frozen=True):
    """What a run came to. *Units*: microseconds of server processor time an instalment touched.

    What stands outside of `ordinary` and `worst` is of the worst book; *book_us* is its worst day, for every instalment
    there is. *quiet_day_seconds* is of days on which it has nothing to do.
    """

    machine: Machine
    loans: int
    instalments: int
    ordinary: KindOfDay
    worst: KindOfDay
    days: list[DayCost]
    ordinary_days: list[DayCost]
    accrue_us: Spread
    bill_us: float
    busy_day_us: float
    busy_day_seconds: float
    book_us: float
    workers: int
    quiet_day_seconds: Spread
    row_by_row: RowByRow
    selling_seconds: float
    client_mib_at_most: float
    invariants_held: int


class _Lived(NamedTuple):
    """A book that was sold and closed day after day."""

    shape: Shape
    days: list[DayCost]
    selling_seconds: float
    held: int

    @property
    def measured(self) -> list[DayCost]:
        return [day for day in self.days if day.day >= self.shape.first_on]


async def measure(loans: int, sample: int, tell: Tell) -> CloseReport:
    """Measure on a server of its own. Refuses: InvariantViolated, RowByRowDiffers, DatabaseDidNotStart."""
    machine = this_machine()
    with own_server() as server:
        lived = [await _lived(server, shape, loans, tell) for shape in (book.ordinary, book.worst)]
        ordinary, worst = [await _kind(server, each, loans, min(sample, loans), tell) for each in lived]
    days = lived[1].days
    busy = lived[1].measured
    quiet = [day for day in days if OPENED < day.day < lived[1].shape.first_on and not day.instalments]
    return CloseReport(
        machine=machine,
        loans=loans,
        instalments=loans * INSTALMENTS,
        ordinary=ordinary,
        worst=worst,
        days=days,
        ordinary_days=lived[0].days,
        accrue_us=spread([_us_a_row(day, "accrue") for day in busy]),
        bill_us=_us_a_row(busy[0], "bill"),
        busy_day_us=busy[0].server_cpu_seconds / busy[0].instalments * 1e6,
        busy_day_seconds=busy[0].seconds,
        book_us=_book_us(busy[0], loans),
        workers=WORKERS,
        quiet_day_seconds=spread([day.seconds for day in quiet]),
        row_by_row=worst.row_by_row,
        selling_seconds=sum(each.selling_seconds for each in lived),
        client_mib_at_most=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        invariants_held=min(each.held for each in lived),
    )


def _us_a_row(day: DayCost, name: str) -> float:
    step = day.step(name)
    return step.server_cpu_seconds / step.rows * 1e6


def _book_us(day: DayCost, loans: int) -> float:
    return day.server_cpu_seconds / (loans * INSTALMENTS) * 1e6


async def _lived(server: Embedded, shape_of: Callable[[Ground], Shape], loans: int, tell: Tell) -> _Lived:
    """Sell a book and close its days; its database is gone afterwards."""
    name = f"close_{shape_of.__name__}"
    async with open_ground(server, name) as ground:
        shape = shape_of(ground)
        began = time.perf_counter()
        await book.sell(ground, loans, shape, lambda done, of: tell(f"{shape.name} book: loans", done, of))
        selling = time.perf_counter() - began
        days = await _live(server, ground, shape.first_on + timedelta(days=shape.days - 1), tell, shape.name)
        tell(f"{shape.name} book: invariants", 0, 1)
        held = await check(ground)
    server.drop_database(name)
    return _Lived(shape, days, selling, held)


async def _live(server: Embedded, ground: Ground, until: date, tell: Tell, name: str) -> list[DayCost]:
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
        tell(f"{name} book: days", number, total)
        days.append(await _close(server, ground, day))
    return days


async def _close(server: Embedded, ground: Ground, day: date) -> DayCost:
    marks: list[tuple[str, float, float]] = []

    def note(progress: Progress) -> None:
        if not marks or marks[-1][0] != progress.step:
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


async def _kind(server: Embedded, lived: _Lived, loans: int, sample: int, tell: Tell) -> KindOfDay:
    """Sum up one kind of day, beside a sample of it closed line after line."""
    days = lived.measured if lived.shape.name == "ordinary" else lived.measured[:1]
    first = days[0]
    return KindOfDay(
        days=[day.day for day in days],
        late=first.step("accrue").rows,
        billed=first.step("bill").rows,
        staged=first.step("age").rows,
        seconds=spread([day.seconds for day in days]),
        server_cpu_seconds=spread([day.server_cpu_seconds for day in days]),
        book_us=spread([_book_us(day, loans) for day in days]),
        instalments_per_second=spread([loans * INSTALMENTS / day.seconds for day in days]),
        row_by_row=await _compare(server, lived.shape, first, (sample, loans), tell),
    )


async def _compare(
    server: Embedded, shape: Shape, day: DayCost, sample_and_loans: tuple[int, int], tell: Tell
) -> RowByRow:
    """Close a day of a small book line after line, then in sets, which must find nothing left."""
    sample, loans = sample_and_loans
    name = f"row_by_row_{shape.name}"
    async with open_ground(server, name) as ground:
        lines = book.line_ids(await book.sell(ground, sample, shape, lambda *_: None))
        await _live(server, ground, shape.first_on - timedelta(days=1), lambda *_: None, name)
        async with ground.db.begin() as tx:
            programme = await read_programme(tx)
            await move_clock(tx, programme.day_starts_at(shape.first_on, 23))
        cpu = server_cpu_seconds(server.pid) + time.process_time()
        began = time.perf_counter()
        touched = await close_lines(
            ground, lines, shape.first_on, lambda n, of: tell(f"{shape.name} day, row by row", n, of)
        )
        wall_us = (time.perf_counter() - began) / sample * 1e6
        cpu_us = (server_cpu_seconds(server.pid) + time.process_time() - cpu) / sample * 1e6
        [after] = await _live(server, ground, shape.first_on, lambda *_: None, name)
        left = {step.step: step.rows for step in after.steps if step.step in _COMPARED and step.rows}
        if left:
            raise RowByRowDiffers(f"the close found {left}")
        await check(ground)
    server.drop_database(name)
    sets = [step for step in day.steps if step.step in _COMPARED]
    set_wall_us = sum(step.seconds for step in sets) / loans * 1e6
    set_cpu_us = sum(step.server_cpu_seconds for step in sets) / loans * 1e6
    return RowByRow(
        loans=sample,
        instalments=touched,
        wall_us=wall_us,
        cpu_us=cpu_us,
        set_wall_us=set_wall_us,
        set_cpu_us=set_cpu_us,
        ratio_wall=wall_us / set_wall_us,
        ratio_cpu=cpu_us / max(set_cpu_us, 0.01 / loans * 1e6),
    )
