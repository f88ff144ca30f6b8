"""What every process knows of merchants when a purchase comes: four weeks of days, and what alarms. Asks nobody."""

from __future__ import annotations

from collections.abc import Sequence

from tiao.risk.merchants import actions as merchants
from tiao.risk.merchants import store
from tiao.risk.merchants.model import Alarm, Counted
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


class Board:
    """Keeps the last four weeks of every merchant that sold, and what alarms of its latest day and of this hour."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, ...]] = {}

    def of(self, merchant: str) -> Sequence[float] | None:
        """Give what is known of a merchant by its key, in the order of `tiao.risk.around.MERCHANT_TERMS`."""
        return self._known.get(merchant)

    async def look(self, tx: Tx, now: Moment) -> None:
        """Read it anew."""
        counted = await store.read_counted(tx, now.today)
        hour = {each.merchant_id: each.alarms for each in await merchants.look_at_hour(tx, now)}
        found = {each.merchant_id.hex: _values(each, hour.get(each.merchant_id, [])) for each in counted}
        for merchant, alarms in hour.items():
            if merchant.hex not in found:
                found[merchant.hex] = _values(Counted(merchant, 0, 0, 0, 0, 0, 0, 0, []), alarms)
        self._known = found


def _values(counted: Counted, alarms: Sequence[Alarm]) -> tuple[float, ...]:
    standing = {*counted.alarms, *alarms}
    return (
        float(counted.days),
        _share(counted.refunded_minor, counted.amount_minor),
        _share(counted.just_below, counted.purchases),
        _share(counted.draining, counted.purchases),
        _share(counted.linked, counted.purchases),
        *(float(each in standing) for each in Alarm),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
