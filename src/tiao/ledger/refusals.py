"""Every "no" of the ledger."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class CreditLimitExceeded(Refusal):
    """The purchase is larger than what is left of the credit limit."""

    kind = Kind.CONFLICT


class LineAlreadyOpen(Refusal):
    """The customer already has a credit line in this currency."""

    kind = Kind.CONFLICT


class LineUnknown(Refusal):
    """There is no such credit line."""

    kind = Kind.NOT_FOUND


class PostingDiffers(Refusal):
    """A posting with this id was booked before with other content."""

    kind = Kind.CONFLICT
