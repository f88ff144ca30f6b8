"""Each fold, on a few facts that can be checked by hand."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from tiao.profile import rules
from tiao.profile.catalogue import FEATURES, VERSION, set_version
from tiao.profile.model import Event, Kind, Source

D = date(2026, 3, 1)
#: day of the fact from D, kind, amount, label, due day from D, day on which it was known from D
FACTS = (
    (0, Kind.APPLIED, 800_000, "", None, 0),
    (0, Kind.BOUND, 0, "bank", None, 0),
    (1, Kind.BOUGHT, 10_000, "a", None, 1),
    (2, Kind.BOUGHT, 30_000, "b", None, 2),
    (2, Kind.DECLINED, 90_000, "b", None, 2),
    (10, Kind.RETURNED, 10_000, "a", None, 10),
    (31, Kind.BILLED, 30_000, "", 40, 31),
    (41, Kind.DEBIT_FAILED, 30_000, "", None, 41),
    (45, Kind.DEBITED, 30_000, "", None, 45),
    (45, Kind.REPAID, 30_000, "debit", None, 45),
    (50, Kind.BOUGHT, 5_000, "a", None, 50),
    (62, Kind.BILLED, 5_000, "", 71, 62),
    (70, Kind.REPAID, 5_000, "debit", None, 72),
)
ASKED = """
# feature                 day10   day42   day46   day72   day95
  bought_30d              40000   0       0       5000    0
  purchases_90d           2       2       2       3       1
  largest_purchase_90d    30000   30000   30000   30000   5000
  merchants_90d           2       2       2       2       1
  returned_share_90d      250000  250000  250000  222222  2000000
  declined_purchases_30d  1       0       0       0       0
  days_since_purchase     8       40      44      22      45
  days_a_customer         9       41      45      71      94
  repaid_90d              -       -       30000   35000   35000
  on_time_share_180d      -       0       0       500000  500000
  longest_delay_180d      -       2       5       5       5
  overdue_now             0       30000   0       0       0
  debits_failed_30d       -       1       1       0       0
  debit_failure_share_90d -       1000000 500000  500000  500000
  accounts_bound_365d     1       1       1       1       1
  income                  800000  800000  800000  800000  800000
  applications_90d        1       1       1       1       0
  partner_tenure_days     -       -       -       -       -
"""


def known_by(day: int) -> list[Event]:
    return [
        Event(
            kind,
            UUID(int=number + 1),
            D + timedelta(days=on),
            datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=known),
            amount,
            label,
            None if due is None else D + timedelta(days=due),
        )
        for number, (on, kind, amount, label, due, known) in enumerate(FACTS)
        if known <= day
    ]


@pytest.mark.parametrize("row", [line.split() for line in ASKED.strip().splitlines()[1:]], ids=lambda row: row[0])
def test_a_feature_says_what_can_be_counted_by_hand(row: list[str]) -> None:
    name, *expected = row
    for day, told in zip((10, 42, 46, 72, 95), expected, strict=True):
        state = rules.folded(rules.start(), known_by(day))
        values, _ = rules.step(state, rules.Ask(D + timedelta(days=day), frozenset(Source)))
        assert values[name] == (None if told == "-" else int(told)), f"day {day}"


def test_a_repayment_counts_for_its_day_from_the_instant_it_was_known() -> None:
    """Paid on day 70, known on day 72: until then the bill of day 71 is late, afterwards it never was."""
    for known, on_time in ((71, 0), (72, 500_000)):
        state = rules.folded(rules.start(), known_by(known))
        values, _ = rules.step(state, rules.Ask(D + timedelta(days=72), frozenset(Source)))
        assert values["on_time_share_180d"] == on_time


def test_every_feature_is_described_and_named_once() -> None:
    assert len({each.name for each in FEATURES}) == len(FEATURES)
    assert {each.source for each in FEATURES} == set(Source)
    for each in FEATURES:
        assert each.says.endswith(".")
        assert each.null_means
        assert each.version >= 1
    assert set_version() == VERSION
