"""Every "no" of cards."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class CardNumberInvalid(Refusal):
    """A card number has 13 to 19 digits, the last of which follows from the others; this one was mistyped."""

    kind = Kind.INVALID


class CardIssuerUnknown(Refusal):
    """No bank that we know issues cards with such numbers."""

    kind = Kind.INVALID


class CardKindRefused(Refusal):
    """Repayments are taken from debit cards only; credit is not repaid with credit."""

    kind = Kind.INVALID


class CardAlreadyBound(Refusal):
    """This card is bound already."""

    kind = Kind.CONFLICT


class TooManyCards(Refusal):
    """So many cards are bound that no further one may be; unbind one first."""

    kind = Kind.CONFLICT


class CardHolderDiffers(Refusal):
    """The card's bank does not know it under this name, identity number and phone."""

    kind = Kind.CONFLICT


class CardUnknown(Refusal):
    """The customer has no such card."""

    kind = Kind.NOT_FOUND


class CardNotPending(Refusal):
    """This card is not being bound."""

    kind = Kind.CONFLICT


class CardCodeWrong(Refusal):
    """The code is not the one that was sent."""

    kind = Kind.CONFLICT


class CardCodeExpired(Refusal):
    """The code has expired, or was wrong too often; begin again."""

    kind = Kind.CONFLICT
