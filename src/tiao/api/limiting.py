"""How much each merchant may ask: so many requests a second, and a few more at once.

Every process counts for itself: with four, a merchant may ask four times as much.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from uuid import UUID

from tiao.api.refusals import TooManyRequests

#: How many seconds' worth may be asked at once.
BURST_SECONDS = 2.0
#: Merchants remembered; who has not asked for a while has its whole allowance again anyway.
REMEMBERED_MAX = 100_000


class Limiter:
    """A bucket for each merchant, which fills at the agreed pace."""

    def __init__(self, per_second: float, *, seconds: Callable[[], float] = time.monotonic) -> None:
        assert per_second > 0, "nobody is forbidden to ask at all"
        self._per_second = per_second
        self._burst = max(1.0, per_second * BURST_SECONDS)
        self._seconds = seconds
        self._left: dict[UUID, tuple[float, float]] = {}

    def take(self, merchant_id: UUID) -> None:
        """Count a request. Refuses: TooManyRequests, saying after how many seconds there is room for one."""
        now = self._seconds()
        left, at = self._left.get(merchant_id, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        if left < 1.0:
            self._left[merchant_id] = (left, now)
            raise TooManyRequests(retry_after=math.ceil((1.0 - left) / self._per_second))
        if len(self._left) >= REMEMBERED_MAX:
            self._left.clear()
        self._left[merchant_id] = (left - 1.0, now)
