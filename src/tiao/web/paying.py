"""What a payer does at the cashier: sees plans, reads a cost sheet, confirms, and is told what became of it.

An order lies at home, its payer's quote where the payer does; each transaction touches one of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tiao.checkout import actions as checkout
from tiao.checkout import challenges, rules
from tiao.checkout.challenges import Confirmation
from tiao.checkout.counters import actions as counters
from tiao.checkout.model import Offer, Purchase, Quote
from tiao.checkout.orders.model import Agreed, MerchantOrder
from tiao.checkout.refusals import NoCreditLine, QuoteUnknown
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine, LineStatus
from tiao.lending.disclosure import CostSheet, CostSheetAck
from tiao.lending.model import BillingMode, FeePayer
from tiao.lending.refusals import CostSheetNotAcknowledged, ReadingTimeNotOver
from tiao.messages import actions as messages
from tiao.messages.model import Language, NewMessage, Recipient
from tiao.partners.scenes.refusals import SceneAmountOutside
from tiao.runtime.clock import business_date
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment
from tiao.web import visits
from tiao.web.pages import Pages, Till
from tiao.web.visits import Visit
from tiao.web.words import catalogue, money
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
        known = await visits.quote_seen(tx, visit, order.id)
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
                    fee_payer=_fee_payer(order),
                )
            line = await ledger.line(tx, quote.line_id)
    except NoCreditLine:
        return Plans((), 0, "no_line")
    except SceneAmountOutside:
        return Plans((), 0, "no_plan")
    if quote.id != known:
        async with pages.home.db.begin() as tx:
            await visits.note_quote(tx, visit, order.id, quote.id)
    wanted = {(each.terms, each.fee_payer) for each in order.wanted}
    offers = tuple(each for each in quote.offers if not wanted or (each.terms, each.fee_payer.value) in wanted)
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

    Refuses: ReadingTimeNotOver, CostSheetNotAcknowledged, and what accepting and paying refuse.
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
    async with pages.home.db.begin() as tx:
        real = await pages.clock.now(tx)
        await counters.count_sale(
            tx, real, platform.book.pack, order, payer_id=_payer(visit), today=now.today, is_confirmed=True
        )
    await till.pay(order, Agreed(_payer(visit), quote_id, plan))


async def paid_offer(pages: Pages, visit: Visit, order: MerchantOrder) -> Offer | None:
    """Give the plan an order was paid by, to its own payer and nobody else."""
    if visit.customer_id is None or visit.customer_id != order.customer_id:
        return None
    assert order.quote_id is not None, "what is paid was quoted"
    assert order.plan_code is not None, "and its plan was chosen"
    async with pages.shards.platform(bucket_of(order.quote_id)).db.begin() as tx:
        quote = await checkout.quote_of(tx, order.quote_id)
    return rules.offer_of(quote.offers, order.plan_code)


async def latest(pages: Pages, visit: Visit, order: MerchantOrder) -> Purchase | None:
    """Give the purchase of the latest try to pay an order, to its own payer and nobody else."""
    if order.quote_id is None or visit.customer_id is None or visit.customer_id != order.customer_id:
        return None
    async with pages.shards.platform(bucket_of(order.quote_id)).db.begin() as tx:
        quote = await checkout.quote_of(tx, order.quote_id)
        return await checkout.purchase_of_key(tx, rules.idempotency_id(quote.merchant_id, order.purchase_key))


async def send_code(pages: Pages, purchase: Purchase, language: str) -> None:
    """Send the payer a code for a purchase that waits for one. Refuses: TooManyCodes, PurchaseNotSuspended."""
    platform = pages.shards.platform(bucket_of(purchase.id))

    async def send(tx: Tx, now: Moment, customer_id: UUID, code: str, until: datetime) -> None:
        minutes = str(max(1, int((until - now.at).total_seconds()) // 60))
        amount = money(purchase.amount_minor, purchase.currency)
        said = {"purpose": catalogue(language)["purpose_pay"].format(amount=amount), "minutes": minutes}
        new = NewMessage(
            "one_time_code", Recipient.CUSTOMER, customer_id, said, about_id=purchase.id, language=Language(language)
        )
        await messages.say_secret(tx, now, platform.vault, new, code)

    async with platform.db.begin() as tx:
        await challenges.send_code(
            tx,
            await platform.moments(tx),
            platform.vault,
            purchase.id,
            random_bytes=pages.random_bytes,
            send=send,
        )


async def confirm(pages: Pages, purchase: Purchase, code: str) -> Confirmation:
    """Try the code that was sent for a purchase. Refuses: NoCodeSent, PurchaseNotSuspended, AuthorisationExpired."""
    platform = pages.shards.platform(bucket_of(purchase.id))
    async with platform.db.begin() as tx:
        now = await platform.moments(tx)
        tried = await challenges.confirm(tx, now, platform.vault, platform.book, purchase.id, code.strip())
    return tried.confirmation


def read_seconds(platform: Platform, now: Moment) -> int:
    """Say how long a sheet must be read. Source: policy `disclosure.forced_read_seconds`."""
    book = platform.book
    if not book.pack.flag("disclosure.cost_sheet_required", on=now.today, lender_type=book.lender_type):
        return 0
    return book.pack.integer("disclosure.forced_read_seconds", on=now.today, lender_type=book.lender_type)


async def _quoted(pages: Pages, visit: Visit, order: MerchantOrder) -> tuple[Platform, UUID]:
    """Find the quote whose plans a payer sees. Refuses: QuoteUnknown."""
    async with pages.home.db.begin() as tx:
        quote_id = await visits.quote_seen(tx, visit, order.id)
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


def _fee_payer(order: MerchantOrder) -> FeePayer:
    """Say who bears the fee: the merchant, if it does of any plan it wants; a quote knows one payer only."""
    payers = {each.fee_payer for each in order.wanted} or {order.fee_payer or FeePayer.CONSUMER.value}
    return FeePayer.MERCHANT if FeePayer.MERCHANT.value in payers else FeePayer.CONSUMER


def _obstacle(order: MerchantOrder, line: CreditLine, offers: tuple[Offer, ...]) -> str | None:
    if not offers:
        return "no_plan"
    if line.status != LineStatus.ACTIVE:
        return "line_not_usable"
    return "over_limit" if order.amount_minor > _available(line) else None


def _available(line: CreditLine) -> int:
    return max(0, line.limit_minor - line.held_minor - line.used_minor)


def _payer(visit: Visit) -> UUID:
    assert visit.customer_id is not None, "only who signed in is shown plans"
    return visit.customer_id
