"""Every "no" about writing loans off."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class WriteOffProposalUnknown(Refusal):
    """There is no such proposal to write a loan off."""

    kind = Kind.NOT_FOUND


class WriteOffAlreadyProposed(Refusal):
    """Somebody has proposed to write this loan off, and nobody has decided yet."""

    kind = Kind.CONFLICT


class WriteOffDecided(Refusal):
    """Whether the loan is written off has been decided already."""

    kind = Kind.CONFLICT


class OwnWriteOff(Refusal):
    """Who proposed to write a loan off cannot agree to it: another person must."""

    kind = Kind.FORBIDDEN
