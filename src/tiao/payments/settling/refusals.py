"""Every "no" about how merchants are settled."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class SettlementTermsInvalid(Refusal):
    """Settlement terms cannot be taken over: the field named is at fault."""

    kind = Kind.INVALID


class ShareInvalid(Refusal):
    """A platform's share cannot be taken over: together shares are no more than all, and nobody shares with itself."""

    kind = Kind.INVALID


class WithdrawalExceedsBalance(Refusal):
    """There is less to be paid than was asked for."""


class WithdrawalsClosed(Refusal):
    """The day before is not settled yet; ask again in a while."""

    kind = Kind.BUSY


class WithdrawalNotOffered(Refusal):
    """The merchant is paid every day, or is suspended: nothing is paid on demand."""


class WithdrawalUnknown(Refusal):
    """There is no such withdrawal."""

    kind = Kind.NOT_FOUND
