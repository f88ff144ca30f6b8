"""Why the engine says no: the document is malformed, the terms cannot be planned, or an entry cannot be replayed."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class ScheduleInputMalformed(Refusal):
    """The document does not have the agreed form."""

    kind = Kind.INVALID


class ScheduleFieldUnknown(Refusal):
    """The document has a field that nobody reads."""

    kind = Kind.INVALID


class ScheduleAmountInvalid(Refusal):
    """An amount is not a decimal string with the currency's digits, or out of range."""

    kind = Kind.INVALID


class ScheduleRateInvalid(Refusal):
    """A rate or share is not a decimal string within its range."""

    kind = Kind.INVALID


class ScheduleTermsImpossible(Refusal):
    """The terms contradict each other or cannot be planned."""

    kind = Kind.INVALID


class ScheduleDayImpossible(Refusal):
    """A day lies outside the loan."""

    kind = Kind.INVALID


class ScheduleTransactionDuplicate(Refusal):
    """Two transactions carry the same id."""

    kind = Kind.INVALID


class ScheduleReversalImpossible(Refusal):
    """The reversal names nothing that can be undone."""

    kind = Kind.INVALID
