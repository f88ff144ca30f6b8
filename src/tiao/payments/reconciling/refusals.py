"""Every "no" of reconciling."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class DifferenceUnknown(Refusal):
    """There is no such difference."""

    kind = Kind.NOT_FOUND


class DifferenceClosed(Refusal):
    """The difference is closed."""

    kind = Kind.CONFLICT


class EndingNotAllowed(Refusal):
    """A difference of this kind, as it stands, cannot be ended like this."""

    kind = Kind.CONFLICT


class NothingProposed(Refusal):
    """Nobody has proposed how to end this difference."""

    kind = Kind.CONFLICT


class ChannelDayNotOver(Refusal):
    """The day is not over; its file cannot be complete."""

    kind = Kind.CONFLICT


class ChannelFileRepeated(Refusal):
    """The file of another day came again: this day's has still to come."""

    kind = Kind.INVALID


class ChannelFileAtOdds(Refusal):
    """The file does not come to what the bank's statement says; it may have been cut short."""

    kind = Kind.INVALID
