"""Merchants that alarm are put before people, and their money waits: after each day, and already within it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from tiao.messages import actions as messages
from tiao.messages.model import NewMessage, Recipient
from tiao.payments import actions as payments
from tiao.risk.cases import actions as cases
from tiao.risk.cases.model import RISK
from tiao.risk.merchants import actions as merchants
from tiao.risk.merchants.actions import Suspicion
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def look_at_day(
    tx: Tx, now: Moment, day: date, starts_at: datetime, ends_at: datetime, *, currency: str, is_home: bool
) -> int:
    """Look at what every merchant sold on a day; answers how many alarm. Only the home pays, so it alone holds."""
    found = await merchants.look_at_day(tx, day, starts_at, ends_at)
    return await _act(tx, now, found, currency=currency, is_home=is_home)


async def look_at_hour(tx: Tx, now: Moment, *, currency: str, is_home: bool) -> int:
    """Look at what every merchant sold within the hour; answers how many alarm."""
    found = await merchants.look_at_hour(tx, now)
    return await _act(tx, now, found, currency=currency, is_home=is_home)


async def _act(tx: Tx, now: Moment, found: Sequence[Suspicion], *, currency: str, is_home: bool) -> int:
    cleared = await cases.cleared(tx, now, [each.merchant_id for each in found]) if found else set()
    alarming = [each for each in found if each.merchant_id not in cleared]
    await cases.open_cases(tx, now, [each.suspect(currency) for each in alarming])
    if is_home:
        reasons = {each.merchant_id: ", ".join(each.alarms) for each in alarming if each.holds}
        held = await payments.hold_settlements(tx, now, reasons, actor=RISK)
        told = [NewMessage("settlement_held", Recipient.MERCHANT, each, {}) for each in sorted(held)]
        await messages.say(tx, now, told)
    return len(alarming)
