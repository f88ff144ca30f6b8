"""Doing things in sets: what arrives while the previous set is under way becomes the next one.

There is no timer. A caller alone waits for nobody; many callers share one commit. At most one item of a line (whatever
*line_of* says must happen in order, such as a credit line) is under way at a time, so that a set gives what a serial
order would give.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from tiao.values.refusal import Kind, Refusal

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Awaited_contra = TypeVar("Awaited_contra", contravariant=True)

#: Where larger sets stopped paying: the cost of a commit is spread thinly enough, the wait is still short.
SIZE = 256
#: What is not divided among lanes any more: a set has a price of its own, about that of so many items.
SHARED_MIN = 16
QUEUE_MAX = 4096


class Busy(Refusal):
    """More is waiting than can be done soon; nothing was changed."""

    kind = Kind.BUSY


async def together_or_alone(
    do: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]], items: Sequence[Item]
) -> list[Outcome | Exception]:
    """Do a set; when it fails as a whole, do each item as a set of its own: one's fault is never its neighbours'."""
    try:
        return [*await do(items)]
    except Exception as error:  # noqa: BLE001  whatever it is, it is somebody's answer
        if len(items) == 1:
            return [error]
    return [outcome for item in items for outcome in await together_or_alone(do, [item])]


class Answer(Protocol[Awaited_contra]):
    """Who is told an outcome: a future somebody waits for, or whoever goes on with it at once."""

    def done(self) -> bool:
        """Tell whether nobody wants it any more."""

    def set_result(self, result: Awaited_contra, /) -> None:
        """Take the outcome."""

    def set_exception(self, exception: Exception, /) -> None:
        """Take what the flush raised."""

    def cancel(self) -> bool:
        """Give up."""


class _Waiting(NamedTuple, Generic[Item, Outcome]):
    item: Item
    line: Hashable
    answer: Answer[Outcome]


class Batcher(Generic[Item, Outcome]):
    """Collects items and hands them to *flush* in sets of at most *size*.

    *flush* answers one outcome for each item, in order. *lanes* flushes may be under way at once (several keep the
    database working while Python prepares the next set). More than *queue_max* waiting items are refused with Busy.
    """

    def __init__(
        self,
        flush: Callable[[list[Item]], Awaitable[Sequence[Outcome]]],
        *,
        line_of: Callable[[Item], Hashable],
        size: int = SIZE,
        lanes: int = 1,
        queue_max: int = QUEUE_MAX,
    ) -> None:
        assert min(size, lanes, queue_max) > 0, "a batcher needs room"
        self._flush = flush
        self._line_of = line_of
        self._size = size
        self._lanes = lanes
        self._queue_max = queue_max
        #: At most one item a line, none of a line that is under way; its followers wait in _followers.
        self._ready: deque[_Waiting[Item, Outcome]] = deque()
        self._followers: dict[Hashable, deque[_Waiting[Item, Outcome]]] = {}
        self._waiting = 0
        self._under_way = 0
        self._is_lane_starting = False
        self._is_closed = False
        self._running: set[asyncio.Task[None]] = set()
        self._flush_seconds = 0.0

    async def submit(self, item: Item) -> Outcome:
        """Have the item done in one of the next sets, and wait for its outcome.

        An item whose caller gives up before its set begins is not done; later, it is.
        Refuses: Busy, with the seconds to wait in *retry_after*; and whatever the flush of its set raised.
        """
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.enqueue(item, answer)
        return await answer

    def enqueue(self, item: Item, answer: Answer[Outcome]) -> None:
        """Have the item done in one of the next sets, and *answer* told its outcome. Refuses: Busy."""
        if self._is_closed or self._waiting >= self._queue_max:
            raise Busy(retry_after=self._seconds_until_done())
        waiting = _Waiting(item, self._line_of(item), answer)
        self._waiting += 1
        followers = self._followers.get(waiting.line)
        if followers is None:
            self._followers[waiting.line] = deque()
            self._ready.append(waiting)
        else:
            followers.append(waiting)
        self._start_lane()

    async def close(self) -> None:
        """Refuse new items, finish those that wait."""
        self._is_closed = True
        while self._running:
            await asyncio.wait(self._running)

    def _start_lane(self) -> None:
        """Start a lane when there is work and room; it begins on the loop's next turn, when more may have come."""
        if self._ready and not self._is_lane_starting and len(self._running) < self._lanes:
            self._is_lane_starting = True
            lane = asyncio.create_task(self._work())
            self._running.add(lane)
            lane.add_done_callback(self._lane_ended)

    def _lane_ended(self, lane: asyncio.Task[None]) -> None:
        self._running.discard(lane)
        if lane.cancelled():  # before its first step, or while the loop shuts down
            self._is_lane_starting = False
        self._start_lane()

    async def _work(self) -> None:
        self._is_lane_starting = False
        while batch := self._take():
            self._start_lane()  # more than one set is ready
            await self._do(batch)
            await asyncio.sleep(0)  # let those who were just answered come back with their next item

    def _take(self) -> list[_Waiting[Item, Outcome]]:
        """Take what is ready, but leave each lane its share.

        Callers who are answered together come back together: without shares all of them would be in one set for ever,
        and the database would wait while Python works, and the other way round.
        """
        batch: list[_Waiting[Item, Outcome]] = []
        share = max(math.ceil((len(self._ready) + self._under_way) / self._lanes), SHARED_MIN)
        while self._ready and len(batch) < min(self._size, share):
            waiting = self._ready.popleft()
            self._waiting -= 1
            if waiting.answer.done():
                self._release(waiting.line)
            else:
                batch.append(waiting)
        self._under_way += len(batch)
        return batch

    async def _do(self, batch: list[_Waiting[Item, Outcome]]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            outcomes = await self._flush([waiting.item for waiting in batch])
            assert len(outcomes) == len(batch), f"{len(outcomes)} outcomes for {len(batch)} items"
        except Exception as error:  # noqa: BLE001  whatever it is, it belongs to the callers of this set
            for waiting in batch:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
        except BaseException:
            for waiting in batch:
                waiting.answer.cancel()
            raise
        else:
            for waiting, outcome in zip(batch, outcomes, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(outcome)
        finally:
            self._flush_seconds = loop.time() - began
            self._under_way -= len(batch)
            for waiting in batch:
                self._release(waiting.line)

    def _release(self, line: Hashable) -> None:
        """Let the next of a line become ready, or forget the line."""
        followers = self._followers[line]
        if followers:
            self._ready.append(followers.popleft())
        else:
            del self._followers[line]

    def _seconds_until_done(self) -> int:
        flushes = math.ceil(self._waiting / self._size / self._lanes)
        return max(1, math.ceil(flushes * self._flush_seconds))
