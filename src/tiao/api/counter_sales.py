"""A sale in person from the till's side: the order, the payer's code, and what comes of both.

Reading a code burns it, whatever follows; so each step is committed by itself, and a sale that is asked for again goes
on where it stands.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from tiao.api.compat.till import Till
from tiao.api.services import Services
from tiao.checkout import actions as checkout
from tiao.checkout.counters import actions as counters
from tiao.checkout.counters import agreeing
from tiao.checkout.counters.model import Payer, Sale, Terminal
from tiao.checkout.counters.refusals import CodeLimitReached, DeviceUnknown, NotAgreedTo
from tiao.checkout.orders.model import Agreed, MerchantOrder, OrderState
from tiao.checkout.orders.refusals import OrderBeingPaid, OrderPaid, PaymentDeclined
from tiao.checkout.refusals import NoCreditLine
from tiao.ledger.refusals import CreditLimitExceeded
from tiao.lending.model import BillingMode, FeePayer
from tiao.messages import actions as messages
from tiao.messages.model import NewMessage, Recipient
from tiao.partners import actions as partners
from tiao.partners.accounts.refusals import PaymentCodeInvalid
from tiao.values.ids import bucket_of
from tiao.values.money import Money


class Outcome(StrEnum):
    """What the till shows next."""

    PAID = "paid"
    #: The payer is asked on the phone: the amount or the plan needs it.
    CONFIRM_ON_PHONE = "confirm_on_phone"
    DECLINED = "declined"
    PROCESSING = "processing"
    #: No code was read: the customer scans the code of the session's address.
    SHOW_CODE = "show_code"
    EXPIRED = "expired"


_ENDED = {
    OrderState.PAID: Outcome.PAID,
    OrderState.PAYING: Outcome.PROCESSING,
    OrderState.CLOSED: Outcome.EXPIRED,
}


async def outcome(
    services: Services, till: Till, order: MerchantOrder, sale: Sale, at: Terminal, *, code: str | None, url: str
) -> Outcome:
    """Say what comes of a sale, with the payer's code or without. Refuses: PaymentCodeInvalid, TerminalLocked."""
    if order.state is not OrderState.OPEN or sale.payer_id is not None or code is None:
        asked = Outcome.SHOW_CODE if sale.payer_id is None else Outcome.CONFIRM_ON_PHONE
        return _ENDED.get(order.state, asked)
    payer = await _read(services, at, code)
    async with services.platform.db.begin() as tx:
        await counters.bind_payer(tx, order.id, payer.customer_id)
    try:
        return await _pay(services, till, order, payer)
    except (PaymentDeclined, NoCreditLine, CreditLimitExceeded):
        async with services.platform.db.begin() as tx:
            await counters.bind_payer(tx, order.id, None)
        return Outcome.DECLINED
    except (OrderPaid, OrderBeingPaid):
        return Outcome.PROCESSING
    except (CodeLimitReached, NotAgreedTo, DeviceUnknown):
        await _ask(services, order, payer.customer_id, till.account.merchant_id, url)
        return Outcome.CONFIRM_ON_PHONE


async def _read(services: Services, at: Terminal, code: str) -> Payer:
    home = services.platform
    async with home.db.begin() as tx:
        real = await services.clock.now(tx)
        payer = await counters.read_payer(tx, real, home.vault, at, code)
    if payer is None:
        raise PaymentCodeInvalid
    return payer


async def _pay(services: Services, till: Till, order: MerchantOrder, payer: Payer) -> Outcome:
    """Pay on the terms agreed to in advance. Refuses: NotAgreedTo, also where the merchant offers instalments only."""
    if order.wanted and all(each.terms != 1 for each in order.wanted):
        raise NotAgreedTo
    platform = services.shards.platform(bucket_of(payer.customer_id))
    async with platform.db.begin() as tx:
        now = await platform.moments(tx)
        device = await counters.device(tx, payer.customer_id, payer.device_id)
        quote = await checkout.quote(
            tx,
            now,
            platform.book,
            merchant_id=till.account.merchant_id,
            customer_id=payer.customer_id,
            currency=order.currency,
            amount_minor=order.amount_minor,
            mode=BillingMode.STATEMENT,
            fee_payer=FeePayer.CONSUMER,
        )
        plan = await agreeing.accept(tx, now, platform.book, quote, device)
    async with services.platform.db.begin() as tx:
        real = await services.clock.now(tx)
        await counters.count_sale(
            tx, real, platform.book.pack, order, payer_id=payer.customer_id, today=now.today, is_confirmed=False
        )
    after = await till.pay(order, Agreed(payer.customer_id, quote.id, plan))
    return _ENDED[after.state]


async def _ask(services: Services, order: MerchantOrder, customer_id: UUID, merchant_id: UUID, url: str) -> None:
    """Ask the payer on the phone."""
    async with services.platform.db.begin() as tx:
        merchant = await partners.merchant(tx, merchant_id)
    platform = services.shards.platform(bucket_of(customer_id))
    amount = Money(order.amount_minor, order.currency)
    said = {"merchant": merchant.name, "amount": str(amount), "url": url}
    async with platform.db.begin() as tx:
        new = NewMessage("payment_to_confirm", Recipient.CUSTOMER, customer_id, said, about_id=order.id)
        await messages.say(tx, await platform.moments(tx), [new])
