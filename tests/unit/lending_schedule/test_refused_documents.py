"""What is wrong is named by its JSON pointer, and the next line is answered all the same."""

import json
from typing import Any

import pytest

from tiao.lending.schedule.wire import answer_line
from tiao.runtime.lines import each_answered

TERMS: dict[str, Any] = {
    "principal": "1000.00",
    "annual_rate": "0.1",
    "instalments": 3,
    "frequency": {"every": 1, "unit": "month"},
}
DRAW: dict[str, Any] = {
    "id": "d",
    "type": "draw",
    "posted_on": "2026-01-01",
    "effective_on": "2026-01-01",
    "amount": "10.00",
}


def document(terms: dict[str, Any] | None = None, *transactions: dict[str, Any], **fields: object) -> dict[str, Any]:
    return {
        "id": "q",
        "start_on": "2026-01-01",
        "terms": {**TERMS, **(terms or {})},
        "transactions": list(transactions),
        **fields,
    }


def rules(**named: object) -> dict[str, Any]:
    return {"allocation": {"mode": "by_due_state", "direction": "horizontal", "rules": named}}


CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("schedule_field_unknown", "/colour", document(colour=1)),
    ("schedule_field_unknown", "/terms/colour", document({"colour": 1})),
    ("schedule_field_unknown", "/transactions/1/colour", document(None, DRAW, {**DRAW, "id": "e", "colour": 1})),
    ("schedule_input_malformed", "/terms/principal", document({"principal": 1000})),
    ("schedule_input_malformed", "/terms/interest_method", document({"interest_method": "compound"})),
    ("schedule_input_malformed", "/start_on", document(start_on="2026-02-30")),
    ("schedule_input_malformed", "/transactions/1/type", document(None, DRAW, {**DRAW, "id": "e", "type": "gift"})),
    ("schedule_input_malformed", "/transactions/0/amount", document(None, {**DRAW, "amount": 10})),
    (
        "schedule_input_malformed",
        "/terms/allocation/rules/repayment/future",
        document(rules(repayment={"future": "x"})),
    ),
    ("schedule_amount_invalid", "/terms/principal", document({"principal": "1000.0"})),
    ("schedule_amount_invalid", "/terms/principal", document({"principal": "-10.00"})),
    ("schedule_amount_invalid", "/terms/principal", document({"principal": "1" * 30 + ".00"})),
    ("schedule_amount_invalid", "/transactions/0/amount", document(None, {**DRAW, "amount": "0.00"})),
    ("schedule_rate_invalid", "/terms/annual_rate", document({"annual_rate": "-0.1"})),
    ("schedule_rate_invalid", "/terms/annual_rate", document({"annual_rate": "1e3"})),
    (
        "schedule_rate_invalid",
        "/terms/down_payment/share",
        document({"down_payment": {"share": "2", "is_automatic": True}}),
    ),
    ("schedule_terms_impossible", "/terms/instalments", document({"instalments": 0})),
    ("schedule_terms_impossible", "/terms/instalments", document({"instalments": 10**9})),
    ("schedule_terms_impossible", "/terms/instalments", document({"frequency": {"every": 9000, "unit": "year"}})),
    ("schedule_terms_impossible", "/terms/frequency/every", document({"frequency": {"every": 0, "unit": "day"}})),
    ("schedule_terms_impossible", "/terms/grace/principal_periods", document({"grace": {"principal_periods": 3}})),
    ("schedule_terms_impossible", "/terms/allocation/rules/gift", document(rules(gift={}))),
    (
        "schedule_terms_impossible",
        "/terms/allocation/rules/default/order",
        document(rules(default={"order": ["due_fees"]})),
    ),
    ("schedule_day_impossible", "/terms/due_dates_from_on", document({"due_dates_from_on": "2025-01-01"})),
    ("schedule_day_impossible", "/transactions/0/effective_on", document(None, {**DRAW, "effective_on": "2025-12-31"})),
    ("schedule_day_impossible", "/transactions/0/effective_on", document(None, {**DRAW, "effective_on": "2027-01-01"})),
    ("schedule_transaction_duplicate", "/transactions/1/id", document(None, DRAW, DRAW)),
    (
        "schedule_reversal_impossible",
        "/transactions/1/of",
        document(None, DRAW, {"id": "r", "type": "reversal", "posted_on": "2026-01-01", "of": "x"}),
    ),
    (
        "schedule_reversal_impossible",
        "/transactions/2/of",
        document(
            None,
            DRAW,
            {"id": "r", "type": "reversal", "posted_on": "2026-01-01", "of": "d"},
            {"id": "s", "type": "reversal", "posted_on": "2026-01-01", "of": "d"},
        ),
    ),
]


@pytest.mark.parametrize(("kind", "pointer", "asked"), CASES, ids=[f"{kind} {at}" for kind, at, _ in CASES])
def test_a_wrong_field_is_named(kind: str, pointer: str, asked: dict[str, Any]) -> None:
    (line,) = each_answered(answer_line, [json.dumps(asked).encode()])
    answer = json.loads(line.text)
    assert line.is_refused
    assert answer["id"] == "q"
    assert (answer["error"]["type"], answer["error"]["pointer"]) == (kind, pointer)
    assert answer["error"]["title"]
    assert answer["error"]["detail"]


def test_the_run_goes_on_after_a_bad_line() -> None:
    lines = [b'{"id": "a"\n', b"\n", b"\xff\n", json.dumps(document()).encode() + b"\r\n"]
    answers = [json.loads(line.text) for line in each_answered(answer_line, lines)]
    assert [answer["id"] for answer in answers] == [None, None, None, "q"]
    assert "rows" in answers[-1]
