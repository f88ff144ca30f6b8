"""Every "no" about early warning."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class WarningNotInShadow(Refusal):
    """Behavioural scores are put into shadow first, where they can be looked at; another person then lets them act."""

    kind = Kind.CONFLICT


class WarningAlreadyOff(Refusal):
    """Behavioural scores are off already."""

    kind = Kind.CONFLICT


class NothingRipe(Refusal):
    """No behavioural score is old enough for its outcome to be known; leave the scores in shadow for longer."""

    kind = Kind.CONFLICT
