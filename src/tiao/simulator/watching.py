"""The simulated staff that wants early warning: one person puts it into shadow, another turns it on."""

from __future__ import annotations

from tiao.credit.scoring import Bundle
from tiao.credit.warning import switching
from tiao.simulator.platform import Platform


async def turn_warning_on(platform: Platform, model: Bundle) -> None:
    """Turn early warning on, by two people, on the day the programme opens."""
    why = "a year with early warning"
    async with platform.db.begin() as tx:
        now = await platform.moments(tx)
        await switching.put_into_shadow(tx, now, model, actor="simulated staff, first", reason=why)
        await switching.turn_on(tx, now, platform.engine, actor="simulated staff, second", reason=why)
