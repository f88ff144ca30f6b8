"""Every "no" about accounts in other forms."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class AccountUnknown(Refusal):
    """No merchant has this number here."""

    kind = Kind.NOT_FOUND


class PlatformKeyMissing(Refusal):
    """No merchant speaks another form here yet, so there is no key to answer with."""

    kind = Kind.NOT_FOUND


class TestTokenUnknown(Refusal):
    """The token opens no sandbox."""

    kind = Kind.UNAUTHENTICATED


class PaymentCodeInvalid(Refusal):
    """The payment code is unknown, used up or too old."""

    kind = Kind.INVALID


class RequestReplayed(Refusal):
    """This signed request came before."""

    kind = Kind.UNAUTHENTICATED
