"""What risk control makes of a payment."""

from __future__ import annotations

from enum import StrEnum


class RiskOutcome(StrEnum):
    """The outcome of one payment, from the mildest to the hardest."""

    APPROVE = "approve"
    #: The payment waits until the customer has confirmed it with a code.
    STEP_UP = "step_up"
    #: The payment is suspended at once and waits for a person; its hold is kept.
    REVIEW = "review"
    DECLINE = "decline"

    @property
    def severity(self) -> int:
        """Its place from the mildest on."""
        return _SEVERITY[self]


_SEVERITY = {outcome: place for place, outcome in enumerate(RiskOutcome)}


def hardest(outcomes: list[RiskOutcome]) -> RiskOutcome:
    """Give the hardest of some outcomes; none at all is an approval."""
    return max(outcomes, key=_SEVERITY.__getitem__, default=RiskOutcome.APPROVE)
