"""A month's statement: every kind of posting stands in one line, and the lines add up."""

import csv
from datetime import date
from io import StringIO
from uuid import UUID

import pytest

from tiao.reports.merchant_months import Month, Moved, Stood, file_of, month_after, month_begins, statement_of

NOTHING = Stood(0, 0, 0, 0)
#: What each kind of posting, moving the account by a hundred, is said to be, and whether it is part of the net.
KINDS = """
  merchant_adjusted      adjusted         net
  something_by_hand      adjusted         net
  income_shared          income           net
  share_given            shared           net
  share_returned         shared           net
  kept_for_sharing       shared           net
  released_from_sharing  shared           net
  dispute_held           disputed         net
  dispute_released       disputed         net
  reserve_moved          reserved         net
  payout_returned        returned         way
  settlement_forwarded   between_servers  way
  settlement_gathered    between_servers  way
"""


def moved(kind: str, moved_minor: int) -> Moved:
    return Moved(kind, 1, moved_minor, moved_minor, 0, 0)


@pytest.mark.parametrize(("kind", "line", "side"), [tuple(each.split()) for each in KINDS.strip().splitlines()])
def test_what_moves_the_account_stands_in_one_line(kind: str, line: str, side: str) -> None:
    said = statement_of(Month(NOTHING, [moved(kind, -100)], Stood(-100, 0, 0, 0)))
    assert getattr(said, f"{line}_minor") == -100
    assert said.net_minor == (-100 if side == "net" else 0)
    assert said.closing_minor == -100


def test_a_net_is_made_of_every_line_above_it() -> None:
    sale = Moved("purchase_captured", 2, 9_300, 10_000, 600, 100)
    back = Moved("refund_given", 1, -2_950, -3_000, 0, -50)
    others = [moved("dispute_held", -1_000), moved("reserve_moved", -500), moved("share_given", -200)]
    paid = [moved("settlement_paid", -3_000), moved("settlement_withdrawn", -50)]
    closing = Stood(10 + 9_300 - 2_950 - 1_700 - 3_050, 500, 1_000, 0)
    said = statement_of(Month(Stood(10, 0, 0, 0), [sale, back, *others, *paid], closing))
    assert (said.gross_minor, said.discount_minor, said.subsidy_minor, said.refunded_minor) == (10_000, 600, 50, 3_000)
    assert said.net_minor == 10_000 - 600 - 50 - 3_000 - 1_000 - 500 - 200
    assert (said.paid_minor, said.opening_minor + said.net_minor - said.paid_minor) == (3_050, said.closing_minor)


def test_books_that_do_not_say_what_moved_are_no_statement() -> None:
    with pytest.raises(AssertionError, match="moved by 1"):
        statement_of(Month(NOTHING, [], Stood(1, 0, 0, 0)))


def test_a_file_has_its_lines_in_the_order_of_the_sum() -> None:
    said = statement_of(Month(NOTHING, [moved("dispute_held", -100)], Stood(-100, 0, 100, 0)))
    file = file_of(UUID(int=1), month_begins(date(2026, 9, 17)), said)
    lines = [row["line"] for row in csv.DictReader(StringIO(file.content.decode()))]
    assert lines.index("disputed_minor") < lines.index("net_minor") < lines.index("paid_minor")
    assert file.name == "statement-2026-09-00000000.csv"
    assert month_after(date(2026, 12, 5)) == date(2027, 1, 1)
