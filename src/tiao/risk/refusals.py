"""Every "no" of the fraud models."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class StateUnreadable(Refusal):
    """The stored state of an entity was not written by this version of the features."""

    kind = Kind.INVALID
