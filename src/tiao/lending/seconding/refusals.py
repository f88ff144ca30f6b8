"""Every "no" about money that takes two people."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class AmountTakesTwoPeople(Refusal):
    """From this amount on, counted over a day, one person proposes and another agrees."""

    kind = Kind.FORBIDDEN


class MoneyProposalUnknown(Refusal):
    """There is no such proposal about a line."""

    kind = Kind.NOT_FOUND


class MoneyProposalDecided(Refusal):
    """The proposal about a line was decided already."""

    kind = Kind.CONFLICT


class RepaymentAlreadyProposed(Refusal):
    """Somebody has proposed to take this repayment back, and nobody has decided yet."""

    kind = Kind.CONFLICT


class OwnMoneyProposal(Refusal):
    """Who proposed to move money on a line cannot agree to it: another person must."""

    kind = Kind.FORBIDDEN
