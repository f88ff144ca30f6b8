"""At which hour a bill is debited, and why: agreed days first, then the likeliest hours that are left."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tiao.servicing.timing.model import Because, Bill, Ended, Past, Tried
from tiao.servicing.timing.rules import Payer, asked_minor, decide, ended, shipped

ZONE = ZoneInfo("Asia/Shanghai")
LEARNED = shipped().policies["learned"]
DUE = date(2026, 6, 12)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE)


def bill(*tried: tuple[str, Ended], past: tuple[Past, ...] = ()) -> Bill:
    return Bill(DUE, tuple(Tried(at(when), how) for when, how in tried), past)


def hours_tried(one: Bill, days: int = 12) -> list[str]:
    """Live through the hours from before the bill on; every try fails for want of money."""
    found = []
    start = datetime.combine(DUE - timedelta(days=2), datetime.min.time(), ZONE)
    for hour in range(24 * days):
        now = start + timedelta(hours=hour)
        if now.hour in LEARNED.hours and decide("learned", LEARNED, one, now, offset_days=-1):
            found.append(now.strftime("%m-%dT%H"))
            one = Bill(DUE, (*one.tried, Tried(now, Ended.NO_MONEY)), (*one.past, Past(now, is_paid=False)))
    return found


def paid_on(day: int, months: int = 6) -> tuple[Past, ...]:
    """Somebody whose debits fail before a day of the month and are paid on it."""
    past = []
    for month in range(6 - months, 6):
        past += [
            Past(at(f"{month:02}-{day - 2:02}T18:00"), is_paid=False),
            Past(at(f"{month:02}-{day:02}T18:00"), is_paid=True),
        ]
    return tuple(past)


def test_a_bill_is_tried_on_both_agreed_days_and_never_more_often_than_the_policy_says() -> None:
    hours = hours_tried(bill())
    days = [each[:5] for each in hours]
    assert {"06-11", "06-12"} <= set(days)
    assert len(hours) == LEARNED.tries_a_bill
    assert max(days.count(each) for each in days) <= LEARNED.tries_a_day
    assert min(days) == "06-11"
    assert max(days) <= "06-19"


def test_somebody_paid_on_the_fifteenth_is_tried_again_then() -> None:
    one = bill(("06-11T08:00", Ended.NO_MONEY), ("06-12T08:00", Ended.NO_MONEY), past=paid_on(15, 5))
    assert decide("learned", LEARNED, one, at("06-14T08:00"), offset_days=-1) is None
    why = decide("learned", LEARNED, one, at("06-15T12:00"), offset_days=-1)
    assert why is not None
    assert (why.because, why.salary[0].day, why.last) == (Because.LIKELY, 15, Ended.NO_MONEY)
    assert why.salary[0].share > 0.4
    assert why.likely > 0.7


def test_what_is_learned_moves_the_belief_to_the_day_that_pays() -> None:
    before = Payer(LEARNED, (), at("06-01T08:00")).salary
    after = Payer(LEARNED, paid_on(23, 5), at("06-01T08:00")).salary
    assert after[23] > 5 * before[23]
    assert sum(after) == pytest.approx(1)


#: what was tried, now, whether it is tried
CASES = [
    ((), "06-10T08:00", False),  # before the agreed days
    ((), "06-11T08:00", True),
    ((("06-11T08:00", Ended.OPEN),), "06-12T08:00", False),  # nobody knows yet: never a second one
    ((("06-11T08:00", Ended.NEVER),), "06-12T08:00", False),  # asking again changes nothing
    ((("06-11T08:00", Ended.NO_MONEY),), "06-11T09:30", False),  # the same hour, run again
    ((("06-11T08:00", Ended.LIMIT),), "06-11T12:00", False),  # a limit is another day's
    ((("06-11T08:00", Ended.NO_MONEY),), "06-12T10:00", True),  # between two hours the one before counts
    ((("06-11T08:00", Ended.NO_MONEY),), "06-20T08:00", False),  # past the last day
]


@pytest.mark.parametrize(("tried", "now", "is_tried"), CASES)
def test_an_hour_is_used_or_left(tried: tuple[tuple[str, Ended], ...], now: str, *, is_tried: bool) -> None:
    first_hour_only = msgspec.structs.replace(LEARNED, learns=False)
    why = decide("x", first_hour_only, bill(*tried), at(now), offset_days=-1)
    assert (why is not None) is is_tried


def test_less_is_asked_after_two_failures_for_want_of_money_and_all_again_after_a_success() -> None:
    failed = (("06-11T08:00", Ended.NO_MONEY), ("06-12T08:00", Ended.NO_MONEY))
    always = msgspec.structs.replace(LEARNED, learns=False)
    why = decide("x", always, bill(*failed), at("06-13T08:00"), offset_days=-1)
    assert why is not None
    assert [asked_minor(LEARNED, why, due) for due in (100_001, 8_000, 4_000)] == [50_001, 5_000, 4_000]
    then = decide("x", always, bill(*failed, ("06-13T08:00", Ended.PAID)), at("06-14T08:00"), offset_days=-1)
    assert then is not None
    assert asked_minor(LEARNED, then, 100_001) == 100_001


@pytest.mark.parametrize(
    ("state", "code", "meaning"),
    [
        ("succeeded", None, Ended.PAID),
        ("unknown", "timed_out", Ended.OPEN),
        ("failed", "insufficient_funds", Ended.NO_MONEY),
        ("failed", "limit_exceeded", Ended.LIMIT),
        ("failed", "frequency_exceeded", Ended.LIMIT),
        ("failed", "maintenance", Ended.TECHNICAL),
        ("failed", "account_frozen", Ended.NEVER),
        ("failed", "brand_new", Ended.NEVER),
    ],
)
def test_a_code_says_what_may_follow(state: str, code: str | None, meaning: Ended) -> None:
    assert ended(state, code) is meaning
