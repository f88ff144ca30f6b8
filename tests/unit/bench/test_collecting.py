"""Learned hours collect more with fewer tries than a fixed hour every day."""

from tiao.bench.collecting import measure


def test_learned_hours_collect_more_with_fewer_tries() -> None:
    learned, fixed = measure(12, 9, 3, 1, lambda _done, _total: None).policies
    assert (learned.policy, fixed.policy) == ("learned", "fixed")
    assert learned.tries < 0.8 * fixed.tries
    assert learned.collected >= fixed.collected
