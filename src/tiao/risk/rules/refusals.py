"""Every "no" about rules."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class RuleTextRefused(Refusal):
    """The condition of a rule is not one: *position* says where, counted from 0, *reason* why."""

    kind = Kind.INVALID

    def __init__(self, reason: str, position: int, *, rule: str = "") -> None:
        super().__init__(
            f"{rule + ': ' if rule else ''}at {position}: {reason}", pointer="/when", position=position, reason=reason
        )
        self.reason = reason
        self.position = position


class RuleSetRefused(Refusal):
    """A rule set as a whole cannot be used."""

    kind = Kind.INVALID
