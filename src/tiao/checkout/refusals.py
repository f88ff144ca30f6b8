"""Every "no" of the checkout. A declined purchase is not here: that is an outcome, with reasons."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class QuoteUnknown(Refusal):
    """There is no such quote."""

    kind = Kind.NOT_FOUND


class QuoteExpired(Refusal):
    """The quote's time has run out; ask for a new one."""

    kind = Kind.GONE


class QuoteNotAccepted(Refusal):
    """The customer has not accepted this quote."""


class QuoteAlreadyAccepted(Refusal):
    """The quote was accepted with another plan."""


class QuoteAlreadyUsed(Refusal):
    """A purchase was made from this quote already."""


class QuoteDiffers(Refusal):
    """The purchase is not what was quoted."""


class PlanNotQuoted(Refusal):
    """The quote does not offer this plan."""

    kind = Kind.INVALID


class CostSheetChanged(Refusal):
    """The cost sheet that was confirmed is not the one of this plan."""


class PurchaseUnknown(Refusal):
    """There is no such purchase."""

    kind = Kind.NOT_FOUND


class PurchaseKeyReused(Refusal):
    """This Idempotency-Key came before with another purchase."""

    kind = Kind.INVALID


class PurchaseNotOpen(Refusal):
    """Nothing of this purchase is held any more: it was declined, captured, voided or has expired."""


class PurchaseNotSuspended(Refusal):
    """The purchase waits for nobody: it was decided, voided or has expired."""


class NoCodeSent(Refusal):
    """No code was sent for this purchase, or it is no longer good; ask for one."""


class TooManyCodes(Refusal):
    """No more codes are sent for this purchase."""


class AuthorisationExpired(Refusal):
    """The authorisation's time has run out."""

    kind = Kind.GONE


class CaptureExceedsAuthorised(Refusal):
    """Captures together would be more than was authorised."""

    kind = Kind.INVALID


class AmountInvalid(Refusal):
    """An amount is a positive whole number of minor units, at most ten billion yuan."""

    kind = Kind.INVALID


class CurrencyMismatch(Refusal):
    """The currency is not the one of the credit line."""

    kind = Kind.INVALID


class NoCreditLine(Refusal):
    """This customer cannot buy on credit here."""


class TooManyPrequalifications(Refusal):
    """This merchant has asked about this customer often enough today."""

    kind = Kind.BUSY
