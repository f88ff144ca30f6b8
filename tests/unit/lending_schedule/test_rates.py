"""Rates: which root is chosen, how time is counted, and what is refused."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tiao.lending.rates import compound_yearly, simple_yearly
from tiao.lending.rates.times import UnitName, YearCount, unit_periods_between, years_between
from tiao.lending.rates.wire import answer_line
from tiao.runtime.lines import answered


def ask(**question: object) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(answered(answer_line, json.dumps({"id": "q", **question}).encode()).text)
    return answer


def flows(*amounts: str) -> list[dict[str, str]]:
    return [{"amount": amount} for amount in amounts]


YEARS = """
# from       to          count      360ths
  2007-01-31 2007-03-31  30/360        60
  2007-01-30 2007-03-31  30/360        60
  2007-01-29 2007-03-31  30/360        62
  2007-01-29 2007-03-31  30E/360       61
  2007-02-28 2007-03-31  30/360        33
  2007-02-28 2007-03-31  30/360_US     30
  2008-02-29 2009-02-28  30/360_US    360
  2007-01-01 2007-01-31  ACT/360       30
"""


@pytest.mark.parametrize("line", [line for line in YEARS.splitlines() if line.strip() and "#" not in line])
def test_years_are_counted_as_the_convention_says(line: str) -> None:
    start, end, count, parts = line.split()
    years = years_between(date.fromisoformat(start), date.fromisoformat(end), YearCount(count.replace("_", " ")))
    assert years == Fraction(int(parts), 360)


def test_actual_years_divide_each_year_by_its_own_length() -> None:
    years = years_between(date(2023, 12, 31), date(2024, 12, 31), YearCount.ACT_ACT)
    assert years == Fraction(1, 365) + Fraction(365, 366)


UNIT_PERIODS = """
# from       to          unit       every whole fraction
  1978-02-10 1978-04-01  month      1     1     19/30
  1978-01-31 1978-02-28  month      1     0     28/30
  1978-05-23 1978-10-01  month      3     1     39/90
  1978-02-23 1978-03-01  half_month 1     0     6/15
  1978-02-23 1978-03-16  half_month 1     1     6/15
  1978-04-03 1978-04-25  week       2     1     8/14
"""


@pytest.mark.parametrize("line", [line for line in UNIT_PERIODS.splitlines() if line.strip() and "#" not in line])
def test_unit_periods_are_counted_back_from_the_later_day(line: str) -> None:
    start, end, unit, every, whole, fraction = line.split()
    counted = unit_periods_between(date.fromisoformat(start), date.fromisoformat(end), UnitName(unit), int(every))
    assert counted == (int(whole), Fraction(fraction))


def test_of_several_rates_the_smallest_not_below_nothing_is_given() -> None:
    # (1 + r) is 1.1 or 1.2: 1 / 1.1, 1 / 1.2 are the roots of 132 v^2 - 230 v + 100.
    answer = ask(convention="per_period", cash_flows=flows("100", "-230", "132"))
    assert Decimal(answer["rate"]) == Decimal("0.1")
    assert answer["is_unique"] is False


def test_if_all_rates_are_below_nothing_the_nearest_is_given() -> None:
    # (1 + r) is 0.8 or 0.9.
    answer = ask(convention="per_period", cash_flows=flows("100", "-170", "72"))
    assert Decimal(answer["rate"]) == Decimal("-0.1")
    assert answer["is_unique"] is False


def test_a_monthly_rate_gives_the_two_yearly_figures() -> None:
    assert simple_yearly(Decimal("0.01")) == Decimal("0.12")
    assert compound_yearly(Decimal("0.01")).quantize(Decimal("1e-6")) == Decimal("0.126825")


@pytest.mark.parametrize(
    ("solve", "known", "expected"),
    [
        ("payment", {"annual_rate": "0", "periods": 4, "present_value": "100"}, "-25"),
        ("present_value", {"annual_rate": "0.1", "periods": 1, "payment": "110"}, "-100"),
        ("future_value", {"annual_rate": "0.1", "periods": 2, "payment": "0", "present_value": "100"}, "-121"),
        ("periods", {"annual_rate": "0", "payment": "-10", "present_value": "100"}, "10"),
    ],
)
def test_an_annuity_is_solved_for_its_unknown(solve: str, known: dict[str, Any], expected: str) -> None:
    assert Decimal(ask(convention="annuity", solve=solve, **known)["value"]) == Decimal(expected)


def test_the_rate_of_an_annuity_is_found() -> None:
    answer = ask(convention="annuity", solve="rate", periods=2, payment="-60.50", present_value="105.00")
    assert abs(Decimal(answer["rate"]) - Decimal("0.1")) < Decimal("1e-12")


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("rate_not_found", "/cash_flows", {"convention": "per_period", "cash_flows": flows("1", "2")}),
    ("rate_not_found", "/cash_flows", {"convention": "per_period", "cash_flows": []}),
    ("rate_number_invalid", "/cash_flows/1/amount", {"convention": "per_period", "cash_flows": flows("-1", "x")}),
    ("rate_input_malformed", "/cash_flows/0/amount", {"convention": "per_period", "cash_flows": [{"amount": 1}]}),
    ("rate_field_unknown", "/colour", {"convention": "per_period", "cash_flows": flows("1"), "colour": 1}),
    ("rate_input_malformed", "/convention", {"convention": "guess", "cash_flows": []}),
    (
        "rate_field_missing",
        "/days_in_year",
        {"convention": "effective_annual", "cash_flows": [{"after_days": "0", "amount": "1"}]},
    ),
    ("rate_field_missing", "/periods", {"convention": "annuity", "solve": "payment", "annual_rate": "0.1"}),
    (
        "rate_field_unwanted",
        "/payment",
        {"convention": "annuity", "solve": "payment", "annual_rate": "0.1", "periods": 3, "payment": "1"},
    ),
]


@pytest.mark.parametrize(("kind", "pointer", "question"), REFUSED, ids=[f"{kind} {at}" for kind, at, _ in REFUSED])
def test_a_question_without_an_answer_names_the_field(kind: str, pointer: str, question: dict[str, Any]) -> None:
    error = ask(**question)["error"]
    assert (error["type"], error["pointer"]) == (kind, pointer)
