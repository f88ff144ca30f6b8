"""Where purchases queue: authorisations that arrive together are decided, booked and committed together."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tiao.checkout import authorising, rooms, store
from tiao.checkout.model import Order, Purchase, Quoted
from tiao.checkout.offers import OfferBook
from tiao.checkout.refusals import QuoteUnknown
from tiao.checkout.screening import Screen, Screening
from tiao.ledger import actions as ledger
from tiao.risk.outcomes import RiskOutcome
from tiao.runtime.batching import QUEUE_MAX, Batcher
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource
from tiao.values.refusal import Refusal

Answer = Purchase | Refusal | Exception


class _NeedsLockError(Exception):
    """A set has an order that is decided alone."""


class Desk:
    """Authorises purchases in sets; each caller gets its own answer, after the commit that makes it durable."""

    def __init__(
        self,
        db: Database,
        moments: MomentSource,
        book: OfferBook,
        *,
        screen: Screen | None = None,
        lanes: int = 3,
        queue_max: int = QUEUE_MAX,
    ) -> None:
        self._db = db
        self._moments = moments
        self._book = book
        self._screen = screen
        self._batcher: Batcher[Order, Answer] = Batcher(
            self.decide, line_of=lambda order: order.line_id, lanes=lanes, queue_max=queue_max
        )
        # Reading has no order: every look has a line of its own.
        self._quotes: Batcher[UUID, Quoted | None] = Batcher(
            self._read_quotes, line_of=lambda _: object(), queue_max=queue_max
        )

    async def authorise(self, order: Order) -> Purchase:
        """Authorise one purchase in the next set. Refuses: Busy, and what `authorising.decide` answers with."""
        answer = await self._batcher.submit(order)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def quoted(self, quote_id: UUID) -> Quoted:
        """Read what an order is made from, in a set with others asked for meanwhile. Refuses: Busy, QuoteUnknown."""
        found = await self._quotes.submit(quote_id)
        if found is None:
            raise QuoteUnknown
        return found

    async def decide(self, orders: Sequence[Order]) -> list[Answer]:
        """Decide a set: one look, the decision, one statement. When a set fails as a whole, each order is tried alone.

        A set fails when a line has sublimits, or when a line, a key or a quote was used by somebody else between the
        look and the statement; alone, an order is decided under the lock of its line.
        """
        if not orders:
            return []
        # What risk control looks at stays locked until it is written: its look and its statement are one transaction.
        connection = self._db.statements if self._screen is None else self._db.begin
        try:
            async with connection() as tx:
                return [*await self._through(tx, orders)]
        except Exception:  # noqa: BLE001  one order's fault must not be its neighbours'
            return [await self._alone(order) for order in orders]

    async def close(self) -> None:
        """Finish what waits, and take no more."""
        await self._quotes.close()
        await self._batcher.close()

    async def _read_quotes(self, ids: Sequence[UUID]) -> list[Quoted | None]:
        async with self._db.statements() as tx:
            found = await store.read_quoted(tx, ids)
        return [found.get(each) for each in ids]

    async def _alone(self, order: Order) -> Answer:
        async def work(tx: Tx) -> Answer:
            # As in a set, what risk control locks comes before lines.
            screening = None if self._screen is None else await self._screen.look(tx, [order])
            await ledger.lock_lines(tx, [order.line_id])
            return (await self._through(tx, [order], screening=screening, is_locked=True))[0]

        try:
            return await self._db.retrying(work)
        except Exception as error:  # noqa: BLE001  whatever it is, it is this order's answer
            return error

    async def _through(
        self, tx: Tx, orders: Sequence[Order], *, screening: Screening | None = None, is_locked: bool = False
    ) -> list[Purchase | Refusal]:
        facts = await store.read_facts(tx, orders)
        now = self._moments.told(facts[0].test_time)
        if any(seen.sublimits for seen in facts):
            # No constraint of the table bounds a place, so such an order is decided under the lock of its line.
            if not is_locked:
                raise _NeedsLockError
            facts = await rooms.with_rooms(tx, now, orders, facts)
        if screening is None and self._screen is not None:
            screening = await self._screen.look(tx, orders)
        planned = authorising.plan(now, self._book, orders, facts)
        risks = [RiskOutcome.APPROVE] * len(planned.plans)
        if screening is not None:
            risks = await screening.judge(tx, now, facts, list(planned.plans))
        decided = authorising.conclude(now, self._book, orders, facts, planned, risks)
        await authorising.write(tx, now, decided)
        if screening is not None:
            await screening.write(tx, now, decided.answers)
        return decided.answers
