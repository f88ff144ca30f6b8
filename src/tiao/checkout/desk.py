"""Where purchases queue: authorisations that arrive together are decided, booked and committed together."""

from __future__ import annotations

from collections.abc import Sequence

from tiao.checkout import actions
from tiao.checkout.model import Order, Purchase
from tiao.checkout.offers import OfferBook
from tiao.runtime.batching import Batcher
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource
from tiao.values.refusal import Refusal

Answer = Purchase | Refusal | Exception


class Desk:
    """Authorises purchases in sets; each caller gets its own answer, after the commit that makes it durable."""

    def __init__(self, db: Database, moments: MomentSource, book: OfferBook, *, lanes: int = 2) -> None:
        self._db = db
        self._moments = moments
        self._book = book
        self._batcher: Batcher[Order, Answer] = Batcher(self.decide, line_of=lambda order: order.line_id, lanes=lanes)

    async def authorise(self, order: Order) -> Purchase:
        """Authorise one purchase in the next set. Refuses: Busy, and what `actions.authorise` answers with."""
        answer = await self._batcher.submit(order)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def decide(self, orders: Sequence[Order]) -> list[Answer]:
        """Decide a set in one transaction; when the set fails as a whole, each order is tried alone."""
        try:
            return [*await self._together(orders)]
        except Exception as error:  # noqa: BLE001  one order's fault must not be its neighbours'
            if len(orders) == 1:
                return [error]
            return [(await self.decide([order]))[0] for order in orders]

    async def close(self) -> None:
        """Finish what waits, and take no more."""
        await self._batcher.close()

    async def _together(self, orders: Sequence[Order]) -> list[Purchase | Refusal]:
        async def work(tx: Tx) -> list[Purchase | Refusal]:
            return await actions.authorise(tx, await self._moments(tx), self._book, orders)

        return await self._db.retrying(work)
