"""Every "no" about disputes."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class DisputeUnknown(Refusal):
    """There is no such dispute."""

    kind = Kind.NOT_FOUND


class DisputeAlreadyOpen(Refusal):
    """A dispute about this purchase is open already."""


class DisputeClosed(Refusal):
    """The dispute is over."""


class DisputeExceedsPurchase(Refusal):
    """More is disputed than was captured and not given back."""

    kind = Kind.INVALID


class DisputeWindowClosed(Refusal):
    """Purchases of so long ago cannot be disputed any more."""


class AwardInvalid(Refusal):
    """No more can be awarded than is disputed."""

    kind = Kind.INVALID


class EvidenceTooLate(Refusal):
    """The time for evidence is over."""


class EvidenceFileInvalid(Refusal):
    """The file is empty, too large, or of a kind that is not taken."""

    kind = Kind.INVALID


class EvidenceTooMuch(Refusal):
    """The dispute holds as much as it can."""


class EvidenceUnknown(Refusal):
    """There is no such file in this dispute."""

    kind = Kind.NOT_FOUND
