"""Why no routing can be simulated. The codes are those that checkers of `tiao route` expect."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class BadScenario(Refusal):
    """The scenario cannot be read, or contradicts itself."""

    kind = Kind.INVALID


class UnknownPolicy(Refusal):
    """No routing policy has this name."""

    kind = Kind.INVALID
