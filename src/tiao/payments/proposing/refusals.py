"""Every "no" about proposals."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class ProposalUnknown(Refusal):
    """There is no such proposal."""

    kind = Kind.NOT_FOUND


class ProposalDecided(Refusal):
    """The proposal was decided already."""


class OwnProposal(Refusal):
    """Who proposed something cannot agree to it: another person must."""

    kind = Kind.FORBIDDEN


class ProposalInvalid(Refusal):
    """What is proposed makes no sense: the field named is at fault."""

    kind = Kind.INVALID
