"""What alarms about a merchant, and what an honest shop's good day does not."""

from datetime import date
from uuid import UUID

import pytest

from tiao.risk.merchants.model import Alarm, Before, Hour, MerchantDay
from tiao.risk.merchants.rules import alarms, alarms_of_hour, holds_settlement, probability_ppm

M = UUID(int=1)
#: Sells 4,000.00 a day and takes little back.
USUAL = Before(M, 28, 560, 11_200_000, 300_000)


def day(**seen: int) -> MerchantDay:
    nothing = dict.fromkeys(
        (
            *("purchases", "amount_minor", "refunds", "refunded_minor"),
            *("just_below", "draining", "draining_minor", "linked", "customers"),
        ),
        0,
    )
    return MerchantDay(merchant_id=M, day_on=date(2026, 11, 20), **(nothing | seen))


@pytest.mark.parametrize(
    ("seen", "before", "expected"),
    [
        ({"purchases": 60, "amount_minor": 1_900_000}, USUAL, []),  # a good day
        ({"purchases": 60, "amount_minor": 2_100_000}, USUAL, [Alarm.VOLUME]),
        ({"purchases": 60, "amount_minor": 2_100_000}, None, []),  # new: nobody knows what is usual
        ({"purchases": 9, "amount_minor": 900_000, "just_below": 6}, USUAL, [Alarm.STRUCTURING]),
        ({"purchases": 40, "amount_minor": 900_000, "just_below": 6}, USUAL, []),
        (
            {"purchases": 6, "amount_minor": 1_500_000, "draining": 5, "draining_minor": 1_400_000},
            USUAL,
            [Alarm.CASH_OUT],
        ),
        ({"purchases": 6, "amount_minor": 50_000, "draining": 5, "draining_minor": 40_000}, USUAL, []),
        ({"purchases": 8, "amount_minor": 100_000, "linked": 6}, USUAL, [Alarm.LINKED]),
        ({"refunds": 40, "refunded_minor": 4_000_000}, USUAL, [Alarm.REFUNDS]),
        ({"refunds": 4, "refunded_minor": 400_000}, USUAL, []),
    ],
)
def test_what_alarms(*, seen: dict[str, int], before: Before | None, expected: list[Alarm]) -> None:
    assert alarms(day(**seen), before) == expected


def test_within_the_day_volume_and_cash_out_alarm_already() -> None:
    assert alarms_of_hour(Hour(M, 6, 2_400_000, 6, 6), USUAL) == [Alarm.VOLUME, Alarm.CASH_OUT]
    assert alarms_of_hour(Hour(M, 30, 900_000, 1, 30), USUAL) == []


@pytest.mark.parametrize(
    ("found", "holds"),
    [([Alarm.VOLUME], False), ([Alarm.CASH_OUT], True), ([Alarm.VOLUME, Alarm.REFUNDS], True), ([], False)],
)
def test_money_waits_for_cash_out_or_two_alarms(*, found: list[Alarm], holds: bool) -> None:
    assert holds_settlement(found) == holds


def test_more_alarms_are_more_likely_something() -> None:
    assert [probability_ppm([*Alarm][:number]) for number in range(6)] == [
        0,
        200_000,
        450_000,
        700_000,
        950_000,
        950_000,
    ]
