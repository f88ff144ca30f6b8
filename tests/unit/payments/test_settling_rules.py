"""Which terms hold, which may be agreed, and what platforms may share."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from tiao.payments.settling.model import NewTerms, Schedule, Share, Terms
from tiao.payments.settling.refusals import SettlementTermsInvalid, ShareInvalid, WithdrawalExceedsBalance
from tiao.payments.settling.rules import DEFAULT, check_share, check_terms, check_withdrawal, terms_on

AT = datetime(2026, 3, 1, tzinfo=UTC)
TODAY = date(2026, 3, 1)
MERCHANT, ONE, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


def terms(from_on: str, schedule: Schedule) -> Terms:
    return Terms(MERCHANT, date.fromisoformat(from_on), schedule, Decimal(0), 0, "a", "b", AT)


def share(platform: UUID, from_on: str, rate: str) -> Share:
    return Share(platform, MERCHANT, date.fromisoformat(from_on), Decimal(rate), "a", "b", AT)


def test_the_latest_terms_that_have_begun_hold() -> None:
    known = [terms("2026-03-10", Schedule.ON_DEMAND), terms("2026-03-01", Schedule.DAILY)]
    found = [terms_on(known, date(2026, 3, day)).schedule for day in (1, 9, 10, 31)]
    assert found == [Schedule.DAILY, Schedule.DAILY, Schedule.ON_DEMAND, Schedule.ON_DEMAND]
    assert terms_on(known, date(2026, 2, 28)) == DEFAULT


TERMS = """
# rate       days  from        is
  0          0     2026-03-01  fine
  0.1        30    2026-03-01  fine
  0.000001   1     2026-04-01  fine
  0.1        0     2026-03-01  wrong
  0          30    2026-03-01  wrong
  1          30    2026-03-01  wrong
  -0.1       30    2026-03-01  wrong
  0.0000001  30    2026-03-01  wrong
  0.1        367   2026-03-01  wrong
  0.1        30    2026-02-28  wrong
"""


@pytest.mark.parametrize("row", [line.split() for line in TERMS.splitlines() if line.strip() and "#" not in line])
def test_a_reserve_is_a_share_for_some_days_from_today_on(row: list[str]) -> None:
    rate, days, from_on, verdict = row
    new = NewTerms(Schedule.DAILY, Decimal(rate), int(days))
    if verdict == "fine":
        check_terms(new, from_on=date.fromisoformat(from_on), today=TODAY)
    else:
        with pytest.raises(SettlementTermsInvalid):
            check_terms(new, from_on=date.fromisoformat(from_on), today=TODAY)


SHARES = """
# other from  rate   asked from  rate      is
  2026-03-01  0.4    2026-03-01  0.6       fine
  2026-03-01  0.4    2026-03-01  0.600001  wrong
  2026-04-01  0.7    2026-03-01  0.4       wrong
  2026-04-01  0.7    2026-03-01  0.3       fine
  2026-03-01  0.4    2026-02-28  0.1       wrong
  2026-03-01  0.4    2026-03-01  -0.1      wrong
  2026-03-01  0.4    2026-03-01  0.1234567 wrong
"""


@pytest.mark.parametrize("row", [line.split() for line in SHARES.splitlines() if line.strip() and "#" not in line])
def test_shares_together_are_never_more_than_all_on_any_day_to_come(row: list[str]) -> None:
    other_from, other, asked_from, asked, verdict = row
    known = [share(OTHER, other_from, other)]
    said = {
        "platform_id": ONE,
        "merchant_id": MERCHANT,
        "share_rate": Decimal(asked),
        "from_on": date.fromisoformat(asked_from),
    }
    if verdict == "fine":
        check_share(known, **said, today=TODAY)
    else:
        with pytest.raises(ShareInvalid):
            check_share(known, **said, today=TODAY)


@pytest.mark.parametrize(("amount", "unpaid", "is_fine"), [(1, 1, True), (2, 1, False), (0, 1, False), (1, -5, False)])
def test_nothing_is_withdrawn_that_is_not_there(amount: int, unpaid: int, is_fine: bool) -> None:  # noqa: FBT001  a table
    if is_fine:
        check_withdrawal(amount, available_minor=unpaid)
    else:
        with pytest.raises(WithdrawalExceedsBalance):
            check_withdrawal(amount, available_minor=unpaid)
