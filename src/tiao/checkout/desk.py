"""Where purchases queue: authorisations that arrive together are decided, booked and committed together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from tiao.checkout import authorising, rooms, store
from tiao.checkout.model import Facts, Order, Purchase, Quoted
from tiao.checkout.offers import OfferBook
from tiao.checkout.refusals import QuoteUnknown
from tiao.checkout.screening import Screen, Screening
from tiao.ledger import actions as ledger
from tiao.risk.outcomes import RiskOutcome
from tiao.runtime.batching import QUEUE_MAX, Batcher
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

Answer = Purchase | Refusal | Exception
#: Sets under way at once. With risk control they follow each other anyway, for they share merchants: one that waits for
#: another in the server would only make both smaller.
LANES, SCREENED_LANES = 3, 1


class _NeedsLockError(Exception):
    """A set has an order that is decided alone."""


class _Onward(NamedTuple):
    """Goes on with a quote that was read: to the orders that wait."""

    order_of: Callable[[Quoted], Order]
    orders: Batcher[Order, Answer]
    answer: asyncio.Future[Answer]

    def done(self) -> bool:
        return self.answer.done()

    def set_result(self, quoted: Quoted | None, /) -> None:
        if quoted is None:
            self.answer.set_exception(QuoteUnknown())
            return
        try:
            self.orders.enqueue(self.order_of(quoted), self.answer)
        except Exception as error:  # noqa: BLE001  whatever it is, it is this caller's answer
            self.answer.set_exception(error)

    def set_exception(self, exception: Exception, /) -> None:
        self.answer.set_exception(exception)

    def cancel(self) -> bool:
        return self.answer.cancel()


class _Seen(NamedTuple):
    """A set with all that it is decided by."""

    orders: Sequence[Order]
    facts: list[Facts]
    screening: Screening | None

    @property
    def has_places(self) -> bool:
        """Whether one of the lines has sublimits."""
        return any(seen.sublimits for seen in self.facts)


class Desk:
    """Authorises purchases in sets; each caller gets its own answer, after the commit that makes it durable."""

    def __init__(
        self,
        db: Database,
        moments: MomentSource,
        book: OfferBook,
        *,
        screen: Screen | None = None,
        lanes: int | None = None,
        queue_max: int = QUEUE_MAX,
    ) -> None:
        self._db = db
        self._moments = moments
        self._book = book
        self._screen = screen
        self._batcher: Batcher[Order, Answer] = Batcher(
            self.decide,
            line_of=lambda order: order.line_id,
            lanes=lanes or (LANES if screen is None else SCREENED_LANES),
            queue_max=queue_max,
        )
        # Reading has no order: every look has a line of its own.
        self._quotes: Batcher[UUID, Quoted | None] = Batcher(
            self._read_quotes, line_of=lambda _: object(), queue_max=queue_max
        )

    async def authorise(self, order: Order) -> Purchase:
        """Authorise one purchase in the next set. Refuses: Busy, and what `authorising.decide` answers with."""
        return _told(await self._batcher.submit(order))

    async def authorise_quoted(self, quote_id: UUID, order_of: Callable[[Quoted], Order]) -> Purchase:
        """Authorise the purchase of a quote, which is read in a set with others asked for meanwhile.

        Its order goes on into the next set at once: whoever waits is woken once, by the answer.
        Refuses: Busy, QuoteUnknown, what *order_of* refuses, and as `authorise`.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._quotes.enqueue(quote_id, _Onward(order_of, self._batcher, answer))
        return _told(await answer)

    async def decide(self, orders: Sequence[Order]) -> list[Answer]:
        """Decide a set: one look, the decision, one statement. When a set fails as a whole, each order is tried alone.

        A set fails when a line has sublimits, or when a line, a key or a quote was used by somebody else between the
        look and the statement; alone, an order is decided under the lock of its line.
        """
        if not orders:
            return []
        try:
            async with self._db.statements() as tx:
                return [*await (self._decided(tx, orders) if self._screen is None else self._screened(tx, orders))]
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

    async def _decided(self, tx: Tx, orders: Sequence[Order]) -> list[Purchase | Refusal]:
        """Decide a set without risk control: its look and its statement are a transaction each."""
        seen = _Seen(orders, await store.read_facts(tx, orders), None)
        now = self._now(seen)
        decided = await self._judged(tx, now, seen)
        await _write(tx, now, decided, seen)
        return decided.answers

    async def _screened(self, tx: Tx, orders: Sequence[Order]) -> list[Purchase | Refusal]:
        """Decide a set with risk control, which locks what it looks at until it is written: a transaction, two goes."""
        assert self._screen is not None, "somebody screens"
        async with tx.in_one_go(begins=True):
            facts = await store.ask_facts(tx, orders)
            sought = await self._screen.ask(tx, orders)
        seen = _Seen(orders, await facts.read(), await sought.read())
        now = self._now(seen)
        decided = await self._judged(tx, now, seen)
        async with tx.in_one_go(commits=True):
            await _write(tx, now, decided, seen)
        return decided.answers

    async def _alone(self, order: Order) -> Answer:
        async def work(tx: Tx) -> Answer:
            # As in a set, what risk control locks comes before lines.
            screening = None if self._screen is None else await (await self._screen.ask(tx, [order])).read()
            await ledger.lock_lines(tx, [order.line_id])
            seen = _Seen([order], await store.read_facts(tx, [order]), screening)
            now = self._now(seen)
            if seen.has_places:
                seen = seen._replace(facts=await rooms.with_rooms(tx, now, [order], seen.facts))
            decided = await self._judged(tx, now, seen, is_locked=True)
            await _write(tx, now, decided, seen)
            return decided.answers[0]

        try:
            return await self._db.retrying(work)
        except Exception as error:  # noqa: BLE001  whatever it is, it is this order's answer
            return error

    def _now(self, seen: _Seen) -> Moment:
        return self._moments.told(seen.facts[0].test_time)

    async def _judged(self, tx: Tx, now: Moment, seen: _Seen, *, is_locked: bool = False) -> authorising.Decided:
        if seen.has_places and not is_locked:
            # No constraint of the table bounds a place, so such an order is decided under the lock of its line.
            raise _NeedsLockError
        planned = authorising.plan(now, self._book, seen.orders, seen.facts)
        risks = [RiskOutcome.APPROVE] * len(planned.plans)
        if seen.screening is not None:
            risks = await seen.screening.judge(tx, now, seen.facts, list(planned.plans))
        return authorising.conclude(now, self._book, seen.orders, seen.facts, planned, risks)


def _told(answer: Answer) -> Purchase:
    if isinstance(answer, Exception):
        raise answer
    return answer


async def _write(tx: Tx, now: Moment, decided: authorising.Decided, seen: _Seen) -> None:
    await authorising.write(tx, now, decided)
    if seen.screening is not None:
        await seen.screening.write(tx, now, decided.answers)
