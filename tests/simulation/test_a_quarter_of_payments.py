"""Three channels fail in every way for weeks; nobody is debited twice, and nothing is lost or unexplained."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tiao.bench import quarter
from tiao.bench.ground import LENDER, LENDER_TYPE, OPENED, ZONE, Ground
from tiao.checkout.offers import OfferBook
from tiao.lending.products import shipped_products
from tiao.policy.pack import Pack
from tiao.runtime.clock import ProgrammeClock
from tiao.runtime.db import Database
from tiao.runtime.programme import MomentSource, Programme, create_programme
from tiao.values.ids import seeded_ids

pytestmark = pytest.mark.anyio


async def ground_of(db: Database) -> Ground:
    moments = MomentSource(ProgrammeClock(), ZoneInfo(ZONE), seeded_ids("quarter"))
    before = OPENED - timedelta(days=1)
    programme = Programme(LENDER, "CNY", ZONE, "CN", LENDER_TYPE, True, None, before, before, OPENED)
    at = programme.day_starts_at(OPENED, 9)
    async with db.begin() as tx:
        await create_programme(tx, Programme(LENDER, "CNY", ZONE, "CN", LENDER_TYPE, True, at, before, before, OPENED))
    book = OfferBook(products=shipped_products(), pack=Pack.load("cn"), lender=LENDER, lender_type=LENDER_TYPE)
    return Ground(db, moments, book)


async def test_weeks_of_every_failure_leave_nothing_lost_doubled_or_unexplained(database: Database) -> None:
    report = await quarter.live(await ground_of(database), customers=28, days=42, seed=3, tell=lambda _done, _all: None)
    assert report.attempts > report.orders > 20
    assert report.went_elsewhere > 0, "nothing went elsewhere: the channels are too kind"
    assert set(report.differences) >= {"amount", "duplicate", "long"}, "the files are too good"
    assert report.invariants_held > 50
