"""Plans worked out by hand: one table a case, a row a line."""

import json
from typing import Any

import pytest

from tiao.lending.schedule.wire import answer_line

MONTHLY: dict[str, Any] = {
    "principal": "1000.00",
    "annual_rate": "0.12",
    "instalments": 3,
    "frequency": {"every": 1, "unit": "month"},
}

#: 1,000 at 1 % a month over three months from 31 January: A = 1000 * 0.01 / (1 - 1.01 ** -3) = 340.022.
EQUAL_INSTALMENTS = """
2026-02-28 330.02 10.00
2026-03-31 333.32  6.70
2026-04-30 336.66  3.37
"""
EQUAL_PRINCIPAL = """
2026-02-28 333.33 10.00
2026-03-31 333.33  6.67
2026-04-30 333.34  3.33
"""
BULLET = """
2026-02-28    0.00 10.00
2026-03-31    0.00 10.00
2026-04-30 1000.00 10.00
"""
#: Interest on the whole sum in every row: (1000 + 30) / 3 = 343.33.
FLAT = """
2026-02-28 333.33 10.00
2026-03-31 333.33 10.00
2026-04-30 333.34 10.00
"""
#: 28, 31 and 30 days over 360: A = 1000 * 1.0299607 / 3.0304367 = 339.872.
ACT_360 = """
2026-02-28 330.54  9.33
2026-03-31 332.95  6.92
2026-04-30 336.51  3.37
"""
FIRST_OF_NEXT_MONTH = """
2026-03-01 330.02 10.00
2026-03-31 333.32  6.70
2026-05-01 336.66  3.37
"""
#: Whole units: 340, and the last row takes the 0.06 that is left.
MULTIPLE = """
2026-02-28 330.00 10.00
2026-03-31 333.30  6.70
2026-04-30 336.70  3.37
"""
#: One row of interest only, then 1000 * 0.01 / (1 - 1.01 ** -2) = 507.512 twice.
PRINCIPAL_GRACE = """
2026-02-28    0.00 10.00
2026-03-31 497.51 10.00
2026-04-30 502.49  5.02
"""
#: No interest due in the first row, both months' in the second: 336.66, smoothed to 340.02 and then 339.99.
INTEREST_PAYMENT_GRACE = """
2026-02-28 339.99  0.00
2026-03-31 323.39 16.60
2026-04-30 336.62  3.37
"""
#: 1000 * 1.0201 / 3.0301 = 336.66 leaves 0.02 too little on the last row, so 336.65.
INTEREST_FREE = """
2026-02-28 336.65 0.00
2026-03-31 330.02 6.63
2026-04-30 333.33 3.33
"""

CASES = [
    ("equal instalments", {}, EQUAL_INSTALMENTS),
    ("equal principal", {"amortisation": "equal_principal"}, EQUAL_PRINCIPAL),
    ("bullet", {"amortisation": "bullet"}, BULLET),
    ("flat", {"interest_method": "flat"}, FLAT),
    ("days over 360", {"day_count": "ACT/360"}, ACT_360),
    ("a missing day rolls", {"month_end": "first_of_next_month"}, FIRST_OF_NEXT_MONTH),
    ("whole units", {"instalment_multiple": "10.00"}, MULTIPLE),
    ("principal grace", {"grace": {"principal_periods": 1}}, PRINCIPAL_GRACE),
    ("interest payment grace", {"grace": {"interest_payment_periods": 1}}, INTEREST_PAYMENT_GRACE),
    ("interest free", {"grace": {"interest_free_periods": 1}}, INTEREST_FREE),
]


def ask(terms: dict[str, Any], transactions: list[dict[str, Any]]) -> dict[str, Any]:
    document = {"id": "x", "start_on": "2026-01-31", "terms": {**MONTHLY, **terms}, "transactions": transactions}
    answer: dict[str, Any] = json.loads(answer_line(json.dumps(document)))
    return answer


@pytest.mark.parametrize(("terms", "table"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_plan_is_as_worked_out(terms: dict[str, Any], table: str) -> None:
    rows = ask(terms, [])["rows"]
    assert [(row["due_on"], row["principal"], row["interest"]) for row in rows] == [
        tuple(line.split()) for line in table.strip().splitlines()
    ]


def test_a_preview_settles_nothing_and_books_nothing() -> None:
    answer = ask({"down_payment": {"share": "0.25", "is_automatic": True}}, [])
    assert answer["transactions"] == []
    assert [row["settled_on"] for row in answer["rows"]] == [None] * 4


def test_a_currency_without_decimals_is_planned_in_whole_units() -> None:
    rows = ask({"principal": "1000", "currency_decimals": 0, "annual_rate": "0"}, [])["rows"]
    assert [row["principal"] for row in rows] == ["333", "333", "334"]


def test_the_flat_fee_leaves_its_spare_cents_on_the_last_row() -> None:
    rows = ask({"annual_rate": "0", "instalment_fee_share": "0.0100"}, [])["rows"]
    assert [row["fees"] for row in rows] == ["3.33", "3.33", "3.34"]


def test_an_unpaid_fee_falls_with_a_refund_and_a_paid_one_stays() -> None:
    terms = {
        "annual_rate": "0",
        "instalment_fee_share": "0.03",
        "allocation": {"mode": "by_due_state", "rules": {"merchant_refund": {"future": "last"}}},
    }
    draw = {"id": "d", "type": "draw", "effective_on": "2026-01-31", "posted_on": "2026-01-31", "amount": "1000.00"}
    first = {**draw, "id": "p", "type": "repayment", "effective_on": "2026-02-28", "amount": "343.33"}
    half = {**draw, "id": "r", "type": "merchant_refund", "effective_on": "2026-03-01", "amount": "166.67"}
    rows = ask(terms, [draw, first, half])["rows"]
    assert [row["fees"] for row in rows] == ["10.00", "10.00", "5.00"]
    rest = {**half, "id": "s", "amount": "500.00"}
    rows = ask(terms, [draw, first, half, rest])["rows"]
    assert [row["fees"] for row in rows] == ["10.00", "0.00", "0.00"]


def test_early_money_stops_its_interest_only_where_interest_is_recalculated() -> None:
    draw = {"id": "d", "type": "draw", "effective_on": "2026-01-31", "posted_on": "2026-01-31", "amount": "1000.00"}
    payoff = {"id": "p", "type": "payoff", "effective_on": "2026-02-14", "posted_on": "2026-02-14"}
    fixed = ask({}, [draw, payoff])["transactions"][0]
    assert (fixed["amount"], fixed["interest"]) == ("1020.07", "20.07")
    daily = ask({"recalculation": {}}, [draw, payoff])["transactions"][0]
    assert (daily["amount"], daily["interest"]) == ("1005.00", "5.00")
    to_rest = ask({"recalculation": {"payoff_interest": "to_rest_date"}}, [draw, payoff])["transactions"][0]
    assert (to_rest["amount"], to_rest["interest"]) == ("1010.00", "10.00")
