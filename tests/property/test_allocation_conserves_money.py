"""What a payment puts against instalments and what is left over add up to it, and nothing is overpaid."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tiao.lending.allocation import AllocationOrder, Direction, FutureOrder, allocate
from tiao.lending.model import Component, OpenInstalment

amounts = st.integers(0, 10_000)
items = st.lists(
    st.builds(
        OpenInstalment,
        instalment_id=st.uuids(),
        due_on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        is_billed=st.booleans(),
        principal_minor=amounts,
        fee_minor=amounts,
        penalty_minor=amounts,
        interest_minor=amounts,
    ),
    max_size=8,
    unique_by=lambda item: item.instalment_id,
)
orders = st.builds(
    AllocationOrder,
    components=st.sampled_from(list(permutations(Component))),
    direction=st.sampled_from(Direction),
    future=st.sampled_from(FutureOrder),
)


def owed(item: OpenInstalment) -> tuple[int, int, int, int]:
    return item.penalty_minor, item.fee_minor, item.interest_minor, item.principal_minor


@given(items, st.integers(0, 200_000), orders)
def test_allocation_conserves_money(given_items: list[OpenInstalment], amount: int, order: AllocationOrder) -> None:
    parts, left = allocate(amount, given_items, order)
    by_id: dict[UUID, OpenInstalment] = {item.instalment_id: item for item in given_items}
    total = sum(sum(owed(item)) for item in given_items)
    assert sum(part.total_minor for part in parts) + left == amount
    assert left == max(0, amount - total)
    assert len({part.instalment_id for part in parts}) == len(parts)
    for part in parts:
        taken = (part.penalty_minor, part.fee_minor, part.interest_minor, part.principal_minor)
        assert all(0 <= used <= due for used, due in zip(taken, owed(by_id[part.instalment_id]), strict=True))
        assert part.total_minor > 0
    if any(not by_id[part.instalment_id].is_billed for part in parts):
        billed = sum(sum(owed(item)) for item in given_items if item.is_billed)
        assert amount > billed, "nothing reaches the future while something billed is open"
