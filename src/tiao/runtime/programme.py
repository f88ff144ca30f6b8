"""The programme in a database: its market, its time zone, its clock, and how far its days are closed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from tiao.runtime.clock import Clock, business_date
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import IdSource
from tiao.values.moment import Moment
from tiao.values.refusal import Kind, Refusal

QUERIES = load_queries("tiao.runtime")


class ProgrammeMissing(Refusal):
    """The database holds no programme yet; `tiao demo`, `tiao replay` or `tiao programme create` make one."""

    kind = Kind.NOT_FOUND


class NotATestClock(Refusal):
    """Only a programme on a test clock can be moved through time."""


class ClockMovesForward(Refusal):
    """Time only moves forward."""

    kind = Kind.INVALID


class Programme(msgspec.Struct, frozen=True):
    """One lender in one market. *cut_off_on* and *closed_through* are business dates."""

    name: str
    currency: str
    time_zone: str
    market: str
    lender_type: str
    is_test_clock: bool
    now_at: datetime | None
    cut_off_on: date
    closed_through: date
    opened_on: date

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which its days begin and end."""
        return ZoneInfo(self.time_zone)

    def day_starts_at(self, day: date, hour: int = 0) -> datetime:
        """Give the instant at which an hour of a business day begins."""
        return datetime.combine(day, time(hour), tzinfo=self.zone).astimezone(UTC)


async def read_programme(tx: Tx) -> Programme:
    """Read the programme. Refuses: ProgrammeMissing."""
    found = await tx.maybe(QUERIES.programme, Programme)
    if found is None:
        raise ProgrammeMissing
    return found


async def has_programme(tx: Tx) -> bool:
    """Tell whether the database holds a programme yet."""
    return await tx.maybe(QUERIES.programme, Programme) is not None


async def create_programme(tx: Tx, programme: Programme) -> None:
    """Write the programme of a new database."""
    values = {field: getattr(programme, field) for field in programme.__struct_fields__}
    await tx.execute(QUERIES.insert_programme, **values)


async def move_clock(tx: Tx, to: datetime) -> None:
    """Move a test clock. Refuses: NotATestClock, ClockMovesForward."""
    programme = await read_programme(tx)
    if programme.now_at is None:
        raise NotATestClock
    if to < programme.now_at:
        raise ClockMovesForward(pointer="/advance_to", now=programme.now_at.isoformat())
    await tx.execute(QUERIES.move_clock, to=to)


async def finish_day(tx: Tx, day: date) -> None:
    """Note that a business day is closed."""
    await tx.execute(QUERIES.finish_day, day=day)


class MomentSource:
    """Makes the moment of a transaction: the programme's time, its business date, and new ids."""

    def __init__(self, clock: Clock, zone: ZoneInfo, ids: IdSource) -> None:
        self._clock = clock
        self._zone = zone
        self.ids = ids

    async def __call__(self, tx: Tx) -> Moment:
        """Ask the clock, inside the transaction that is about to act."""
        at = await self._clock.now(tx)
        return Moment(at, business_date(at, self._zone), self.ids)

    def told(self, test_time: datetime | None) -> Moment:
        """Make the moment for somebody who has just read the programme's test clock."""
        at = self._clock.told(test_time)
        return Moment(at, business_date(at, self._zone), self.ids)
