"""What is decided about the hour of a debit: whether now is one of the best that are left, and why. Pure.

Money is thought to come on one day of the month and to be spent after it. Which day that is, is learned from the
customer's own debits: each that was paid, or failed for want of money, makes some days likelier than others.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files

import msgspec

from tiao.payments.routing.tables import Again, meaning_of
from tiao.servicing.timing.model import Because, Bill, Ended, Past, SalaryDay, Timing, Timings, Tried, Why

#: Day 0 stands for money that comes on no day of its own; day 31 for the last day of a month.
_DAYS = range(32)
_NO_DAY_SHARE = 0.1
#: What is older says little of the present salary.
REMEMBERED = timedelta(days=400)
#: However likely, an hour may fail; nothing is ever impossible.
_LEAST, _MOST = 0.02, 0.98
_SHOWN = 3
#: How much a failure for want of money takes off an hour right after it, while no salary has come.
_EMPTY = 0.9
_DAY_SECONDS = 86_400


@cache
def shipped() -> Timings:
    """Read the policies that ship."""
    return msgspec.yaml.decode((files("tiao.servicing.timing") / "policies.yaml").read_bytes(), type=Timings)


def ended(state: str, code: str | None) -> Ended:
    """Tell what became of a debit, from its state and code."""
    if state in {"created", "unknown"}:
        return Ended.OPEN
    if state == "succeeded":
        return Ended.PAID
    if code == "insufficient_funds":
        return Ended.NO_MONEY
    meaning = meaning_of(code or "")
    if meaning.again is Again.NEVER:
        return Ended.NEVER
    return Ended.TECHNICAL if meaning.is_channels else Ended.LIMIT


def decide(
    name: str, timing: Timing, bill: Bill, now: datetime, *, offset_days: int, payer: Payer | None = None
) -> Why | None:
    """Say why a bill is to be tried in the present hour; None when another hour is better, or none is left.

    *now*: in the programme's own time; between two of the policy's hours the one before counts. *offset_days*: how long
    before the due date the first try is agreed to, as a negative number of days. *payer*: what is known of the
    customer, if it was worked out before.
    """
    today, tried = now.date(), bill.tried
    first_on = bill.due_on + timedelta(days=offset_days)
    if not first_on <= today or any(each.ended in {Ended.OPEN, Ended.NEVER} for each in tried):
        return None
    left = timing.tries_a_bill - len(tried)
    slots = [each for each in _slots(timing, bill, now, first_on) if _is_free(timing, tried, each)]
    present = _hour(timing, now)
    if left <= 0 or not slots or slots[0] != present:
        return None
    payer = payer or Payer(timing, bill.past, now)
    agreed = today in {first_on, bill.due_on} and not any(each.at.date() == today for each in tried)
    ahead = [each for each in slots if each.date() == today] if agreed else slots
    worth = {each: payer.likely(each) * _kept_of(timing, bill, each) for each in ahead}
    if not timing.learns:
        worth = dict.fromkeys(ahead, 1.0)
    # Tries that are agreed to on days to come are kept for them.
    kept = sum(1 for day in {first_on, bill.due_on} if day > today)
    if present not in _best(timing, tried, worth, 1 if agreed else left - kept):
        return None
    because = Because.LIKELY
    if agreed:
        because = Because.DUE_DAY if today == bill.due_on else Because.DAY_BEFORE
    later = sorted((each for each in slots if each > present), key=lambda each: -payer.likely(each))[:_SHOWN]
    return Why(
        policy=name,
        because=because,
        try_number=len(tried) + 1,
        tries_left=left - 1,
        likely=round(payer.likely(present), 3),
        last=tried[-1].ended if tried else None,
        salary=payer.likeliest(),
        later=tuple((each.isoformat(timespec="minutes"), round(payer.likely(each), 3)) for each in later),
        learned_from=payer.learned_from,
        asked_share=_asked_share(timing, tried),
    )


def asked_minor(timing: Timing, why: Why, due_minor: int) -> int:
    """Tell how much is asked where less than all may be. Rounds: up to whole minor units."""
    if timing.partial is None or why.asked_share >= 1:
        return due_minor
    return min(due_minor, max(math.ceil(due_minor * why.asked_share), timing.partial.least_minor))


class Payer:
    """What a customer's debits say about when there is money; worked out once, asked for many hours."""

    def __init__(self, timing: Timing, past: tuple[Past, ...], now: datetime) -> None:
        self._timing = timing
        known = [each for each in past if now - each.at <= REMEMBERED]
        self._before = known[-1] if known else None
        self.learned_from = len(known)
        self.salary = self._salary_days(known)
        self._likely: dict[datetime, float] = {}

    def likely(self, at: datetime) -> float:
        """Say how likely the account holds the bill at an hour."""
        found = self._likely.get(at)
        if found is None:
            held = self._held(self._before, at)
            found = self._likely[at] = sum(share * each for share, each in zip(self.salary, held, strict=True))
        return found

    def likeliest(self) -> tuple[SalaryDay, ...]:
        """Name the days on which money most likely comes."""
        best = sorted(_DAYS[1:], key=lambda day: -self.salary[day])[:_SHOWN]
        return tuple(SalaryDay(day, round(self.salary[day], 3)) for day in best)

    def _salary_days(self, past: list[Past]) -> list[float]:
        """Say how likely money comes on each day of the month. *Shape*: 32; the first stands for no day of its own."""
        timing = self._timing
        named = sum(timing.salary_days.values())
        rest = max(1 - named - _NO_DAY_SHARE, 0.0) / (31 - len(timing.salary_days))
        weights = [_NO_DAY_SHARE] + [max(timing.salary_days.get(day, rest), 1e-6) for day in _DAYS[1:]]
        before = None
        for one in past:
            held = self._held(before, one.at)
            weights = [weight * (each if one.is_paid else 1 - each) for weight, each in zip(weights, held, strict=True)]
            total = sum(weights)
            weights = [weight / total for weight in weights]
            before = one
        return weights

    def _held(self, before: Past | None, at: datetime) -> list[float]:
        """Say how likely there is money, for each day on which it may come, given how the debit before went."""
        timing = self._timing
        gain, spent = timing.just_paid - timing.long_after, timing.spent_after_days
        since = _days_since(at, timing.salary_hour)
        held = [timing.long_after + gain * math.exp(-each / spent) for each in since]
        held[0] = (timing.just_paid + timing.long_after) / 2
        if before is not None and not before.is_paid:
            empty = (at - before.at).total_seconds() / _DAY_SECONDS
            factor = 1 - _EMPTY * math.exp(-empty / timing.empty_for_days)
            held = [each * factor if since[day] > empty or day == 0 else each for day, each in enumerate(held)]
        return [min(max(each, _LEAST), _MOST) for each in held]


def _days_since(at: datetime, hour: int) -> list[float]:
    """Tell how many days ago money last came that comes on each day of the month. *Shape*: 32, the first unused."""
    length = monthrange(at.year, at.month)[1]
    before = monthrange(at.year - (at.month == 1), (at.month - 2) % 12 + 1)[1]
    part = (at.hour - hour) / 24
    found = [0.0]
    for day in _DAYS[1:]:
        since = at.day - min(day, length) + part
        found.append(since if since >= 0 else at.day + before - min(day, before) + part)
    return found


def _slots(timing: Timing, bill: Bill, now: datetime, first_on: date) -> Iterator[datetime]:
    """List the hours from now on at which the bill may be tried."""
    day, present = max(now.date(), first_on), _hour(timing, now)
    while day <= bill.due_on + timedelta(days=timing.days_after_due):
        for hour in sorted(timing.hours):
            at = datetime.combine(day, time(hour), now.tzinfo)
            if at >= present:
                yield at
        day += timedelta(days=1)


def _is_free(timing: Timing, tried: tuple[Tried, ...], at: datetime) -> bool:
    """Tell whether an hour keeps the day's cap and the distance to the tries before it."""
    today = [each for each in tried if each.at.date() == at.date()]
    if len(today) >= timing.tries_a_day or any(each.ended is Ended.LIMIT for each in today):
        return False
    gap = timedelta(hours=timing.gap_hours)
    return all(each.ended is Ended.TECHNICAL or at - _hour(timing, each.at) >= gap for each in tried)


def _best(timing: Timing, tried: tuple[Tried, ...], worth: dict[datetime, float], count: int) -> set[datetime]:
    """Take the hours that are worth most, so many and not too many on a day; of equals the earlier."""
    taken: set[datetime] = set()
    for at in sorted(worth, key=lambda each: (-worth[each], each)):
        if len(taken) >= count:
            break
        same_day = sum(1 for each in taken if each.date() == at.date())
        if same_day + sum(1 for each in tried if each.at.date() == at.date()) < timing.tries_a_day:
            taken.add(at)
    return taken


def _asked_share(timing: Timing, tried: tuple[Tried, ...]) -> float:
    """Tell what part is asked after failures for want of money; a success begins anew."""
    if timing.partial is None:
        return 1.0
    failures = 0
    for each in tried:
        failures = 0 if each.ended is Ended.PAID else failures + (each.ended is Ended.NO_MONEY)
    return timing.partial.share ** max(failures - timing.partial.after_failures + 1, 0)


def _kept_of(timing: Timing, bill: Bill, at: datetime) -> float:
    """Tell what is left of a try's worth when it comes late."""
    return (1 - timing.late_a_day) ** max((at.date() - bill.due_on).days, 0)


def _hour(timing: Timing, now: datetime) -> datetime:
    """Find the policy's hour that an instant belongs to: the latest of the day so far, else the instant's own."""
    hour = max((each for each in timing.hours if each <= now.hour), default=now.hour)
    return now.replace(hour=hour, minute=0, second=0, microsecond=0)
