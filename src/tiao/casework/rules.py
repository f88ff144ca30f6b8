"""What holds in every queue: one person at a case, for a while; nobody answers what they made, or answers twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from tiao.casework.refusals import CaseClaimed, CaseClosed, CaseNotClaimed, CheckedBefore, MakerIsChecker

#: Who claims a case has it for so long; a claim may be renewed.
CLAIM = timedelta(minutes=30)


class Queued(Protocol):
    """What a queue needs to know of a case, whatever it is about."""

    @property
    def maker(self) -> str:
        """Who made it."""

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered it for good."""

    @property
    def expires_at(self) -> datetime | None:
        """When it lapses, if ever."""

    @property
    def claimed_by(self) -> str | None:
        """Who is at it."""

    @property
    def claimed_until(self) -> datetime | None:
        """Until when nobody else may be."""


class Spoken(Protocol):
    """What one person said about a case."""

    @property
    def actor(self) -> str:
        """Who it was."""


def is_claimed(case: Queued, at: datetime) -> bool:
    """Tell whether somebody is at a case: a claim that ran out is none."""
    return case.claimed_until is not None and at < case.claimed_until


def check_open(case: Queued, at: datetime) -> None:
    """Demand that a case still waits for an answer. Refuses: CaseClosed."""
    if not case.is_open or (case.expires_at is not None and at >= case.expires_at):
        raise CaseClosed


def check_checker(case: Queued, said: Iterable[Spoken], actor: str) -> None:
    """Demand another pair of eyes. Refuses: MakerIsChecker, CheckedBefore."""
    if actor == case.maker:
        raise MakerIsChecker
    if any(each.actor == actor for each in said):
        raise CheckedBefore


def check_claim(case: Queued, actor: str, at: datetime) -> None:
    """Demand that nobody else is at a case. Refuses: CaseClaimed."""
    if is_claimed(case, at) and case.claimed_by != actor:
        assert case.claimed_until is not None, "who claims says until when"
        raise CaseClaimed(claimed_until=case.claimed_until.isoformat())


def check_holds(case: Queued, actor: str, at: datetime) -> None:
    """Demand that who answers has claimed the case. Refuses: CaseNotClaimed."""
    if not is_claimed(case, at) or case.claimed_by != actor:
        raise CaseNotClaimed
