"""The sandbox's payer: reads the cost sheet for as long as the rule demands, and agrees."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from tiao.api.compat.till import Till
from tiao.checkout import actions as checkout
from tiao.checkout import rules
from tiao.checkout.model import Quote
from tiao.checkout.offers import OfferBook
from tiao.checkout.orders.actions import check_open
from tiao.checkout.orders.model import Agreed, MerchantOrder, Wanted
from tiao.checkout.orders.refusals import PlanNotWanted
from tiao.lending.disclosure import CostSheetAck
from tiao.lending.model import BillingMode, FeePayer
from tiao.partners.accounts.refusals import AccountUnknown
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment


class Behaviour(StrEnum):
    """What the payer does when a payment code is read."""

    APPROVE = "approve"
    ASK_PAYER = "ask_payer"
    DECLINE = "decline"


async def pay_as_test_payer(till: Till, order: MerchantOrder, *, terms: int | None) -> MerchantOrder:
    """Let the sandbox's payer pay an order, in so many instalments; None: as the order wants, or in one.

    Refuses: PlanNotWanted, AccountUnknown when the merchant is in no sandbox, and what `Till.pay` refuses.
    """
    check_open(order)
    customer_id = till.account.test_payer_id
    if customer_id is None:
        raise AccountUnknown
    wanted = wanted_of(order, terms)
    platform = till.services.shards.platform(bucket_of(customer_id))
    async with platform.db.begin() as tx:
        now = await platform.moments(tx)
        quote = await checkout.quote(
            tx,
            now,
            platform.book,
            merchant_id=till.account.merchant_id,
            customer_id=customer_id,
            currency=order.currency,
            amount_minor=order.amount_minor,
            mode=BillingMode.STATEMENT,
            fee_payer=FeePayer(wanted.fee_payer),
        )
        plan = plan_of(quote, wanted.terms)
        offer = rules.offer_of(quote.offers, plan)
        seen_at = now.at - timedelta(seconds=_read_seconds(platform.book, now))
        ack = CostSheetAck(offer.cost_sheet_digest, shown_at=seen_at, confirmed_at=now.at)
        await checkout.accept(tx, now, platform.book, quote.id, customer_id=customer_id, plan=plan, ack=ack)
    return await till.pay(order, Agreed(customer_id, quote.id, plan))


def wanted_of(order: MerchantOrder, terms: int | None) -> Wanted:
    """Say which plan is paid in, of those an order allows; None: the first of them, or at once.

    Refuses: PlanNotWanted.
    """
    if not order.wanted:
        return Wanted(terms or 1, FeePayer.CONSUMER.value)
    for each in order.wanted:
        if terms in {None, each.terms}:
            return each
    raise PlanNotWanted(terms=terms)


def plan_of(quote: Quote, terms: int) -> str:
    """Find the plan of so many instalments in a quote. Refuses: PlanNotWanted."""
    for offer in quote.offers:
        if offer.terms == terms:
            return offer.plan
    raise PlanNotWanted(terms=terms)


def _read_seconds(book: OfferBook, now: Moment) -> int:
    """Source: policy `disclosure.forced_read_seconds`; the payer of a sandbox is patient."""
    if not book.pack.flag("disclosure.cost_sheet_required", on=now.today, lender_type=book.lender_type):
        return 0
    return book.pack.integer("disclosure.forced_read_seconds", on=now.today, lender_type=book.lender_type)
