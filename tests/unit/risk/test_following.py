"""A decision is looked at twice, and once more with all others of the last minutes."""

from tiao.risk.graph.following import WHOLE_EVERY, Following


def test_each_number_is_looked_at_twice_and_all_now_and_then() -> None:
    following = Following()
    begins = []
    for look in range(1, 2 * WHOLE_EVERY + 1):
        begins.append(following.after())
        following.reach(10 * look)
    whole = [look for look, after in enumerate(begins, start=1) if after == 0]
    assert whole == [1, 2, WHOLE_EVERY, 2 * WHOLE_EVERY]
    assert all(after == 10 * (look - 2) for look, after in enumerate(begins, start=1) if look not in whole)
