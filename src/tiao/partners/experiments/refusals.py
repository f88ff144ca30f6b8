"""Every "no" about experiments."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class ExperimentUnknown(Refusal):
    """The merchant has no such experiment."""

    kind = Kind.NOT_FOUND


class ExperimentEnded(Refusal):
    """The experiment has ended: what is observed now is not of it."""

    kind = Kind.GONE
