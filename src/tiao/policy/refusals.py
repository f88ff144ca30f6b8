"""What can be wrong with a policy pack, and what its rules refuse."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class PolicyPackInvalid(Refusal):
    """The policy pack has faults and cannot be used."""

    kind = Kind.INVALID

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults), faults=len(faults))
        self.faults = tuple(faults)


class PolicyValueMissing(Refusal):
    """No policy row answers for this lender on this date."""

    kind = Kind.INVALID


class PolicyOverrideRefused(Refusal):
    """The override does not name a rule that may be overridden, or lacks who, why or until when."""

    kind = Kind.INVALID
