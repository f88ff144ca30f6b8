"""Opening the programme that a simulation lives in, or finding it again."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from tiao.payments import actions as payments
from tiao.runtime.clock import business_date
from tiao.runtime.db import Database
from tiao.runtime.programme import Programme, ProgrammeMissing, create_programme, read_programme
from tiao.simulator.refusals import AnotherProgramme
from tiao.values.ids import derived_id, seeded_ids
from tiao.values.moment import Moment
from tiao.values.money import AMOUNT_MAX_MINOR, Money

#: The programmes of the simulator are consumer-finance companies in mainland China.
MARKET, ZONE, LENDER_TYPE = "CN", "Asia/Shanghai", "cfc"


async def open_programme(
    db: Database, *, name: str, currency: str, opened_on: date, funding_minor: int, lender: str | None = None
) -> Programme:
    """Make the programme on a test clock at the first hour of its first day, funded by its owner; or find it again.

    Refuses: AnotherProgramme when the database holds one of another name or first day.
    """
    called = lender or name
    async with db.begin() as tx:
        try:
            found = await read_programme(tx)
        except ProgrammeMissing:
            made = _programme(called, currency, opened_on)
            await create_programme(tx, made)
            assert made.now_at is not None
            now = Moment(made.now_at, business_date(made.now_at, made.zone), seeded_ids(name))
            # The books take one amount; an owner with more to give comes again.
            amount = Money(min(funding_minor, AMOUNT_MAX_MINOR), currency)
            await payments.fund(tx, now, derived_id("funding", name), amount)
            return made
        if (found.name, found.opened_on, found.is_test_clock) != (called, opened_on, True):
            raise AnotherProgramme(f"the database holds the programme {found.name!r}", programme=found.name)
        return found


def _programme(name: str, currency: str, opened_on: date) -> Programme:
    before = opened_on - timedelta(days=1)
    made = Programme(
        name=name,
        currency=currency,
        time_zone=ZONE,
        market=MARKET,
        lender_type=LENDER_TYPE,
        is_test_clock=True,
        now_at=None,
        cut_off_on=before,
        closed_through=before,
        opened_on=opened_on,
    )
    return msgspec.structs.replace(made, now_at=made.day_starts_at(opened_on))
