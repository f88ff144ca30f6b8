"""Two lives of the same customers are held against each other, customer by customer."""

from uuid import UUID

from tiao.reports.paired import CustomerLife, differences


def life(number: int, *, limit: int = 1_000, used: int = 500, lost: int = 0) -> CustomerLife:
    return CustomerLife(UUID(int=number), 10, limit * 10, used * 10, 2_000, lost)


def named(off: list[CustomerLife], on: list[CustomerLife]) -> dict[str, tuple[float, float, float]]:
    return {each.name.strip(): (each.more, each.low, each.high) for each in differences(off, on)}


def test_the_same_life_twice_differs_in_nothing() -> None:
    rows = [life(number, lost=number) for number in range(1, 30)]
    assert set(named(rows, rows).values()) == {(0.0, 0.0, 0.0)}


def test_what_differs_for_everybody_is_beyond_chance_however_unlike_people_are() -> None:
    off = [life(number, used=number * 37, lost=number * 100) for number in range(1, 60)]
    on = [life(number, used=number * 37 - 5, lost=number * 90) for number in range(1, 60)]
    found = differences(off, on)
    by_name = {each.name.strip(): each for each in found}
    assert by_name["in use, mean over the days"].more == -5 * 59
    assert by_name["in use, mean over the days"].is_plain
    assert by_name["principal lost or 61 days late"].is_plain
    assert by_name["bought"].more == 0
    assert not by_name["bought"].is_plain


def test_what_differs_for_one_of_many_is_not_beyond_chance() -> None:
    off = [life(number) for number in range(1, 60)]
    on = [life(number, lost=50 if number == 7 else 0) for number in range(1, 60)]
    more, low, high = named(off, on)["principal lost or 61 days late"]
    assert more == 50
    assert low == 0
    assert high > 50


def test_only_customers_of_both_lives_count() -> None:
    off, on = [life(1), life(2, used=900)], [life(1)]
    assert named(off, on)["in use, mean over the days"][0] == 0
    assert differences(off, [life(3)]) == []
