"""Whether somebody may be spoken to about a debt now, and what became of a promise: pure."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from tiao.policy.conduct import check_contact_attempt, check_contact_time
from tiao.policy.pack import Pack
from tiao.policy.refusals import ContactInQuietHours
from tiao.servicing.collecting.model import Blocker, ContactOutcome, Guards, LateLine, PromiseState, Said
from tiao.servicing.collecting.refusals import CollectingBarred, PromiseIncomplete


def guards_of(at: datetime, *, zone: ZoneInfo, pack: Pack, lender_type: str) -> Guards:
    """Say what holds for contacts at an instant. Source: policy `collect.*`."""
    today = at.astimezone(zone).date()
    quiet = pack.find("collect.quiet_hours", on=today, lender_type=lender_type)
    most = pack.find("collect.max_attempts_per_contact_day", on=today, lender_type=lender_type)
    barring = pack.find("collect.blockers", on=today, lender_type=lender_type)
    hours = quiet.value if quiet is not None and isinstance(quiet.value, dict) else None
    listed = barring.value if barring is not None and isinstance(barring.value, list | tuple) else ()
    return Guards(
        quiet_from=None if hours is None else time.fromisoformat(hours["from"]),
        quiet_to=None if hours is None else time.fromisoformat(hours["to"]),
        is_quiet=_is_quiet(at, zone=zone, pack=pack, lender_type=lender_type),
        attempts_max=most.value if most is not None and isinstance(most.value, int) else None,
        blockers=tuple(str(each) for each in listed),
    )


def blocked_by(line: LateLine, guards: Guards) -> list[Blocker]:
    """Name what bars collecting from a line, of what the rules bar and this platform knows."""
    known = {Blocker.DISPUTE: line.has_dispute, Blocker.HARDSHIP_PLAN: line.has_hardship_plan}
    return [blocker for blocker, holds in known.items() if holds and blocker in guards.blockers]


def check_contact(line: LateLine, said: Said, at: datetime, *, zone: ZoneInfo, pack: Pack, lender_type: str) -> None:
    """Decide whether a contact may be made now.

    Refuses: CollectingBarred, ContactInQuietHours, ContactAttemptsExhausted, PromiseIncomplete.
    """
    today = at.astimezone(zone).date()
    barring = blocked_by(line, guards_of(at, zone=zone, pack=pack, lender_type=lender_type))
    if barring:
        raise CollectingBarred(f"barred by {', '.join(barring)}", blockers=", ".join(barring))
    check_contact_time(at, zone=zone, has_consent=False, pack=pack, lender_type=lender_type)
    check_contact_attempt(line.unanswered + 1, on=today, pack=pack, lender_type=lender_type)
    promises = said.promise_minor is not None and said.promise_on is not None and said.promise_on >= today
    names_none = said.promise_minor is None and said.promise_on is None
    if not (promises if said.outcome is ContactOutcome.PROMISED else names_none):
        raise PromiseIncomplete(pointer="/promise_minor")


def promise_state(promise_minor: int, promise_on: date, *, paid_minor: int, today: date) -> PromiseState:
    """Say what became of a promise."""
    if paid_minor >= promise_minor:
        return PromiseState.KEPT
    return PromiseState.BROKEN if today > promise_on else PromiseState.OPEN


def _is_quiet(at: datetime, *, zone: ZoneInfo, pack: Pack, lender_type: str) -> bool:
    try:
        check_contact_time(at, zone=zone, has_consent=False, pack=pack, lender_type=lender_type)
    except ContactInQuietHours:
        return True
    return False
