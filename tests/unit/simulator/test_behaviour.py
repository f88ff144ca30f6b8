"""How people repay: the table is read exactly, its chances are kept, and statuses follow from what was paid."""

from collections import Counter
from pathlib import Path

import pytest

from tiao.simulator.behaviour import Payment, Status, after, read_behaviour, status_of_code
from tiao.simulator.chance import CERTAIN_PPM, draw
from tiao.simulator.refusals import BehaviourTableInvalid
from tiao.simulator.world import shipped_behaviour

EXAMPLE = Path(__file__).parents[3] / "examples" / "replay" / "repayments.csv"


def test_the_example_is_the_table_that_ships() -> None:
    assert read_behaviour(EXAMPLE.read_text()) == shipped_behaviour()


def test_a_thousand_draws_keep_the_chances() -> None:
    table = shipped_behaviour()
    draws = 20_000
    found = Counter(table.payment(Status.FULL, draw("chances", str(place))) for place in range(draws))
    chances = table.rows[Status.FULL]
    expected = {Payment.FULL: chances.full_ppm, Payment.PART: chances.part_ppm}
    for payment, ppm in expected.items():
        assert abs(found[payment] * CERTAIN_PPM // draws - ppm) < 10_000


FOLLOWS = [
    (Status.NONE, Payment.FULL, Status.FULL),
    (Status.FULL, Payment.PART, Status.PART),
    (Status.FULL, Payment.NONE, Status.LATE_1),
    (Status.PART, Payment.NONE, Status.LATE_1),
    (Status.LATE_1, Payment.NONE, Status.LATE_2),
    (Status.LATE_2, Payment.NONE, Status.LATE_3_PLUS),
    (Status.LATE_3_PLUS, Payment.NONE, Status.LATE_3_PLUS),
    (Status.LATE_3_PLUS, Payment.PART, Status.LATE_2),
    (Status.LATE_2, Payment.PART, Status.LATE_1),
    (Status.LATE_1, Payment.PART, Status.LATE_1),
    (Status.LATE_3_PLUS, Payment.FULL, Status.FULL),
]


@pytest.mark.parametrize(("status", "payment", "then"), FOLLOWS)
def test_a_status_follows_from_what_was_paid(status: Status, payment: Payment, then: Status) -> None:
    assert after(status, payment) is then


@pytest.mark.parametrize(
    ("code", "status"), [(None, "none"), (-2, "none"), (-1, "full"), (0, "part"), (1, "late_1"), (8, "late_3_plus")]
)
def test_a_bureaus_code_is_a_status(code: int | None, status: str) -> None:
    assert status_of_code(code) == status


def test_a_part_is_a_share_of_what_is_owed_and_at_least_a_unit() -> None:
    table = shipped_behaviour()
    assert table.part_of(Status.FULL, 10_000) == 4911
    assert table.part_of(Status.LATE_1, 1) == 1


HEAD = "last_status,pay_full,pay_part,pay_none,part_share\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "status,pay_full\n",
        HEAD + "full,0.5,0.4,0.2,0.1\n",
        HEAD + "full,0.5,0.3,0.2,1.5\n",
        HEAD + "full,half,0.3,0.2,0.5\n",
        HEAD + "sometimes,0.5,0.3,0.2,0.5\n",
        HEAD + "full,0.5,0.3,0.2,0.5\n" * 2,
        HEAD + "full,0.5,0.3,0.2,0.5\n",
    ],
)
def test_a_table_that_cannot_be_right_is_refused(text: str) -> None:
    with pytest.raises(BehaviourTableInvalid):
        read_behaviour(text)
