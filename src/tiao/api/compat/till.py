"""Paying and giving back merchants' orders: the same checkout as everywhere, in phases that may each be repeated.

An order lies at home, its purchase where the payer does. What was begun is finished by whoever comes next.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from tiao.api.compat import earning
from tiao.api.compat.openids import TEST_PAYER, openid_of
from tiao.api.compat.telling import paid_notice, refund_notice
from tiao.api.services import Services
from tiao.checkout import actions as checkout
from tiao.checkout import refunding
from tiao.checkout import rules as checkout_rules
from tiao.checkout.model import Order, PurchaseOutcome
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import (
    Agreed,
    MerchantOrder,
    NewNotice,
    NewOrder,
    NewRefund,
    OrderRefund,
    OrderState,
    PayerState,
    RefundState,
)
from tiao.checkout.orders.refusals import OrderForAnother, OrderRefundUnknown, PaymentDeclined
from tiao.lending import daily
from tiao.lending.refusals import RefundUnknown
from tiao.partners import actions as partners
from tiao.partners.accounts.model import Account
from tiao.payments.sharing import actions as pools
from tiao.runtime.clock import business_date
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment
from tiao.values.refusal import Kind, Refusal
from tiao.wiring import Platform

#: How the refund of an order that is taken back is numbered, before the order's own number.
_TAKEN_BACK = "cancel"


#: The kind of order that is made for a payer whom the merchant names.
NAMED_PAYER = "JSAPI"
#: What is done in the transaction in which a refund begins.
Beside = Callable[[Tx, Moment], Awaitable[None]]


class Returned(NamedTuple):
    """A refund as it stands, its order after it, and whether this call made it."""

    order: MerchantOrder
    refund: OrderRefund
    is_new: bool


class Till:
    """One merchant's orders."""

    def __init__(self, services: Services, account: Account) -> None:
        self.services = services
        self.account = account
        self.home = services.platform

    async def order(self, new: NewOrder) -> MerchantOrder:
        """Take an order. Refuses: what `orders.make` refuses."""
        async with self.home.db.begin() as tx:
            now = await self.home.moments(tx)
            merchant = await partners.merchant(tx, self.account.merchant_id)
            return await orders.make(
                tx,
                now,
                self.home.book,
                self.account.id,
                new,
                category=merchant.category,
                random_bytes=self.services.random_bytes,
            )

    async def now(self) -> Moment:
        """Tell the programme's time."""
        async with self.home.db.begin() as tx:
            return await self.home.moments(tx)

    async def pay(self, order: MerchantOrder, agreed: Agreed) -> MerchantOrder:
        """Make the purchase that the payer agreed to.

        Refuses: OrderPaid, OrderClosed, OrderBeingPaid, OrderForAnother, PaymentDeclined, and what the desk refuses.
        """
        openid = await self._openid(order, agreed.customer_id)
        earned = await earning.expected(self.services, self.account.merchant_id, agreed) if order.is_shared else None
        async with self.home.db.begin() as tx:
            now, begun_at = await self.home.moments(tx), await self.services.clock.now(tx)
            paying = await orders.begin_paying(tx, now, order.id, agreed, openid=openid, begun_at=begun_at)
            if earned is not None:
                # Before the purchase, so that no settlement can pay out what is to be shared.
                await pools.keep(tx, now, order.id, self.account.merchant_id, earned, cause=f"{paying.attempts}")
        return await self._finish_paying(paying)

    async def reread(self, order: MerchantOrder) -> MerchantOrder:
        """Read an order again, as it stands."""
        async with self.home.db.begin() as tx:
            return await orders.of_id(tx, await self.home.moments(tx), self.account.id, order.id)

    async def note_payer(self, order: MerchantOrder, state: PayerState) -> MerchantOrder:
        """Note what the payer did when a payment code was read."""
        async with self.home.db.begin() as tx:
            return await orders.note_payer(tx, order, state)

    async def current(self, order: MerchantOrder) -> MerchantOrder:
        """Give an order as it stands, its payment finished if it was begun."""
        if order.state is not OrderState.PAYING:
            return order
        try:
            return await self._finish_paying(order)
        except Refusal as refusal:
            if refusal.kind is Kind.BUSY:
                return order
        return await self.reread(order)

    async def is_past_refunds(self, order: MerchantOrder) -> bool:
        """Tell whether nothing of an order can be given back any more, because the time for it is over."""
        if order.paid_at is None:
            return False
        paid_on = business_date(order.paid_at, self.home.programme.zone)
        window = self.home.book.conditions(paid_on).refund.window_days
        return (await self.now()).today > paid_on + timedelta(days=window)

    async def close(self, order: MerchantOrder) -> MerchantOrder:
        """Let nobody pay an order any more. Refuses: OrderPaid, OrderBeingPaid."""
        order = await self.current(order)
        async with self.home.db.begin() as tx:
            return await orders.close(tx, await self.home.moments(tx), order.id)

    async def take_back(self, order: MerchantOrder) -> tuple[MerchantOrder, bool]:
        """Undo an order: nobody can pay it any more, and what was paid is given back, of which the flag tells.

        Refuses: OrderBeingPaid, RefundWindowClosed.
        """
        order = await self.current(order)
        async with self.home.db.begin() as tx:
            order = await orders.take_back(tx, await self.home.moments(tx), order.id)
        rest = order.amount_minor - order.refunded_minor
        if order.state is not OrderState.PAID:
            return order, False
        if rest:
            done = await self.refund(order, NewRefund(f"{_TAKEN_BACK}{order.trade_no}", rest, reason=_TAKEN_BACK))
            order = done.order
        return order, True

    async def refund(self, order: MerchantOrder, new: NewRefund, *, beside: Beside | None = None) -> Returned:
        """Give money back. *beside* is done with its beginning or not at all: a refund that is refused changes nothing.

        Refuses: AmountInvalid, OrderNotPaid, OrderRefundDiffers, OrderRefundExceedsPaid, RefundWindowClosed, and what
        *beside* refuses.
        """
        order = await self.current(order)
        if beside is not None:
            await self._rehearse(order, new)
        async with self.home.db.begin() as tx:
            now, begun_at = await self.home.moments(tx), await self.services.clock.now(tx)
            after, refund, is_new = await orders.begin_refund(tx, now, order.id, new, begun_at=begun_at)
            if beside is not None:
                await beside(tx, now)
        finished = await self.settled(after, refund)
        return finished._replace(is_new=is_new)

    async def _rehearse(self, order: MerchantOrder, new: NewRefund) -> None:
        """Ask the payer's server whether it would give an amount back; a refund that is known is not asked about.

        Refuses: RefundWindowClosed, RefundExceedsCaptured, LoanArrangedAnew.
        """
        if order.purchase_id is None:
            return
        async with self.home.db.begin() as tx:
            try:
                known = await orders.refund(tx, order.id, new.out_refund_no)
            except OrderRefundUnknown:
                known = None
        if known is not None and known.state is not RefundState.REFUSED:
            return
        platform = self._of(order.purchase_id)
        async with platform.db.begin() as tx:
            now = await platform.moments(tx)
            wish = refunding.NewRefund(order.purchase_id, new.amount_minor, new.out_refund_no, f"asked:{order.id.hex}")
            await refunding.rehearse(tx, now, platform.book, wish)

    async def settled(self, order: MerchantOrder, refund: OrderRefund) -> Returned:
        """Give a refund as it stands, finished if it was begun. Refuses: RefundWindowClosed, RefundExceedsCaptured."""
        if refund.state is not RefundState.PROCESSING:
            return Returned(order, refund, is_new=False)
        assert order.purchase_id is not None, "what was not paid is not refunded"
        purchase_id, key = order.purchase_id, orders.refund_key(refund)
        platform = self._of(purchase_id)

        async def give_back(tx: Tx) -> None:
            await checkout.locked_purchase(tx, purchase_id)
            try:
                await daily.refund(tx, refunding.refund_id(purchase_id, key))
            except RefundUnknown:
                await refunding.refund(
                    tx,
                    await platform.moments(tx),
                    platform.book,
                    purchase_id,
                    amount_minor=refund.amount_minor,
                    reference=refund.out_refund_no,
                    key=key,
                )

        try:
            await platform.db.retrying(give_back)
        except Refusal as refusal:
            if refusal.kind is not Kind.BUSY:
                await self._end_refund(refund, purchase_id, is_made=False)
            raise
        return await self._end_refund(refund, purchase_id, is_made=True)

    async def _end_refund(self, refund: OrderRefund, purchase_id: UUID, *, is_made: bool) -> Returned:
        left = await earning.left_of_purchase(self.services, purchase_id) if is_made else 0
        async with self.home.db.begin() as tx:
            now = await self.home.moments(tx)
            after, done, is_news = await orders.end_refund(tx, refund, refunded_at=now.at if is_made else None)
            if is_news and is_made:
                await pools.refunded(tx, now, after.id, left_minor=left)
            if is_news:
                await self._tell(tx, now, after, lambda notice: refund_notice(self.account, after, done, now, notice))
        return Returned(after, done, is_new=is_made)

    async def _finish_paying(self, order: MerchantOrder) -> MerchantOrder:
        assert order.quote_id is not None, "an order that is being paid has its quote"
        platform = self._of(order.quote_id)
        async with platform.db.begin() as tx:
            quote = await checkout.quote_of(tx, order.quote_id)
        assert order.plan_code is not None, "an order that is being paid has its plan"
        wanted = Order(
            idempotency_id=checkout_rules.idempotency_id(quote.merchant_id, order.purchase_key),
            line_id=quote.line_id,
            customer_id=quote.customer_id,
            merchant_id=quote.merchant_id,
            currency=quote.currency,
            amount_minor=quote.amount_minor,
            plan=order.plan_code,
            fee_payer=checkout_rules.fee_payer_of(quote),
            reference=order.out_trade_no,
            is_captured=True,
            quote_id=quote.id,
        )
        try:
            purchase = await platform.desk.authorise(wanted)
        except Refusal as refusal:
            if refusal.kind is not Kind.BUSY:
                await self._end_paying(order, None)
            raise
        if purchase.is_suspended:  # the order is being paid until that is decided
            return order
        if purchase.outcome != PurchaseOutcome.AUTHORISED or purchase.closed_as in {"voided", "expired"}:
            await self._end_paying(order, None)
            reasons = purchase.decline_reasons or [purchase.closed_as or purchase.outcome]
            raise PaymentDeclined(reason=reasons[0], reasons=",".join(reasons))
        return await self._end_paying(order, purchase.id)

    async def _end_paying(self, order: MerchantOrder, purchase_id: UUID | None) -> MerchantOrder:
        async with self.home.db.begin() as tx:
            now = await self.home.moments(tx)
            paid_at = None if purchase_id is None else now.at
            after, is_news = await orders.end_paying(tx, order, purchase_id=purchase_id, paid_at=paid_at)
            if is_news and purchase_id is None and order.is_shared:
                await pools.give_up(tx, now, order.id, cause=f"{order.attempts}")
            if is_news and purchase_id is not None:
                await self._tell(tx, now, after, lambda notice: paid_notice(self.account, after, now, notice))
            return after

    async def _openid(self, order: MerchantOrder, customer_id: UUID) -> str:
        """Say as whom the merchant knows a payer, and hold it against whom an order was made for.

        A merchant that comes from elsewhere has names of its own for its payers: such a name is that of whoever pays by
        it first, and of nobody else from then on.
        Refuses: OrderForAnother.
        """
        ours = openid_of(self.home.vault, self.account, customer_id)
        named = order.payer_openid
        if order.trade_type != NAMED_PAYER or named in {None, ours}:
            return ours
        assert named is not None, "just looked"
        async with self.home.db.begin() as tx:
            known = await orders.payer_of_openid(tx, self.account.id, named)
        if named == TEST_PAYER or known not in {None, customer_id}:
            raise OrderForAnother
        return named

    async def _tell(self, tx: Tx, now: Moment, order: MerchantOrder, write: Callable[[UUID], NewNotice | None]) -> None:
        """Write the notice with the fact, to be sent at once and, if need be, again in real time."""
        notice_id = now.new_id()
        new = write(notice_id)
        if new is not None:
            real = await self.services.clock.now(tx)
            await orders.tell(tx, order, new, notice_id=notice_id, at=real)

    def _of(self, identifier: UUID) -> Platform:
        return self.services.shards.platform(bucket_of(identifier))
