"""What time it is: the system's, or a programme's own test clock that lives through months in seconds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

QUERIES = load_queries("tiao.runtime")


class Clock(Protocol):
    """Tells the time to whoever opens a transaction; rules are given `at`, never a clock."""

    async def now(self, tx: Tx) -> datetime:
        """Tell the present instant, aware and in UTC."""

    def told(self, test_time: datetime | None) -> datetime:
        """Tell it to somebody who has just read what the programme's test clock shows, if it has one."""


class SystemClock:
    """The time of the machine."""

    async def now(self, tx: Tx) -> datetime:  # noqa: ARG002  the transaction matters to a programme's clock only
        """Tell the machine's time; the only place where tiao asks for it."""
        return datetime.now(UTC)

    def told(self, test_time: datetime | None) -> datetime:  # noqa: ARG002  it knows no test clock
        """Tell the machine's time."""
        return datetime.now(UTC)


class ProgrammeClock:
    """The time of the programme in this database: its test clock when it has one, otherwise the real time."""

    def __init__(self, real: Clock | None = None) -> None:
        self._real = real or SystemClock()

    async def now(self, tx: Tx) -> datetime:
        """Tell the programme's time."""
        test_time: datetime | None = await tx.value(QUERIES.test_clock)
        return self.told(test_time)

    def told(self, test_time: datetime | None) -> datetime:
        """Tell the test time, or the real one."""
        return self._real.told(None) if test_time is None else test_time


class FixedClock:
    """A clock that stands still; for tests and for commands that are told when they happen."""

    def __init__(self, at: datetime) -> None:
        assert at.tzinfo is not None, "an instant is aware"
        self._at = at.astimezone(UTC)

    async def now(self, tx: Tx) -> datetime:  # noqa: ARG002  nothing to read
        """Tell the instant it was made with."""
        return self._at

    def told(self, test_time: datetime | None) -> datetime:  # noqa: ARG002  it stands still
        """Tell the instant it was made with."""
        return self._at


def business_date(at: datetime, time_zone: ZoneInfo) -> date:
    """Say which day it is at *at* where the programme does business."""
    assert at.tzinfo is not None, "an instant is aware"
    return at.astimezone(time_zone).date()
