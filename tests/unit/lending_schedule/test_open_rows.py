"""Which rows of a schedule are open: each part by itself, whatever was paid ahead on another."""

import pytest

from tiao.lending.schedule.slots import RowKind, Rows, Slot

DAY = 738_916


def row(**parts: int) -> Slot:
    slot = Slot(RowKind.INSTALMENT, 0, DAY, DAY + 60)
    for name, amount in parts.items():
        setattr(slot, name, amount)
    return slot


@pytest.mark.parametrize(
    ("parts", "is_open"),
    [
        ({}, False),
        ({"principal": 5, "paid_principal": 5}, False),
        ({"principal": 5, "paid_principal": 4}, True),
        # The plan of a row falls when it was paid ahead; that makes up for no fee, interest or penalty.
        ({"paid_principal": 1, "fees": 1}, True),
        ({"paid_principal": 3, "interest": 2}, True),
        ({"paid_principal": 3, "penalties": 2}, True),
        ({"paid_principal": 3, "penalties": 2, "paid_penalties": 2}, False),
    ],
)
def test_a_row_is_open_while_any_part_is(parts: dict[str, int], *, is_open: bool) -> None:
    slot = row(**parts)
    rows = Rows([slot])
    rows.mark([slot], DAY)
    assert (slot.settled is None) is is_open


def test_a_fee_opens_a_row_that_was_settled_by_paying_ahead() -> None:
    slot = row(paid_principal=1)
    slot.payments.append((DAY, 1))
    rows = Rows([slot])
    rows.settle(slot, DAY)
    assert list(rows.open()) == []
    slot.fees += 1
    rows.charge(slot, DAY)
    assert list(rows.open()) == [slot]
