"""Every "no" about merchants' orders."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class OrderUnknown(Refusal):
    """The merchant has no such order."""

    kind = Kind.NOT_FOUND


class OrderNumberUsed(Refusal):
    """This number came before with another order."""


class OrderPaid(Refusal):
    """The order is paid already."""


class OrderClosed(Refusal):
    """The order is closed; nobody can pay it any more."""

    kind = Kind.GONE


class OrderNotPaid(Refusal):
    """Nothing was paid for this order."""


class OrderBeingPaid(Refusal):
    """The payer has agreed and the purchase is being made; ask again in a moment."""

    kind = Kind.BUSY


class OrderRefundDiffers(Refusal):
    """This refund number came before with another refund."""


class OrderRefundExceedsPaid(Refusal):
    """Refunds together would be more than was paid."""

    kind = Kind.INVALID


class OrderRefundUnknown(Refusal):
    """There is no such refund of this merchant."""

    kind = Kind.NOT_FOUND


class PaymentDeclined(Refusal):
    """The purchase was declined; why is told to the payer."""


class OrderForAnother(Refusal):
    """The merchant asked somebody else to pay this order."""

    kind = Kind.FORBIDDEN


class PlanNotWanted(Refusal):
    """The merchant offers another plan for this order, or none that fits it."""

    kind = Kind.INVALID


class ReturnUrlInvalid(Refusal):
    """A payer can be led back to an address of the web only: http or https, with a host."""

    kind = Kind.INVALID
