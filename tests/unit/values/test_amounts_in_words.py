"""An amount in a text is written as people write it, with as many decimals as its currency has."""

import pytest

from tiao.values.money import Money


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(4_000_000, "CNY"), "¥40,000.00"),
        (Money(5, "CNY"), "¥0.05"),
        (Money(-150, "CNY"), "-¥1.50"),
        (Money(123_456, "EUR"), "€1,234.56"),
        (Money(1_230, "USD"), "USD 12.30"),
        (Money(1_234, "JPY"), "JPY 1,234"),
    ],
)
def test_an_amount_is_written_as_people_write_it(money: Money, written: str) -> None:
    assert str(money) == written
