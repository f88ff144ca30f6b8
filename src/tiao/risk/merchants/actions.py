"""What can be done about merchants: looked at after each day and within it; who alarms is put before people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from tiao.risk.cases.model import Subject, Suspect
from tiao.risk.merchants import rules, store
from tiao.risk.merchants.model import Alarm, Seen
from tiao.runtime.db import Tx
from tiao.values.moment import Moment

#: What is counted while a day goes on.
HOUR = timedelta(hours=1)


class Suspicion(NamedTuple):
    """A merchant that alarms: what to open a case about, and whether its money waits."""

    merchant_id: UUID
    alarms: list[Alarm]
    amount_minor: int
    holds: bool

    def suspect(self, currency: str) -> Suspect:
        """Say what people are to look into."""
        return Suspect(
            Subject.MERCHANT,
            self.amount_minor,
            currency,
            rules.probability_ppm(self.alarms),
            [each.value for each in self.alarms],
            merchant_id=self.merchant_id,
        )


async def look_at_day(tx: Tx, day: date, starts_at: datetime, ends_at: datetime) -> list[Suspicion]:
    """Count a day of every merchant in one set, and tell who alarms. Counted again, it comes out the same."""
    await store.see_day(tx, day, starts_at, ends_at)
    days = await store.read_day(tx, day)
    before = await store.read_before(tx, [each.merchant_id for each in days], day)
    found = {each.merchant_id: rules.alarms(each, before.get(each.merchant_id)) for each in days}
    alarming = {merchant: alarms for merchant, alarms in found.items() if alarms}
    if alarming:
        await store.note_alarms(tx, day, alarming)
    return _suspicions(alarming, {each.merchant_id: each.amount_minor for each in days})


async def look_at_hour(tx: Tx, now: Moment) -> list[Suspicion]:
    """Count what merchants sold within the hour, and tell who alarms already."""
    hours = await store.read_hours(tx, now.at - HOUR)
    before = await store.read_before(tx, [each.merchant_id for each in hours], now.today)
    found = {each.merchant_id: rules.alarms_of_hour(each, before.get(each.merchant_id)) for each in hours}
    return _suspicions(found, {each.merchant_id: each.amount_minor for each in hours})


async def seen(tx: Tx, merchant_id: UUID, limit: int) -> list[Seen]:
    """Read what was seen of a merchant, the latest day first."""
    return await store.read_seen(tx, merchant_id, limit)


def _suspicions(found: Mapping[UUID, list[Alarm]], amounts: Mapping[UUID, int]) -> list[Suspicion]:
    return [
        Suspicion(merchant, alarms, amounts[merchant], rules.holds_settlement(alarms))
        for merchant, alarms in found.items()
        if alarms
    ]
