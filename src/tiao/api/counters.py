"""Where requests of one kind queue, to be served in sets."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from tiao.runtime.batching import QUEUE_MAX, Batcher


class Counters:
    """The queues of a process, each opened when something first comes to it; *queue_max* may wait in each."""

    def __init__(self, queue_max: int = QUEUE_MAX) -> None:
        self.queue_max = queue_max
        self._open: dict[Hashable, Batcher[Any, Any]] = {}

    def of(self, kind: Hashable, opened: Callable[[int], Batcher[Any, Any]]) -> Batcher[Any, Any]:
        """Give the queue of a kind of request."""
        found = self._open.get(kind)
        if found is None:
            found = self._open[kind] = opened(self.queue_max)
        return found

    async def close(self) -> None:
        """Finish what waits, and take no more."""
        for each in self._open.values():
            await each.close()
