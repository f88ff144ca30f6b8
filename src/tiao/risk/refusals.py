"""Every "no" of the fraud models."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class StateUnreadable(Refusal):
    """The stored state of an entity was not written by this version of the features."""

    kind = Kind.INVALID


class EntityInvalid(Refusal):
    """The value does not name what it is said to name."""

    kind = Kind.INVALID


class ListEntryUnknown(Refusal):
    """There is no such entry of a list."""

    kind = Kind.NOT_FOUND


class ListEntryExists(Refusal):
    """The value is on this list already."""

    kind = Kind.CONFLICT


class ListEntryEnded(Refusal):
    """The entry has ended and can no longer come into force."""

    kind = Kind.CONFLICT


class ListEntryExpiryInvalid(Refusal):
    """An entry ends, and not too far ahead; the facts say how far."""

    kind = Kind.INVALID


class ListMakerIsChecker(Refusal):
    """Somebody else has to agree to what is allowed."""

    kind = Kind.FORBIDDEN


class CaseAssigned(Refusal):
    """The case is somebody else's."""

    kind = Kind.CONFLICT


class PaymentNotReportable(Refusal):
    """There is no payment of the customer's to report, or it was reported too late."""

    kind = Kind.NOT_FOUND


class RiskCaseExists(Refusal):
    """This is looked into already."""

    kind = Kind.CONFLICT


class RiskDecisionUnknown(Refusal):
    """Risk control made no decision about this purchase."""

    kind = Kind.NOT_FOUND


class ModelOfOtherFeatures(Refusal):
    """The model reads other features than the live path knows, or by another definition."""

    kind = Kind.INVALID


class ModelScoredNothing(Refusal):
    """The model scored nothing in this time, or its training kept nothing to compare with."""

    kind = Kind.NOT_FOUND


class ModelUnproven(Refusal):
    """Too little is known of what the model scored in shadow."""

    kind = Kind.CONFLICT


class ModelRanksWorse(Refusal):
    """The model in shadow ranks what is known by now worse than what decided."""

    kind = Kind.CONFLICT
