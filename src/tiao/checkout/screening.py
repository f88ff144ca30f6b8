"""Risk control at the checkout: a set of orders is looked up, judged in its order, and written with its purchases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tiao.checkout.model import Facts, Order, Purchase
from tiao.risk import actions as risk
from tiao.risk.deciding import Judged, Judging, Setup
from tiao.risk.live import Asked
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.records import Decided
from tiao.risk.states import Remembered
from tiao.runtime.db import Sent, Tx
from tiao.values.moment import Moment

#: Whom an order names, in the order of `tiao.risk.live.ENTITIES`.
Entities = tuple[str | None, ...]


class Screen:
    """What a desk asks risk control with. *setup* gives what decides at the moment."""

    def __init__(self, setup: Callable[[], Setup], zone: ZoneInfo) -> None:
        self._setup = setup
        self._zone = zone
        #: Decided here since the buckets of capped rules were last told.
        self._decided = 0

    async def ask(self, tx: Tx, orders: Sequence[Order]) -> Sought:
        """Ask what is remembered of everybody the orders name, locked until the transaction ends."""
        setup = self._setup()
        named = [entities_of(order) for order in orders]
        asked = await risk.ask(tx, named, patience_ms=setup.ruler.rule_set.fallback.patience)
        return Sought(self, setup, self._zone, list(zip(orders, named, strict=True)), asked)

    def decided(self, purchases: int) -> None:
        """Count purchases: capped rules may stop a share of them."""
        self._decided += purchases

    def taken(self) -> int:
        """Give what was counted, to be told to the buckets; it counts anew."""
        counted, self._decided = self._decided, 0
        return counted

    async def fill(self, tx: Tx, now: Moment) -> None:
        """Tell the buckets of capped rules what was decided here."""
        if self._decided:
            await risk.spend(tx, now, self._setup().ruler, {}, decided=self.taken())


class Sought(NamedTuple):
    """A set of orders about which risk control was asked."""

    screen: Screen
    setup: Setup
    zone: ZoneInfo
    orders: Sequence[tuple[Order, Entities]]
    remembered: Sent

    async def read(self) -> Screening:
        """Read what is remembered of everybody."""
        return Screening(self.screen, self.setup, self.zone, self.orders, await risk.answered(self.remembered))


class Screening:
    """One set of orders under judgement."""

    def __init__(
        self,
        screen: Screen,
        setup: Setup,
        zone: ZoneInfo,
        orders: Sequence[tuple[Order, Entities]],
        remembered: Remembered,
    ) -> None:
        self._screen = screen
        self._setup = setup
        self._zone = zone
        self._orders = orders
        self._remembered = remembered
        self._judged: dict[int, tuple[Asked, Judged]] = {}

    async def judge(self, tx: Tx, now: Moment, facts: Sequence[Facts], places: Sequence[int]) -> list[RiskOutcome]:
        """Judge the orders at some places of the set, which become purchases; the others leave no trace.

        Only where a capped rule would stop something is the database asked whether it may.
        """
        if not places:
            return []
        local = now.at.astimezone(self._zone)
        asked = [_asked(now, local.hour, local.weekday(), *self._orders[place], facts[place]) for place in places]
        judging = Judging.of(self._setup, asked, self._remembered)
        stops = judging.stops
        granted = None
        if stops:
            granted = await risk.spend(tx, now, self._setup.ruler, stops, decided=self._screen.taken() + len(asked))
        else:
            self._screen.decided(len(asked))
        judged = judging.conclude(granted)
        self._judged = dict(zip(places, zip(asked, judged, strict=True), strict=True))
        return [each.outcome for each in judged]

    async def write(self, tx: Tx, now: Moment, answers: Sequence[object]) -> None:
        """Write the decisions on the purchases among *answers*, and what is remembered now."""
        decided = []
        for place, (asked, judged) in self._judged.items():
            purchase = answers[place]
            assert isinstance(purchase, Purchase), "what was judged became a purchase"
            decided.append(Decided(purchase.id, asked, judged))
        if decided:
            await risk.write(tx, now, self._setup, self._remembered, decided)


def entities_of(order: Order) -> Entities:
    """Name whom an order is about, as risk control recognises them."""
    context = order.context
    return (
        order.customer_id.hex,
        order.merchant_id.hex,
        None if context.device is None else context.device.hex(),
        None if context.ip is None else context.ip.hex(),
        None if context.terminal is None else context.terminal.hex(),
    )


def _asked(now: Moment, hour: int, weekday: int, order: Order, entities: Entities, facts: Facts) -> Asked:
    return Asked(
        at=now.at,
        hour=hour,
        weekday=weekday,
        entities=entities,
        amount_minor=order.amount_minor,
        limit_minor=facts.limit_minor,
        held_minor=facts.held_minor,
        used_minor=facts.used_minor,
        plan=order.plan,
        scene=facts.scene,
        is_captured=order.is_captured,
        is_quoted=order.quote_id is not None,
    )
