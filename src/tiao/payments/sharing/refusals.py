"""Every "no" of sharing."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class NothingToShare(Refusal):
    """Nothing of this payment was set apart to be shared."""


class NotEnoughToShare(Refusal):
    """The parts together are more than is left to share."""


class ShareNumberUsed(Refusal):
    """This number came before with another share."""


class ShareUnknown(Refusal):
    """There is no such share of this merchant."""

    kind = Kind.NOT_FOUND


class ReceiverUnknown(Refusal):
    """The merchant has not named this receiver, or nobody here has this number."""

    kind = Kind.INVALID


class ReceiverIsGiver(Refusal):
    """A merchant cannot share with itself."""

    kind = Kind.INVALID


class ReturnDiffers(Refusal):
    """This number came before with another return."""


class ReturnExceedsShare(Refusal):
    """More would come back than the receiver got."""

    kind = Kind.INVALID


class ReturnUnknown(Refusal):
    """There is no such return of this merchant."""

    kind = Kind.NOT_FOUND
