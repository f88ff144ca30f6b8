"""What a condition says, and what is wrong with one that says nothing."""

from __future__ import annotations

import math

import pytest

from tiao.risk.rules.compiling import compiled
from tiao.risk.rules.parsing import parse
from tiao.risk.rules.refusals import RuleTextRefused
from tiao.risk.rules.tree import Catalogue, Kind, Listings, Term

CATALOGUE = Catalogue(
    {
        term.name: term
        for term in (
            Term("amount", Kind.MONEY, 0, "transaction"),
            Term("customer.mean_amount_7", Kind.MONEY, 1, "customer"),
            Term("device.payments_1", Kind.NUMBER, 2, "device"),
            Term("customer_device.since", Kind.DURATION, 3, "device"),
            Term("is_captured", Kind.BOOLEAN, 4, "transaction"),
            Term("scene", Kind.CATEGORY, 5, "merchant", values=("books", "phones")),
            Term("device", Kind.ENTITY, 6, "device"),
        )
    },
    "CNY",
)
#: 500.00 at a bookshop, mean 100.00, 4 payments of the device today, ten minutes after the last of this customer on it.
ROW = (50_000.0, 10_000.0, 4.0, 10 / 1_440, True, "books", "d1")
LISTED: Listings = frozenset({("device", "block_list")})

HOLDS = """
amount == 500 CNY
amount >= 500.00 CNY and amount < 500.01 CNY
amount > customer.mean_amount_7 * 4
amount - customer.mean_amount_7 == 400 CNY
(amount) > 2 * (customer.mean_amount_7 + 100 CNY)
device.payments_1 > 3 and customer_device.since < 11m
not (device.payments_1 > 4)
is_captured and scene in ("books", "phones")
scene != "phones" or false
device in block_list
device not in allow_list
device is known and not device is missing
"""


@pytest.mark.parametrize("text", HOLDS.strip().splitlines())
def test_a_condition_that_holds(text: str) -> None:
    assert compiled([parse(text, CATALOGUE)])(ROW, LISTED) == [0]


MISSING = """
amount > 0 CNY
amount < 0 CNY
amount != 1 CNY
amount * 2 == amount * 2
scene == "books"
scene != "books"
scene not in ("books")
is_captured
device in block_list
"""


@pytest.mark.parametrize("text", MISSING.strip().splitlines())
def test_nothing_is_said_of_what_is_missing(text: str) -> None:
    row = (math.nan, math.nan, math.nan, math.nan, None, None, None)
    assert compiled([parse(text, CATALOGUE)])(row, frozenset()) == []
    assert compiled([parse(f"not ({text})", CATALOGUE)])(row, frozenset()) == [0]


REFUSED = """
0  a value is expected |
8  a value is expected | amount >
8  a comparison is expected: <, <=, ==, !=, >= or > | amount  500 CNY
7  money cannot be compared with number | amount > 500
13 amounts are in CNY | amount > 500 USD
9  CNY has 2 decimals | amount > 1.005 CNY
7  equality is == | amount = 500 CNY
0  there is no amuont; did you mean amount? | amuont > 5 CNY
9  scene is one of books, phones | scene == "shoes"
9  scene is a category: it is compared with a text, as in "books" | scene == 5
7  number cannot be added to money | amount + 5 > 500 CNY
7  money times money is nothing | amount * amount > 5 CNY
15 for follows where the condition is over: join parts with and, or | amount > 5 CNY for
10 known or missing is expected | amount is there
10 block_list or allow_list or watch_list is expected | device in friends
7  no such number: 15 digits, 6 decimals; a duration ends in s, m, h or d | amount>3x CNY
9  a text has no end, or is longer than 64 characters, or has a sign that no text may have | scene == "books
6  in is expected | scene > "books"
8  device is of kind entity, which is no quantity | amount>=device
12 ) is expected | (is_captured
"""


@pytest.mark.parametrize("line", REFUSED.strip().splitlines())
def test_what_is_refused_says_where_and_why(line: str) -> None:
    said, _, text = line.partition(" |")
    place, _, reason = said.partition(" ")
    with pytest.raises(RuleTextRefused) as refused:
        parse(text.removeprefix(" "), CATALOGUE)
    assert (refused.value.position, refused.value.reason) == (int(place), reason.strip())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(" * 30 + "is_captured" + ")" * 30, "within each other"),
        (" or ".join(["true"] * 140), "split it"),
        ("amount" + " + amount" * 90 + " > 5 CNY", "split it"),
        ("is_captured or " * 200 + "true", "characters"),
    ],
)
def test_what_is_too_deep_too_dear_or_too_long_is_refused(text: str, reason: str) -> None:
    with pytest.raises(RuleTextRefused, match=reason):
        parse(text, CATALOGUE)
