"""Every "no" of profile. That something is not known of a customer is none: it is a thin file."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class ConsentMissing(Refusal):
    """The customer does not allow this data to be kept or read for credit."""

    kind = Kind.FORBIDDEN


class SignalAheadOfTime(Refusal):
    """What is told of a customer was seen before it is told."""

    kind = Kind.INVALID
