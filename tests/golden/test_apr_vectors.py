"""Published rates: the exact root of the stated equation, and the source's own figure."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tiao.lending.rates.wire import answer_line

VECTORS = Path(__file__).parents[3] / "shared" / "reference" / "apr_vectors_sample.json"


def published() -> list[Any]:
    if not VECTORS.exists():
        reason = f"needs ../shared/reference/{VECTORS.name}"
        return [pytest.param({}, "", id="absent", marks=pytest.mark.skip(reason=reason))]
    document = json.loads(VECTORS.read_text())
    return [pytest.param(case, document["source"], id=case["id"]) for case in document["cases"]]


@pytest.mark.parametrize(("case", "source"), published())
def test_the_rate_agrees_with_the_published_figure(case: dict[str, Any], source: str) -> None:
    answer = json.loads(answer_line(json.dumps(case["input"])))
    expected = case["expected"]
    tolerance = Decimal(expected["tolerance"])
    named = f"{case['id']} {case['kind']} of {source}"
    for name in ("rate", "value"):
        if name in expected:
            assert abs(Decimal(answer[name]) - Decimal(expected[name])) <= tolerance, named
    for got, wanted in zip(answer.get("values", []), expected.get("values", []), strict=True):
        assert abs(Decimal(got) - Decimal(wanted)) <= tolerance, named
    if "published_percent" in expected:
        shown = Decimal(expected["published_percent"])
        last_place = Decimal(1).scaleb(int(shown.as_tuple().exponent))
        assert abs(Decimal(answer["rate"]) * 100 - shown) <= last_place, named
