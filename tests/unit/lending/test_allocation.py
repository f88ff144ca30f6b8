from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from tiao.lending.allocation import DEFAULT_ORDER, AllocationOrder, Direction, FutureOrder, allocate
from tiao.lending.model import Component, OpenInstalment


def item(number: int, due: str, *, billed: bool, principal: int, fee: int = 0, penalty: int = 0) -> OpenInstalment:
    return OpenInstalment(UUID(int=number), date.fromisoformat(due), billed, principal, fee, penalty)


#: An overdue one with penalty, one billed, two to come; given out of order.
ITEMS = [
    item(4, "2026-05-10", billed=False, principal=1000, fee=10),
    item(2, "2026-03-10", billed=True, principal=1000, fee=10),
    item(3, "2026-04-10", billed=False, principal=1000, fee=10),
    item(1, "2026-02-10", billed=True, principal=1000, fee=10, penalty=7),
]
LAST_FIRST = AllocationOrder(future=FutureOrder.LAST)
PRINCIPAL_FIRST = AllocationOrder(components=(Component.PRINCIPAL, Component.FEE, Component.PENALTY))
ACROSS = AllocationOrder(direction=Direction.BY_COMPONENT)

CASES = [
    ("nothing", 0, DEFAULT_ORDER, [], 0),
    ("penalty before fee before principal", 18, DEFAULT_ORDER, ["1: 7 10 1"], 0),
    ("oldest first", 1027, DEFAULT_ORDER, ["1: 7 10 1000", "2: 0 10 0"], 0),
    ("billed before what is to come", 2527, DEFAULT_ORDER, ["1: 7 10 1000", "2: 0 10 1000", "3: 0 10 490"], 0),
    ("the rest is left over", 5000, DEFAULT_ORDER,
     ["1: 7 10 1000", "2: 0 10 1000", "3: 0 10 1000", "4: 0 10 1000"], 953),
    ("the future from its end", 2527, LAST_FIRST, ["1: 7 10 1000", "2: 0 10 1000", "4: 0 10 490"], 0),
    ("principal first", 1005, PRINCIPAL_FIRST, ["1: 0 5 1000"], 0),
    ("component by component", 30, ACROSS, ["1: 7 10 3", "2: 0 10 0"], 0),
    ("components of the billed before the future's", 2100, ACROSS, ["1: 7 10 1000", "2: 0 10 1000", "3: 0 10 53",
     "4: 0 10 0"], 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "order", "expected", "left"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_payment_goes_where_the_contract_says(
    amount: int, order: AllocationOrder, expected: list[str], left: int
) -> None:
    parts, overpaid = allocate(amount, ITEMS, order)
    shown = [
        f"{part.instalment_id.int}: {part.penalty_minor} {part.fee_minor} {part.principal_minor}" for part in parts
    ]
    assert (shown, overpaid) == (expected, left)


def test_interest_comes_between_fee_and_principal() -> None:
    owed = OpenInstalment(UUID(int=1), date(2026, 2, 10), True, 100, 10, 5, 20)
    (part,), left = allocate(40, [owed])
    assert (part.penalty_minor, part.fee_minor, part.interest_minor, part.principal_minor, left) == (5, 10, 20, 5, 0)
    assert part.total_minor == 40


def test_a_payment_without_debt_is_all_left_over() -> None:
    assert allocate(100, []) == ([], 100)


def test_instalments_of_one_day_keep_the_order_they_came_in() -> None:
    twins = [item(9, "2026-02-10", billed=True, principal=5), item(8, "2026-02-10", billed=True, principal=5)]
    parts, _ = allocate(7, twins)
    assert [(part.instalment_id.int, part.principal_minor) for part in parts] == [(9, 5), (8, 2)]
