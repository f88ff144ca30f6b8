"""How much a merchant may ask: a pace, a burst, and when there is room again."""

from uuid import UUID

import pytest

from tiao.api.limiting import BURST_SECONDS, Limiter
from tiao.api.refusals import TooManyRequests

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_a_burst_is_taken_and_then_the_pace_holds() -> None:
    at = [0.0]
    limiter = Limiter(10, seconds=lambda: at[0])
    for _ in range(int(10 * BURST_SECONDS)):
        limiter.take(ONE)
    with pytest.raises(TooManyRequests) as refused:
        limiter.take(ONE)
    assert refused.value.facts == {"retry_after": 1}
    limiter.take(OTHER)
    at[0] = 0.1
    limiter.take(ONE)
    with pytest.raises(TooManyRequests):
        limiter.take(ONE)


def test_who_may_ask_seldom_is_told_how_long_to_wait() -> None:
    at = [0.0]
    limiter = Limiter(0.1, seconds=lambda: at[0])
    limiter.take(ONE)
    with pytest.raises(TooManyRequests) as refused:
        limiter.take(ONE)
    assert refused.value.facts == {"retry_after": 10}
    at[0] = 10.0
    limiter.take(ONE)
