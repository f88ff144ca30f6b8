"""What a payer does at the cashier: sees plans, reads a cost sheet, confirms, and is told what became of it.

An order lies at home, its payer's quote where the payer does; each transaction touches one of them.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from tiao.checkout import actions as checkout
from tiao.checkout import rules
from tiao.checkout.model import Offer, Quote
from tiao.checkout.orders.model import Agreed, MerchantOrder
from tiao.checkout.orders.refusals import PaymentDeclined
from tiao.checkout.refusals import NoCreditLine, QuoteUnknown
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine, LineStatus
from tiao.ledger.refusals import CreditLimitExceeded
from tiao.lending.disclosure import CostSheet, CostSheetAck
from tiao.lending.model import BillingMode, FeePayer
from tiao.lending.refusals import CostSheetNotAcknowledged, ReadingTimeNotOver
from tiao.runtime.clock import business_date
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment
from tiao.web import visits
from tiao.web.pages import Pages, Till
from tiao.web.visits import Visit
from tiao.wiring import Platform


class Plans(NamedTuple):
    """What a payer may choose from; *obstacle* names why nothing can be chosen, if so."""

    offers: tuple[Offer, ...]
    available_minor: int
    obstacle: str | None


class Sheet(NamedTuple):
    """A cost sheet with its plan, and how long it must be read."""

    sheet: CostSheet
    offer: Offer
    seconds: int
    is_early_free: bool


async def plans(pages: Pages, visit: Visit, order: MerchantOrder, till: Till) -> Plans:
    """Quote an order to its payer, or show the quote that still stands."""
    customer_id = _payer(visit)
    platform = pages.shards.platform(bucket_of(customer_id))
    async with pages.home.db.begin() as tx:
        known = (await visits.about(tx, visit, order.id)).quote_id
    try:
        async with platform.db.begin() as tx:
            now = await platform.moments(tx)
            quote = None if known is None else _standing(platform, now, await checkout.quote_of(tx, known))
            if quote is None:
                quote = await checkout.quote(
                    tx,
                    now,
                    platform.book,
                    merchant_id=till.account.merchant_id,
                    customer_id=customer_id,
                    currency=order.currency,
                    amount_minor=order.amount_minor,
                    mode=BillingMode.STATEMENT,
                    fee_payer=FeePayer(order.fee_payer or FeePayer.CONSUMER),
                )
            line = await ledger.line(tx, quote.line_id)
    except NoCreditLine:
        return Plans((), 0, "no_line")
    if quote.id != known:
        async with pages.home.db.begin() as tx:
            await visits.note_quote(tx, visit, order.id, quote.id)
    offers = tuple(each for each in quote.offers if order.terms in {None, each.terms})
    return Plans(offers, _available(line), _obstacle(order, line, offers))


async def sheet(pages: Pages, visit: Visit, order: MerchantOrder, plan: str) -> Sheet:
    """Show the cost sheet of a plan; from now on the reading time runs.

    Refuses: QuoteUnknown, QuoteExpired, PlanNotQuoted, and what the price rules refuse.
    """
    platform, quote_id = await _quoted(pages, visit, order)
    async with platform.db.begin() as tx:
        now = await platform.moments(tx)
        quote = await checkout.quote_of(tx, quote_id)
        line = await ledger.line(tx, quote.line_id)
    found = _sheet(platform, now, quote, line, plan)
    async with pages.home.db.begin() as tx:
        await visits.show_sheet(tx, await pages.clock.now(tx), quote_id, plan, found.sheet.digest)
    return found


async def pay(pages: Pages, visit: Visit, order: MerchantOrder, till: Till, *, plan: str, digest: bytes) -> None:
    """Confirm the sheet that was read, accept its plan and pay; told twice, it is done once.

    Refuses: ReadingTimeNotOver, CostSheetNotAcknowledged, and what accepting and paying refuse. A payment that is
    declined is kept with its reasons, and refused as PaymentDeclined.
    """
    platform, quote_id = await _quoted(pages, visit, order)
    async with platform.db.begin() as tx:
        now = await platform.moments(tx)
    seconds = read_seconds(platform, now)
    async with pages.home.db.begin() as tx:
        real = await pages.clock.now(tx)
        seen = await visits.confirm_sheet(tx, real, quote_id, plan, digest, read_seconds=seconds)
        is_shown = seen is not None or await visits.is_sheet_shown(tx, quote_id, plan, digest)
    if seen is None:
        raise ReadingTimeNotOver(seconds=seconds) if is_shown else CostSheetNotAcknowledged
    ack = CostSheetAck(digest.hex(), shown_at=seen.shown_at, confirmed_at=seen.confirmed_at)
    async with platform.db.begin() as tx:
        await checkout.accept(
            tx, await platform.moments(tx), platform.book, quote_id, customer_id=_payer(visit), plan=plan, ack=ack
        )
    try:
        await till.pay(order, Agreed(_payer(visit), quote_id, plan))
    except CreditLimitExceeded as refusal:
        await _declined(pages, visit, order, ["credit_limit"])
        raise PaymentDeclined from refusal
    except PaymentDeclined as refusal:
        await _declined(pages, visit, order, str(refusal.facts.get("reasons") or "other").split(","))
        raise


async def paid_offer(pages: Pages, visit: Visit, order: MerchantOrder) -> Offer | None:
    """Give the plan an order was paid by, to its own payer and nobody else."""
    if visit.customer_id is None or visit.customer_id != order.customer_id:
        return None
    assert order.quote_id is not None, "what is paid was quoted"
    assert order.plan_code is not None, "and its plan was chosen"
    async with pages.shards.platform(bucket_of(order.quote_id)).db.begin() as tx:
        quote = await checkout.quote_of(tx, order.quote_id)
    return rules.offer_of(quote.offers, order.plan_code)


def read_seconds(platform: Platform, now: Moment) -> int:
    """Say how long a sheet must be read. Source: policy `disclosure.forced_read_seconds`."""
    book = platform.book
    if not book.pack.flag("disclosure.cost_sheet_required", on=now.today, lender_type=book.lender_type):
        return 0
    return book.pack.integer("disclosure.forced_read_seconds", on=now.today, lender_type=book.lender_type)


async def _quoted(pages: Pages, visit: Visit, order: MerchantOrder) -> tuple[Platform, UUID]:
    """Find the quote whose plans a payer sees. Refuses: QuoteUnknown."""
    async with pages.home.db.begin() as tx:
        quote_id = (await visits.about(tx, visit, order.id)).quote_id
    if quote_id is None:
        raise QuoteUnknown
    return pages.shards.platform(bucket_of(quote_id)), quote_id


def _standing(platform: Platform, now: Moment, quote: Quote) -> Quote | None:
    """Give a quote that can still be accepted: of today, for at midnight the dates of its plans change."""
    is_todays = business_date(quote.created_at, platform.programme.zone) == now.today
    return quote if is_todays and now.at < quote.expires_at and quote.accepted_plan is None else None


def _sheet(platform: Platform, now: Moment, quote: Quote, line: CreditLine, plan: str) -> Sheet:
    book = platform.book
    offer = rules.offer_of(quote.offers, plan)
    made = book.plan(plan, offer.fee_payer, quote.amount_minor, taken_on=now.today, statement_day=line.statement_day)
    fee = book.pack.find("prepay.fee", on=now.today, lender_type=book.lender_type)
    is_free = fee is not None and book.pack.integer("prepay.fee", on=now.today, lender_type=book.lender_type) == 0
    written = book.cost_sheet(made, currency=quote.currency, on=now.today)
    return Sheet(written, offer, read_seconds(platform, now), is_free)


def _obstacle(order: MerchantOrder, line: CreditLine, offers: tuple[Offer, ...]) -> str | None:
    if not offers:
        return "no_plan"
    if line.status != LineStatus.ACTIVE:
        return "line_not_usable"
    return "over_limit" if order.amount_minor > _available(line) else None


def _available(line: CreditLine) -> int:
    return max(0, line.limit_minor - line.held_minor - line.used_minor)


async def _declined(pages: Pages, visit: Visit, order: MerchantOrder, reasons: list[str]) -> None:
    async with pages.home.db.begin() as tx:
        await visits.note_declined(tx, visit, order.id, reasons)


def _payer(visit: Visit) -> UUID:
    assert visit.customer_id is not None, "only who signed in is shown plans"
    return visit.customer_id
