"""Explanations in words: two languages that say the same, and amounts as people write them."""

from datetime import date
from decimal import Decimal
from string import Formatter
from uuid import UUID

import pytest

from tiao.lending.explaining import Explanation
from tiao.lending.telling import Language, catalogue, sentence, sentences
from tiao.lending.told import Micros, Named, Told


@pytest.mark.parametrize("key", catalogue())
def test_both_languages_speak_of_the_same(key: str) -> None:
    texts = catalogue()[key]
    assert set(texts) == {"zh-CN", "en"}
    chinese, english = ({field for _, field, _, _ in Formatter().parse(text) if field} for text in texts.values())
    assert chinese == english


PENALTY = Told(
    "penalty_days",
    1_350,
    {
        "number": Decimal(1),
        "first_on": date(2026, 4, 11),
        "last_on": date(2026, 4, 19),
        "days": Decimal(9),
        "base": 300_000,
        "rate": Decimal(500) / 10**6 * 100,
        "exact": Micros(1_350_000_000),
    },
)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Penalty on instalment 1, 2026-04-11 to 2026-04-19: 9 days x 3,000.00 x 0.05 % = 13.50"),
        ("zh-CN", "第 1 期违约金，2026-04-11 至 2026-04-19：9 天 × 3,000.00 × 0.05% = 13.50"),
    ],
)
def test_a_penalty_is_said_as_its_arithmetic(language: Language, said: str) -> None:
    assert sentence(PENALTY, currency="CNY", language=language) == said


def test_what_is_less_than_a_unit_is_shown_exactly() -> None:
    line = PENALTY._replace(values={**PENALTY.values, "exact": Micros(1_234_567)})
    assert sentence(line, currency="CNY", language="en").endswith("= 0.01234567")


def test_the_total_comes_last() -> None:
    told = Explanation(-5, (Told("overpaid", -5, {"amount": -5}),))
    assert sentences(told, currency="CNY", language="en")[-1] == "Together: -0.05"
    named = Told("paid", 0, {"on": date(2026, 1, 1), "repayment": Named("rep", UUID(int=5)), "principal": 0, "fee": 0,
                             "interest": 0, "penalty": 0})  # fmt: skip
    assert f"rep_{UUID(int=5).hex}" in sentence(named, currency="JPY", language="zh-CN")
