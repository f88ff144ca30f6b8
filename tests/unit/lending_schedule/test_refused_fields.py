"""Each field of a document with what it does not take: the refusal names the field by its pointer, and at once."""

from __future__ import annotations

import json
import time
from copy import deepcopy
from typing import Any

import pytest

from tiao.lending.schedule.wire import answer_line
from tiao.runtime.lines import answered

#: A document with every field, as good as any.
GOOD: dict[str, Any] = {
    "id": "q",
    "start_on": "2026-01-01",
    "as_of_on": "2026-02-01",
    "terms": {
        "principal": "1000.00",
        "annual_rate": "0.1",
        "instalments": 3,
        "frequency": {"every": 1, "unit": "month"},
        "currency_decimals": 2,
        "rounding": "half_even",
        "due_dates_from_on": "2026-01-01",
        "month_end": "last_day",
        "day_count": "30/360",
        "leap_year": "calendar",
        "year_boundary": "dec_31",
        "interest_method": "declining_balance",
        "amortisation": "equal_instalments",
        "interest_period": "daily",
        "is_partial_period_interest_allowed": True,
        "schedule_model": "progressive",
        "instalment_multiple": "1.00",
        "down_payment": {"share": "0.25", "is_automatic": True},
        "grace": {"principal_periods": 0, "interest_payment_periods": 0, "interest_free_periods": 0},
        "instalment_fee_share": "0.01",
        "recalculation": {
            "rest": "daily",
            "payoff_interest": "to_payoff_date",
            "after_early_payment": "adjust_last_unpaid",
            "is_interest_on_overdue": True,
            "compounding": "none",
        },
        "is_term_extended_by_draw": False,
        "allocation": {
            "mode": "by_instalment",
            "order_due": ["penalties", "fees", "interest", "principal"],
            "order_in_advance": ["penalties", "fees", "interest", "principal"],
        },
        "interest_refund_on": ["merchant_refund"],
        "on_charge_off": "regular",
        "chargeback_order": ["penalties", "fees", "interest", "principal"],
    },
    "transactions": [
        {"id": "d", "type": "draw", "posted_on": "2026-01-01", "effective_on": "2026-01-01", "amount": "1000.00"},
        {"id": "p", "type": "repayment", "posted_on": "2026-01-09", "effective_on": "2026-01-09", "amount": "1.00"},
        {"id": "o", "type": "payoff", "posted_on": "2026-02-01", "effective_on": "2026-02-01"},
        {
            "id": "c",
            "type": "charge",
            "posted_on": "2026-01-09",
            "kind": "fee",
            "due_on": "2026-01-09",
            "amount": "1.00",
        },
        {"id": "u", "type": "reversal", "posted_on": "2026-01-09", "of": "p"},
        {"id": "r", "type": "rate_change", "posted_on": "2026-01-09", "effective_on": "2026-01-09", "annual_rate": "0"},
        {
            "id": "i",
            "type": "interest_pause",
            "posted_on": "2026-01-09",
            "from_on": "2026-01-09",
            "to_on": "2026-01-10",
        },
        {
            "id": "m",
            "type": "merchant_refund",
            "posted_on": "2026-01-09",
            "effective_on": "2026-01-09",
            "amount": "1.00",
            "is_interest_refunded": True,
        },
    ],
}

NO_DAYS = [None, 20260101, "2026-1-1", "2026-02-30", "10000-01-01", "soon"]
NO_CHOICE = [None, 1, "other", ""]
NO_SWITCH = [1, "true", None]

#: Where, what is put there, by kind of refusal.
REFUSED: dict[str, dict[str, list[Any]]] = {
    "schedule_input_malformed": {
        "/id": [None, 5],
        "/start_on": NO_DAYS,
        "/as_of_on": NO_DAYS[1:],
        "/terms": [None, [], "x"],
        "/transactions": [None, {}],
        "/terms/principal": [None, 1000, 1000.5],
        "/terms/annual_rate": [None, 0.1, 0],
        "/terms/instalments": [None, "3", 1.5],
        "/terms/frequency/every": [None, "1", 10_001],
        "/terms/frequency/unit": NO_CHOICE,
        "/terms/currency_decimals": [None, "2", 1.5],
        "/terms/due_dates_from_on": NO_DAYS[1:],
        "/terms/instalment_multiple": [1, 0.5],
        "/terms/down_payment/share": [None, 0.25],
        "/terms/down_payment/is_automatic": NO_SWITCH,
        "/terms/grace/principal_periods": [None, "1"],
        "/terms/instalment_fee_share": [0.01],
        "/terms/is_partial_period_interest_allowed": NO_SWITCH,
        "/terms/is_term_extended_by_draw": NO_SWITCH,
        "/terms/recalculation/is_interest_on_overdue": NO_SWITCH,
        "/terms/recalculation/compounding": [*NO_CHOICE, "daily"],
        "/terms/allocation/mode": NO_CHOICE,
        "/terms/interest_refund_on/0": [*NO_CHOICE, "repayment"],
        **{
            f"/terms/{name}": NO_CHOICE
            for name in (
                *(
                    "rounding",
                    "month_end",
                    "day_count",
                    "leap_year",
                    "year_boundary",
                    "interest_method",
                    "amortisation",
                ),
                *("interest_period", "schedule_model", "on_charge_off", "recalculation/rest"),
                *("recalculation/payoff_interest", "recalculation/after_early_payment"),
            )
        },
        "/transactions/0/id": [None, "", "x" * 201, 5],
        "/transactions/1/type": NO_CHOICE,
        "/transactions/1/posted_on": NO_DAYS,
        "/transactions/1/effective_on": NO_DAYS,
        "/transactions/1/amount": [None, 1, 1.5],
        "/transactions/3/kind": NO_CHOICE,
        "/transactions/3/due_on": NO_DAYS,
        "/transactions/4/of": [None, 1],
        "/transactions/5/annual_rate": [None, 0.1],
        "/transactions/6/to_on": NO_DAYS,
        "/transactions/7/is_interest_refunded": NO_SWITCH,
    },
    "schedule_amount_invalid": {
        "/terms/principal": [
            "",
            "1000",
            "1000.0",
            "1000.000",
            "-1.00",
            "+1.00",
            " 1.00",
            "1,000.00",
            "1e3",
            "NaN",
            "１.00",
        ],
        "/terms/instalment_multiple": ["1", "-1.00"],
        "/transactions/0/amount": ["0.00", "-1.00", "1.000", "99999999999999999999.00"],
        "/transactions/3/amount": ["0.00", "1"],
    },
    "schedule_rate_invalid": {
        "/terms/annual_rate": ["", "-0.1", "10%", "1e-3", "101", "0." + "1" * 19, ".1"],
        "/terms/down_payment/share": ["-0.1", "1.01", "x"],
        "/terms/instalment_fee_share": ["-0.1", "x"],
        "/transactions/5/annual_rate": ["-0.1", "x"],
    },
    "schedule_terms_impossible": {
        "/terms/instalments": [0, -1, 1201, 10**12],
        "/terms/frequency/every": [0, -1],
        "/terms/currency_decimals": [-1, 7],
        "/terms/instalment_multiple": ["0.00"],
        "/terms/grace/principal_periods": [-1, 3],
        "/terms/grace/interest_payment_periods": [-1, 3],
        "/terms/grace/interest_free_periods": [-1, 4],
        "/terms/allocation/order_due": [[], ["fees"], ["fees", "fees", "interest", "principal"]],
        "/terms/allocation/order_in_advance": [["fees"]],
        "/terms/chargeback_order": [["fees"]],
    },
    "schedule_day_impossible": {
        "/terms/due_dates_from_on": ["2025-12-01"],
        "/transactions/0/effective_on": ["2025-12-31", "2027-01-01"],
        "/transactions/1/effective_on": ["2025-12-31"],
        "/transactions/2/effective_on": ["2025-12-31"],
        "/transactions/3/due_on": ["2025-12-31"],
        "/transactions/5/effective_on": ["2025-12-31"],
        "/transactions/6/from_on": ["2025-12-31"],
        "/transactions/6/to_on": ["2026-01-08"],
    },
    "schedule_transaction_duplicate": {"/transactions/1/id": ["d", "d.down_payment"]},
    "schedule_reversal_impossible": {"/transactions/4/of": ["nobody", "m", "u", "m.interest_refund"]},
    "schedule_field_unknown": {
        "/colour": [1],
        "/terms/colour": [1],
        "/terms/frequency/colour": [1],
        "/terms/grace/colour": [1],
        "/terms/recalculation/colour": [1],
        "/terms/allocation/colour": [1],
        "/transactions/2/amount": ["1.00"],
        "/transactions/3/effective_on": ["2026-01-01"],
        "/transactions/1/is_interest_refunded": [True],
    },
}
CASES = [
    pytest.param(kind, pointer, value, id=f"{kind} {pointer} {str(value)[:24]}")
    for kind, places in REFUSED.items()
    for pointer, values in places.items()
    for value in values
]
QUICK_SECONDS = 0.5


def put(pointer: str, value: object) -> dict[str, Any]:
    document = deepcopy(GOOD)
    *path, last = pointer[1:].split("/")
    place: Any = document
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return document


def test_the_document_is_good_before_anything_is_changed() -> None:
    line = answered(answer_line, json.dumps(GOOD).encode())
    assert not line.is_refused, line.text


@pytest.mark.parametrize(("kind", "pointer", "value"), CASES)
def test_a_field_is_refused_by_name_and_at_once(kind: str, pointer: str, value: object) -> None:
    document = json.dumps(put(pointer, value)).encode()
    began = time.process_time()
    line = answered(answer_line, document)
    took = time.process_time() - began
    answer = json.loads(line.text)
    assert line.is_refused
    assert (answer["error"]["type"], answer["error"]["pointer"]) == (kind, pointer)
    assert took < QUICK_SECONDS
