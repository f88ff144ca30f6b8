"""Every "no" about payment links."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class PaymentLinkUnknown(Refusal):
    """There is no such payment link."""

    kind = Kind.NOT_FOUND


class PaymentLinkEnded(Refusal):
    """The payment link has served its purpose, or its time is over."""

    kind = Kind.GONE


class NoAccountBound(Refusal):
    """The customer has no account bound that could be debited."""

    kind = Kind.CONFLICT


class AccountNotBoundHere(Refusal):
    """A payment link debits an account that its customer has bound, and no card that is named to it."""

    kind = Kind.INVALID
