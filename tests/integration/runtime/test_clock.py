"""A programme on a test clock lives at its own time; one in the real world does not."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tiao.runtime.clock import FixedClock, ProgrammeClock, SystemClock, business_date
from tiao.runtime.db import Database

REAL = datetime(2026, 1, 1, tzinfo=UTC)
TEST = datetime(2030, 5, 6, 7, 8, tzinfo=UTC)
PROGRAMME = """
insert into programme
  (name, currency, time_zone, market, lender_type, is_test_clock, now_at, cut_off_on, closed_through, opened_on)
values
  ('test', 'CNY', 'Asia/Shanghai', 'CN', 'bank', %(is_test_clock)s, %(now_at)s, 'epoch', 'epoch', 'epoch')
"""


@pytest.mark.parametrize(("test_time", "expected"), [(TEST, TEST), (None, REAL)])
async def test_a_programme_has_its_test_clocks_time_or_the_real_one(
    database: Database, test_time: datetime | None, expected: datetime
) -> None:
    clock = ProgrammeClock(real=FixedClock(REAL))
    async with database.begin() as tx:
        assert await clock.now(tx) == REAL, "before there is a programme"
        await tx.execute(PROGRAMME, is_test_clock=test_time is not None, now_at=test_time)
        assert await clock.now(tx) == expected


async def test_the_system_clock_is_aware_and_goes_forward(database: Database) -> None:
    async with database.begin() as tx:
        first, second = await SystemClock().now(tx), await SystemClock().now(tx)
    assert first.tzinfo is UTC
    assert first <= second


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        (datetime(2026, 1, 31, 15, 59, tzinfo=UTC), "Asia/Shanghai", date(2026, 1, 31)),
        (datetime(2026, 1, 31, 16, 0, tzinfo=UTC), "Asia/Shanghai", date(2026, 2, 1)),
        (datetime(2026, 3, 29, 23, 30, tzinfo=UTC), "Europe/London", date(2026, 3, 30)),
    ],
)
def test_a_business_day_ends_at_the_programmes_midnight(at: datetime, zone: str, day: date) -> None:
    assert business_date(at, ZoneInfo(zone)) == day


def test_a_naive_instant_is_a_bug() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001  the point of the test
    with pytest.raises(AssertionError, match="aware"):
        business_date(naive, ZoneInfo("UTC"))
    with pytest.raises(AssertionError, match="aware"):
        FixedClock(naive)
