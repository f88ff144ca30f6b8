"""Every "no" of a queue in which people decide."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class CaseUnknown(Refusal):
    """There is no such case."""

    kind = Kind.NOT_FOUND


class CaseClosed(Refusal):
    """The case has its answer, or its time has run out."""

    kind = Kind.CONFLICT


class CaseClaimed(Refusal):
    """Somebody else is at the case."""

    kind = Kind.CONFLICT


class CaseNotClaimed(Refusal):
    """Who answers a case claims it first."""

    kind = Kind.CONFLICT


class MakerIsChecker(Refusal):
    """Nobody agrees to what they themselves proposed or decided."""

    kind = Kind.FORBIDDEN


class CheckedBefore(Refusal):
    """This person has said what they think of the case; another one is needed."""

    kind = Kind.CONFLICT


class NothingToClaim(Refusal):
    """No case waits that this person may answer."""

    kind = Kind.NOT_FOUND
