"""What a merchant gets of a payment: its price less what the merchant bears of it."""

from __future__ import annotations

from uuid import UUID

from tiao.api.services import Services
from tiao.checkout import actions as checkout
from tiao.checkout import rules
from tiao.checkout.orders.model import Agreed
from tiao.ledger import actions as ledger
from tiao.lending import daily
from tiao.partners import actions as partners
from tiao.values.ids import bucket_of
from tiao.values.money import Money


async def expected(services: Services, merchant_id: UUID, agreed: Agreed) -> Money:
    """Say what a merchant will get of a purchase that its payer has agreed to."""
    platform = services.shards.platform(bucket_of(agreed.quote_id))
    async with platform.db.begin() as tx:
        quote = await checkout.quote_of(tx, agreed.quote_id)
        line = await ledger.line(tx, quote.line_id)
        now = await platform.moments(tx)
    plan = platform.book.plan(
        agreed.plan_code,
        rules.fee_payer_of(quote),
        quote.amount_minor,
        taken_on=now.today,
        statement_day=line.statement_day,
    )
    async with services.platform.db.begin() as tx:
        merchant = await partners.merchant(tx, merchant_id)
    borne = rules.discount(quote.amount_minor, merchant.discount_rate) + plan.subsidy_minor
    return Money(quote.amount_minor - borne, quote.currency)


async def left_of_purchase(services: Services, purchase_id: UUID) -> int:
    """Say what refunds have left a merchant of a purchase, whoever gave them: here, over the API, or in a dispute."""
    earned = await of_purchase(services, purchase_id)
    async with services.shards.platform(bucket_of(purchase_id)).db.begin() as tx:
        purchase = await checkout.purchase_of(tx, purchase_id)
    return max(0, earned.minor - purchase.refunded_minor)


async def of_purchase(services: Services, purchase_id: UUID) -> Money:
    """Say what a merchant got of a purchase."""
    async with services.shards.platform(bucket_of(purchase_id)).db.begin() as tx:
        loans = await daily.loans_of_purchase(tx, purchase_id)
    assert loans, "a purchase that was paid has its loan"
    earned = sum(each.principal_minor - each.discount_minor - each.subsidy_minor for each in loans)
    return Money(earned, loans[0].currency)
