"""People who say that what they bought is not as it should be, merchants who answer or do not, and who decides."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from uuid import UUID

from tiao.checkout.disputes import actions as disputes
from tiao.checkout.disputes.model import Author, Reason
from tiao.simulator import store
from tiao.simulator.chance import number
from tiao.simulator.platform import Platform
from tiao.values.refusal import Refusal

#: One day in so many somebody disputes a purchase of some days ago. Own choice: a small world should see some.
DAYS_BETWEEN = 9
AFTER_DAYS = 5
#: What becomes of a dispute, and after how many days; those that are left alone are decided by the clock.
_FATES = ("decided for the customer", "decided for the merchant", "halved", "accepted", "withdrawn", "left alone")
_FATE_AFTER_DAYS = 4
_REASONS = tuple(Reason)
#: What they say, in their own words.
_SAID = {
    Reason.NOT_RECEIVED: "下单已经一周，一直没有收到货，物流也没有更新。",
    Reason.NOT_AS_DESCRIBED: "收到的颜色和页面上的不一样，尺码也偏小。",
    Reason.RETURNED: "东西已经寄回去了，商家签收后没有退款。",
    Reason.DUPLICATE: "同一笔订单扣了两次，请核对。",
    Reason.SERVICE_ENDED: "门店已经关门，剩下的次数没法用了。",
    Reason.UNAUTHORISED: "这一笔不是我买的。",
}
_ANSWERED = "我们已核对订单与发货记录，请见说明。"
_DECIDED = "已按双方的说明和凭证裁定。"


class Disputing:
    """Opens disputes and ends them."""

    def __init__(self, platform: Platform, seed: str) -> None:
        self._platform = platform
        self._seed = seed
        self._fates: dict[date, list[tuple[UUID, str]]] = defaultdict(list)

    async def live(self, day: date) -> Counter[str]:
        """End what is due today, and open what comes up."""
        counts: Counter[str] = Counter()
        for dispute_id, fate in self._fates.pop(day, []):
            counts[f"disputes {fate}"] += await self._end(dispute_id, fate)
        if number(self._seed, "dispute", day.isoformat()) % DAYS_BETWEEN == 0:
            counts["disputes"] += await self._open(day)
        return counts

    async def _open(self, day: date) -> int:
        drawn = number(self._seed, "dispute fate", day.isoformat())
        fate, reason = _FATES[drawn % len(_FATES)], _REASONS[drawn // len(_FATES) % len(_REASONS)]
        try:
            async with self._platform.db.begin() as tx:
                now = await self._platform.moments(tx)
                start = self._platform.programme.day_starts_at(day - timedelta(days=AFTER_DAYS))
                found = await store.read_disputable(tx, start, start + timedelta(days=1))
                if found is None:
                    return 0
                purchase_id, amount_minor = found
                made = await disputes.open_dispute(
                    tx,
                    now,
                    self._platform.book,
                    self._platform.vault,
                    purchase_id,
                    amount_minor=amount_minor,
                    reason=reason,
                    text=_SAID[reason],
                )
                if fate not in {"left alone", "withdrawn"}:
                    await disputes.say(tx, now, self._platform.vault, made.id, Author.MERCHANT, _ANSWERED)
        except Refusal:
            return 0  # it has a dispute already, or was arranged anew
        if fate != "left alone":
            self._fates[day + timedelta(days=_FATE_AFTER_DAYS)].append((made.id, fate))
        return 1

    async def _end(self, dispute_id: UUID, fate: str) -> int:
        try:
            async with self._platform.db.begin() as tx:
                now = await self._platform.moments(tx)
                book = self._platform.book
                found = await disputes.dispute(tx, dispute_id)
                if fate == "withdrawn":
                    await disputes.withdraw(tx, now, book, dispute_id)
                elif fate == "accepted":
                    await disputes.accept(tx, now, book, dispute_id)
                else:
                    share = {"decided for the customer": 2, "halved": 1, "decided for the merchant": 0}[fate]
                    awarded = found.amount_minor * share // 2
                    for actor in ("simulator", "second simulator"):
                        if found.state.is_open:
                            found = await disputes.decide(
                                tx, now, book, dispute_id, awarded_minor=awarded, actor=actor, note=_DECIDED
                            )
        except Refusal:
            return 0  # the loan was arranged anew meanwhile: people look at it
        return 1
