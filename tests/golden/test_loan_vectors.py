"""Published schedules and allocations, to the cent: every field that a vector names."""

import json
from pathlib import Path
from typing import Any

import pytest

from tiao.lending.schedule.wire import answer_line

VECTORS = Path(__file__).parents[3] / "shared" / "reference" / "loan_vectors_sample.json"


def published() -> list[Any]:
    if not VECTORS.exists():
        reason = f"needs ../shared/reference/{VECTORS.name}"
        return [pytest.param({}, "", id="absent", marks=pytest.mark.skip(reason=reason))]
    document = json.loads(VECTORS.read_text())
    return [pytest.param(case, document["source"], id=case["id"]) for case in document["cases"]]


@pytest.mark.parametrize(("case", "source"), published())
def test_the_answer_agrees_with_the_published_figures(case: dict[str, Any], source: str) -> None:
    answer = json.loads(answer_line(json.dumps(case["input"])))
    expected = case["expected"]
    named = f"{case['id']} {case['tags']} of {source}"
    assert len(answer["rows"]) == len(expected["rows"]), named
    for row, wanted in zip(answer["rows"], expected["rows"], strict=True):
        assert {name: row[name] for name in wanted} == wanted, f"row {wanted['number']} of {named}"
    booked = {each["id"]: each for each in answer["transactions"]}
    for wanted in expected.get("transactions", []):
        got = booked[wanted["id"]]
        assert {name: got[name] for name in wanted} == wanted, f"transaction {wanted['id']} of {named}"
