"""What can be done at the checkout, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from tiao.checkout import rules, store
from tiao.checkout.capturing import Capture, capture_all
from tiao.checkout.model import Bought, Purchase, PurchaseOutcome, Quote
from tiao.checkout.offers import OfferBook
from tiao.checkout.refusals import (
    CostSheetChanged,
    CurrencyMismatch,
    NoCreditLine,
    PurchaseUnknown,
    QuoteAlreadyAccepted,
    QuoteExpired,
    QuoteUnknown,
)
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.lending.disclosure import CostSheetAck, check_acknowledged
from tiao.lending.model import BillingMode, FeePayer
from tiao.partners import actions as partners
from tiao.partners.scenes.rules import check_sale
from tiao.runtime.db import Tx
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

#: How long an offer stands.
QUOTE_TIME = timedelta(minutes=30)


async def quote(  # noqa: PLR0913  each is what the merchant asks about
    tx: Tx,
    now: Moment,
    book: OfferBook,
    *,
    merchant_id: UUID,
    customer_id: UUID,
    currency: str,
    amount_minor: int,
    mode: BillingMode,
    fee_payer: FeePayer,
) -> Quote:
    """Offer every plan for a purchase, with each instalment, the total cost and the yearly price.

    Refuses: AmountInvalid, NoCreditLine, CurrencyMismatch, MerchantUnknown, SceneAmountOutside.
    """
    rules.check_amount(amount_minor)
    merchant = await partners.merchant(tx, merchant_id)
    check_sale(book.scene(merchant.category, now.today), amount_minor)
    lines = await ledger.lines_of_customers(tx, [customer_id])
    if customer_id not in lines:
        raise NoCreditLine
    line = lines[customer_id]
    if currency != line.currency:
        raise CurrencyMismatch(f"the line is in {line.currency}", pointer="/currency")
    made = Quote(
        bucket=line.bucket,
        id=now.new_id(line.bucket),
        merchant_id=merchant_id,
        customer_id=customer_id,
        line_id=line.id,
        currency=currency,
        amount_minor=amount_minor,
        offers=book.offers(
            amount_minor,
            currency=currency,
            on=now.today,
            statement_day=line.statement_day,
            mode=mode,
            fee_payer=fee_payer,
            category=merchant.category,
        ),
        created_at=now.at,
        expires_at=now.at + QUOTE_TIME,
    )
    await store.insert_quote(tx, made)
    return made


async def quote_of(tx: Tx, quote_id: UUID) -> Quote:
    """Read a quote. Refuses: QuoteUnknown."""
    found = await store.read_quotes(tx, [quote_id])
    if quote_id not in found:
        raise QuoteUnknown
    return found[quote_id]


async def accept(
    tx: Tx, now: Moment, book: OfferBook, quote_id: UUID, *, customer_id: UUID, plan: str, ack: CostSheetAck | None
) -> Quote:
    """Let the customer accept one plan, having seen and confirmed its cost sheet. Accepting it again changes nothing.

    Refuses: QuoteUnknown, QuoteExpired, QuoteAlreadyAccepted, PlanNotQuoted, CostSheetNotAcknowledged,
    CostSheetChanged, ReadingTimeNotOver.
    """
    found = await store.lock_quote(tx, quote_id)
    if found is None or found.customer_id != customer_id:
        raise QuoteUnknown
    if now.at >= found.expires_at:
        raise QuoteExpired
    offer = rules.offer_of(found.offers, plan)
    if found.accepted_plan is not None:
        if found.accepted_plan != plan:
            raise QuoteAlreadyAccepted
        return found
    line = await ledger.line(tx, found.line_id)
    made = book.plan(plan, offer.fee_payer, found.amount_minor, taken_on=now.today, statement_day=line.statement_day)
    sheet = book.cost_sheet(made, currency=found.currency, on=now.today)
    if sheet.digest != offer.cost_sheet_digest:
        raise CostSheetChanged
    check_acknowledged(sheet, ack, pack=book.pack, lender_type=book.lender_type, contract_on=now.today)
    await store.update_accepted(tx, quote_id, plan=plan, digest=sheet.digest, at=now.at)
    return msgspec.structs.replace(found, accepted_plan=plan, accepted_at=now.at, cost_sheet_digest=sheet.digest)


async def purchase_of(tx: Tx, purchase_id: UUID) -> Purchase:
    """Read a purchase. Refuses: PurchaseUnknown."""
    found = await store.read_purchase(tx, purchase_id)
    if found is None:
        raise PurchaseUnknown
    return found


async def purchase_of_key(tx: Tx, idempotency_id: UUID) -> Purchase | None:
    """Read the purchase that a key stands for, if one was made, declined ones included."""
    return await store.read_purchase_of_key(tx, idempotency_id)


async def purchases_of_ids(tx: Tx, purchase_ids: Sequence[UUID]) -> dict[UUID, Purchase]:
    """Read purchases by id; those that are unknown are left out."""
    return await store.read_purchases(tx, purchase_ids)


async def locked_purchase(tx: Tx, purchase_id: UUID) -> tuple[Purchase, CreditLine]:
    """Read a purchase under the lock of its line, as everything that changes it does."""
    found = await purchase_of(tx, purchase_id)
    lines = await ledger.lock_lines(tx, [found.line_id])
    return await purchase_of(tx, purchase_id), lines[found.line_id]


async def capture(
    tx: Tx, now: Moment, book: OfferBook, purchase_id: UUID, *, amount_minor: int, is_final: bool, key: str
) -> tuple[Purchase, UUID]:
    """Capture all or part of what is held; a set of one. The caller answers a repeated key.

    Refuses: PurchaseUnknown, PurchaseNotOpen, AuthorisationExpired, CaptureExceedsAuthorised, AmountInvalid.
    """
    (outcome,) = await capture_all(tx, now, book, [Capture(purchase_id, amount_minor, is_final, key)])
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome.purchase, outcome.loan_id


async def void(tx: Tx, now: Moment, purchase_id: UUID) -> Purchase:
    """Let go of what is held; what was captured stays. A suspended purchase may be voided. Again changes nothing.

    Refuses: PurchaseUnknown, PurchaseNotOpen.
    """
    purchase, line = await locked_purchase(tx, purchase_id)
    if purchase.closed_as == "voided":
        return purchase
    if not purchase.is_suspended:
        rules.check_open(purchase, min(now.at, purchase.expires_at - timedelta(microseconds=1)))
    await ledger.hold(tx, [(line.id, -purchase.held_minor)])
    await store.change_purchase(tx, purchase_id, released_minor=purchase.held_minor, closed_as="voided")
    return await purchase_of(tx, purchase_id)


async def expire(tx: Tx, first: int, last: int, at: datetime) -> int:
    """Let purchases of a range of buckets go whose time has run out by *at*, suspended ones included."""
    return await store.expire(tx, first, last, at)


async def bought_between(tx: Tx, since: datetime, until: datetime) -> list[Bought]:
    """Count what was authorised in a time, by plan, who pays its fee, and amount."""
    return await store.read_bought(tx, since, until)


async def lines_above(tx: Tx, limit_minor: int) -> tuple[int, int]:
    """Count open lines whose limit lies above an amount, and by how much in all."""
    return await store.read_lines_above(tx, limit_minor)


async def purchases_of_merchant(
    tx: Tx,
    merchant_id: UUID,
    *,
    before_at: datetime,
    before_id: UUID,
    limit: int,
    reference: str | None = None,
    outcome: PurchaseOutcome | None = None,
) -> list[Purchase]:
    """Read a merchant's purchases, latest first; of one reference, or of one outcome."""
    return await store.read_purchases_of_merchant(
        tx,
        merchant_id,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
        reference=reference,
        outcome=outcome,
    )


async def purchases_of_customer(
    tx: Tx, customer_id: UUID, *, before_at: datetime, before_id: UUID, limit: int
) -> list[Purchase]:
    """Read a customer's purchases, latest first."""
    return await store.read_purchases_of_customer(
        tx, customer_id, before_at=before_at, before_id=before_id, limit=limit
    )
