"""Where repayments queue: those asked for together are begun together, and answers that come together are booked so.

The bank is asked for each by itself, with no transaction open, so that a slow answer keeps nobody else waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from tiao.payments import actions as payments
from tiao.payments import jobs
from tiao.payments.model import Answer, Debit, RecordedDebits
from tiao.runtime.batching import QUEUE_MAX, Batcher, together_or_alone
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource
from tiao.servicing.repaying import AskedFor, Begun, begin_repayments, book_debits
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

#: The database works at one set while the next is put together.
_LANES = 2


class _Answered(NamedTuple):
    debit: Debit
    answer: Answer


class _AsOf(NamedTuple):
    """What became of a request, and when."""

    outcome: Begun | Refusal
    now: Moment


class RepaymentCounter:
    """Takes repayments in sets; each caller gets its own answer, after the commit that makes it durable."""

    def __init__(
        self, db: Database, channels: jobs.Channels, moments: MomentSource, *, queue_max: int = QUEUE_MAX
    ) -> None:
        self._db = db
        self._channels = channels
        self._moments = moments
        self._asked: Batcher[AskedFor, _AsOf | Exception] = Batcher(
            partial(together_or_alone, self._begin),
            line_of=lambda asked: asked.line_id,
            lanes=_LANES,
            queue_max=queue_max,
        )
        self._answered: Batcher[_Answered, Debit | Exception | None] = Batcher(
            partial(together_or_alone, self._record),
            line_of=lambda answered: answered.debit.line_id,
            lanes=_LANES,
            queue_max=queue_max,
        )

    async def repay(self, asked: AskedFor) -> Debit:
        """Debit a customer who asks to pay. The answer may be that the outcome is not known yet.

        Refuses: Busy, and as `repaying.begin_repayments`.
        """
        begun = await self._asked.submit(asked)
        if isinstance(begun, Exception):
            raise begun
        outcome, now = begun
        if isinstance(outcome, Refusal):
            raise outcome
        if outcome.is_new:
            await self._take(outcome.debit, now)
            async with self._db.begin() as tx:
                return await payments.debit(tx, outcome.debit.id)
        return outcome.debit

    async def close(self) -> None:
        """Finish what waits, and take no more."""
        await self._asked.close()
        await self._answered.close()

    async def _take(self, debit: Debit, now: Moment) -> None:
        """Send a debit and record the answer; what another channel may mend goes there, until none is left."""
        sending: Debit | None = debit
        while sending is not None:
            answer = await jobs.send(self._channels, sending, now)
            again = await self._answered.submit(_Answered(sending, answer))
            if isinstance(again, Exception):
                raise again
            sending = again

    async def _begin(self, asked: Sequence[AskedFor]) -> list[_AsOf]:
        async def begin(tx: Tx) -> list[_AsOf]:
            now = await self._moments(tx)
            outcomes = await begin_repayments(tx, now, asked, jobs.chooser_of(self._channels))
            return [_AsOf(outcome, now) for outcome in outcomes]

        return await self._db.retrying(begin)

    async def _record(self, answered: Sequence[_Answered]) -> list[Debit | None]:
        """Record answers and book what came in; gives the attempt that is to be sent next, if there is one."""

        async def record(tx: Tx) -> RecordedDebits:
            answers = [(each.debit.id, each.answer) for each in answered]
            now = await self._moments(tx)
            return await payments.apply_debit_answers(tx, now, answers, book_debits, jobs.chooser_of(self._channels))

        recorded = await self._db.retrying(record)
        again = {attempt.order_id: attempt for attempt in recorded.again}
        return [again.get(each.debit.order_id) for each in answered]
