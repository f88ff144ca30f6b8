"""What the checkout decides, pure: whether a purchase is authorised, and whether a quote may be used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from uuid import UUID

from tiao.checkout.model import (
    DeclineReason,
    Facts,
    Offer,
    Order,
    Purchase,
    PurchaseOutcome,
    Quote,
    Quoted,
    SignedQuote,
)
from tiao.checkout.refusals import (
    AmountInvalid,
    AuthorisationExpired,
    CaptureExceedsAuthorised,
    CurrencyMismatch,
    PlanNotQuoted,
    PurchaseKeyReused,
    PurchaseNotOpen,
    PurchaseNotSuspended,
    QuoteDiffers,
    QuoteExpired,
    QuoteNotAccepted,
)
from tiao.ledger.model import LineStatus
from tiao.lending.model import FeePayer
from tiao.partners.model import MerchantStatus
from tiao.values.ids import derived_id
from tiao.values.money import AMOUNT_MAX_MINOR
from tiao.values.refusal import Refusal


def check_amount(amount_minor: int, *, pointer: str = "/amount_minor") -> int:
    """Accept a positive amount within the platform's range. Refuses: AmountInvalid."""
    if not 0 < amount_minor <= AMOUNT_MAX_MINOR:
        raise AmountInvalid(pointer=pointer, largest_minor=AMOUNT_MAX_MINOR)
    return amount_minor


def idempotency_id(merchant_id: UUID, key: str) -> UUID:
    """Name the purchase that a merchant means by a key."""
    return derived_id("purchase", merchant_id, key)


def differences(order: Order, known: Purchase) -> list[str]:
    """Name what differs between an order and the purchase its key stands for."""
    pairs = {
        "customer": (order.customer_id, known.customer_id),
        "currency": (order.currency, known.currency),
        "amount_minor": (order.amount_minor, known.amount_minor),
        "plan": (order.plan, known.plan_code),
        "fee_payer": (order.fee_payer.value, known.fee_payer),
        "reference": (order.reference, known.reference),
        "quote": (order.quote_id, known.quote_id),
        "capture": (order.is_captured, order.is_captured if known.is_capture_asked is None else known.is_capture_asked),
    }
    return [name for name, (said, stored) in pairs.items() if said != stored]


def repeated(order: Order, known: Purchase) -> Purchase | Refusal:
    """Answer a key that came before: the stored purchase, or a refusal that names what differs."""
    names = differences(order, known)
    if not names:
        return known
    return PurchaseKeyReused(f"this key came before with another {', '.join(names)}", pointer=f"/{names[0]}")


def decide(order: Order, facts: Facts, today: date) -> list[str]:
    """Decide whether an order is authorised: no reason against it means yes. Every reason is given, not the first."""
    reasons: list[str] = []
    if facts.merchant_status != MerchantStatus.ACTIVE:
        reasons.append(DeclineReason.MERCHANT_SUSPENDED)
    if facts.line_status != LineStatus.ACTIVE:
        reasons.append(DeclineReason.LINE_NOT_ACTIVE)
    if facts.oldest_due_on is not None and facts.oldest_due_on < today:
        reasons.append(DeclineReason.PAYMENT_OVERDUE)
    if order.amount_minor > facts.limit_minor - facts.held_minor - facts.used_minor - facts.withheld_minor:
        reasons.append(DeclineReason.CREDIT_LIMIT)
    return reasons


def check_order(order: Order, facts: Facts, at: datetime) -> None:
    """Decide whether an order is right as such; a wrong one is refused and nothing is stored.

    Refuses: AmountInvalid, CurrencyMismatch, QuoteExpired, QuoteDiffers, QuoteNotAccepted.
    """
    check_amount(order.amount_minor)
    if order.currency != facts.currency:
        raise CurrencyMismatch(f"the line is in {facts.currency}", pointer="/currency")
    if facts.quote is not None:
        _check_quote(order, facts.quote, at)


def _check_quote(order: Order, quote: SignedQuote, at: datetime) -> None:
    if at >= quote.expires_at:
        raise QuoteExpired
    said = (order.merchant_id, order.customer_id, order.amount_minor, order.currency)
    if said != (quote.merchant_id, quote.customer_id, quote.amount_minor, quote.currency):
        raise QuoteDiffers("merchant, customer, amount and currency must be those of the quote", pointer="/quote")
    if quote.accepted_plan is None:
        raise QuoteNotAccepted
    if quote.accepted_plan != order.plan:
        raise QuoteDiffers("the customer accepted another plan", pointer="/plan")


def offer_of(offers: Sequence[Offer], plan: str) -> Offer:
    """Find a plan among offers. Refuses: PlanNotQuoted."""
    for offer in offers:
        if offer.plan == plan:
            return offer
    raise PlanNotQuoted(pointer="/plan", plan=plan)


def fee_payer_quoted(quoted: Quoted, plan: str) -> FeePayer:
    """Tell who bears the fee of a plan that was quoted. Refuses: PlanNotQuoted."""
    if plan not in quoted.plan_codes:
        raise PlanNotQuoted(pointer="/plan", plan=plan)
    return quoted.fee_payer


def fee_payer_of(quote: Quote) -> FeePayer:
    """Tell who bears the fee under a quote; all of its offers agree."""
    return quote.offers[0].fee_payer


def check_capture(purchase: Purchase, amount_minor: int, at: datetime) -> None:
    """Decide whether an amount may be captured.

    Refuses: AmountInvalid, PurchaseNotOpen, AuthorisationExpired, CaptureExceedsAuthorised.
    """
    check_amount(amount_minor)
    check_open(purchase, at)
    if amount_minor > purchase.held_minor:
        raise CaptureExceedsAuthorised(pointer="/amount_minor", held_minor=purchase.held_minor)


def check_open(purchase: Purchase, at: datetime) -> None:
    """Decide whether a purchase still holds something. Refuses: PurchaseNotOpen, AuthorisationExpired."""
    if purchase.outcome != PurchaseOutcome.AUTHORISED or purchase.closed_as is not None:
        raise PurchaseNotOpen(closed_as=purchase.closed_as or purchase.outcome)
    if at >= purchase.expires_at:
        raise AuthorisationExpired


def check_suspended(purchase: Purchase, at: datetime) -> None:
    """Decide whether a purchase still waits to be decided. Refuses: PurchaseNotSuspended, AuthorisationExpired."""
    if not purchase.is_suspended:
        raise PurchaseNotSuspended(outcome=purchase.outcome)
    if at >= purchase.expires_at:
        raise AuthorisationExpired


def discount(amount_minor: int, rate: Decimal | str) -> int:
    """Find the merchant's discount on a sale. Rounds: half up, in the merchant's contract."""
    numerator, denominator = _ratio(rate)
    return (2 * amount_minor * numerator + denominator) // (2 * denominator)


@lru_cache(maxsize=4096)
def _ratio(rate: Decimal | str) -> tuple[int, int]:
    return Fraction(rate).as_integer_ratio()
