"""How some merchants of a world are settled otherwise than daily: a reserve, payment on demand, a platform's share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from tiao.partners import actions as partners
from tiao.partners.model import NewMerchant
from tiao.payments.settling import actions as settling
from tiao.payments.settling.model import NewTerms, People, Schedule
from tiao.payments.settling.refusals import WithdrawalExceedsBalance
from tiao.runtime.db import Tx
from tiao.simulator.platform import Platform
from tiao.values.moment import Moment

#: Smaller worlds have daily merchants only.
_SHOPS_MIN = 4
#: Own choice, as usual for merchants whose goods come later.
_RESERVE = NewTerms(Schedule.DAILY, Decimal("0.05"), 30)
_ON_DEMAND = NewTerms(Schedule.ON_DEMAND, Decimal(0), 0)
_SHARE = Decimal("0.2")
#: A terminal's rent, on the first of each month.
_RENT_MINOR = -3_000
_MONDAY = 0
_PEOPLE = People("simulated operator 1", "simulated operator 2")


class Settling:
    """Agrees the terms, asks for what is paid on demand, and books the rent."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._on_demand: UUID | None = None
        self._renting: UUID | None = None

    async def agree(self, tx: Tx, now: Moment, shops: Sequence[UUID]) -> None:
        """Agree terms with a few of the merchants, and open a platform that brought two of them."""
        if len(shops) < _SHOPS_MIN:
            return
        first, second, third, fourth = shops[:_SHOPS_MIN]
        platform = await partners.create_merchant(
            tx, now, NewMerchant("集市平台", "platform", self._platform.programme.currency, Decimal(0), "M-platform")
        )
        for brought in (first, second):
            await settling.agree_share(
                tx,
                now,
                platform_id=platform.id,
                merchant_id=brought,
                share_rate=_SHARE,
                from_on=now.today,
                people=_PEOPLE,
            )
        await settling.agree_terms(tx, now, third, _RESERVE, from_on=now.today, people=_PEOPLE)
        await settling.agree_terms(tx, now, fourth, _ON_DEMAND, from_on=now.today, people=_PEOPLE)
        self._renting, self._on_demand = third, fourth

    async def live(self, day: date) -> Counter[str]:
        """Withdraw on Mondays; pay rent on the first."""
        counts: Counter[str] = Counter()
        if self._on_demand is not None and day.weekday() == _MONDAY:
            counts["withdrawals"] += await self._withdraw(self._on_demand, day)
        if self._renting is not None and day.day == 1:
            async with self._platform.db.begin() as tx:
                now = await self._platform.moments(tx)
                await settling.adjust(
                    tx, now, now.new_id(0), self._renting, amount_minor=_RENT_MINOR, reason="terminal", people=_PEOPLE
                )
            counts["merchant adjustments"] += 1
        return counts

    async def _withdraw(self, merchant_id: UUID, day: date) -> int:
        try:
            async with self._platform.db.begin() as tx:
                now = await self._platform.moments(tx)
                channel = self._platform.servicer.closer.payout_channel
                await settling.withdraw(tx, now, merchant_id, amount_minor=None, channel=channel, key=day.isoformat())
        except WithdrawalExceedsBalance:
            return 0
        return 1
