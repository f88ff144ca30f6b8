"""What can be done with merchants' orders, inside the caller's transaction at home.

Paying and giving back touch the payer's server as well: they are phases, each of which may be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from tiao.checkout.offers import OfferBook
from tiao.checkout.orders import store
from tiao.checkout.orders.model import (
    Agreed,
    MerchantOrder,
    NewNotice,
    NewOrder,
    NewRefund,
    Notice,
    OrderRefund,
    OrderState,
    PayerState,
    RefundState,
    Surface,
    Unfinished,
)
from tiao.checkout.orders.refusals import (
    OrderBeingPaid,
    OrderClosed,
    OrderNotPaid,
    OrderNumberUsed,
    OrderPaid,
    OrderRefundDiffers,
    OrderRefundExceedsPaid,
    OrderRefundUnknown,
    OrderUnknown,
)
from tiao.checkout.rules import check_amount
from tiao.runtime.db import Tx
from tiao.values.ids import derived_id
from tiao.values.moment import Moment

_TOKEN_BYTES = 18
_TRADE_NO_DIGITS = 20


async def make(
    tx: Tx,
    now: Moment,
    book: OfferBook,
    account_id: UUID,
    new: NewOrder,
    *,
    category: str,
    random_bytes: Callable[[int], bytes],
) -> MerchantOrder:
    """Take a merchant's order. The same number with the same content gives the order that is there.

    Every order comes through here, in whichever form: what the scene *category* does not sell is nobody's to pay.
    Refuses: AmountInvalid, OrderNumberUsed, SceneAmountOutside, SceneOffersNoSuchPlan, TermsNotOffered,
    InstalmentAmountBelowMinimum.
    """
    check_amount(new.amount_minor)
    if await store.read_order_of_number(tx, account_id, new.surface, new.out_trade_no) is None:
        # What was taken once stays what it is, whatever a scene says since.
        book.check_order(new.amount_minor, [each.terms for each in new.wanted], category=category, on=now.today)
    order_id = now.new_id()
    serial = int.from_bytes(random_bytes(16), "big") % 10**_TRADE_NO_DIGITS
    await store.insert_order(
        tx,
        new,
        order_id=order_id,
        account_id=account_id,
        trade_no=f"{now.today:%Y%m%d}{serial:0{_TRADE_NO_DIGITS}d}",
        cashier_token=random_bytes(_TOKEN_BYTES).hex(),
        at=now.at,
    )
    found = await of_number(tx, now, account_id, new.surface, new.out_trade_no)
    if found.digest != new.digest:
        raise OrderNumberUsed
    return found


async def of_number(tx: Tx, now: Moment, account_id: UUID, surface: Surface, number: str) -> MerchantOrder:
    """Read an order by the merchant's number. Refuses: OrderUnknown."""
    return await _present(tx, now, await store.read_order_of_number(tx, account_id, surface, number))


async def of_trade_no(tx: Tx, now: Moment, account_id: UUID, surface: Surface, number: str) -> MerchantOrder:
    """Read an order by the platform's number. Refuses: OrderUnknown."""
    return await _present(tx, now, await store.read_order_of_trade_no(tx, account_id, surface, number))


async def of_id(tx: Tx, now: Moment, account_id: UUID, order_id: UUID) -> MerchantOrder:
    """Read a merchant's order by its id. Refuses: OrderUnknown."""
    return await _present(tx, now, await store.read_order_of_id(tx, account_id, order_id))


async def native(
    tx: Tx, now: Moment, merchant_id: UUID, *, before_at: datetime, before_id: UUID, limit: int
) -> list[MerchantOrder]:
    """Read a merchant's orders of the platform's own form, latest first, each as it is now."""
    found = await store.read_native_orders(tx, merchant_id, before_at=before_at, before_id=before_id, limit=limit)
    return [await _present(tx, now, each) for each in found]


async def of_cashier(tx: Tx, now: Moment, token: str) -> MerchantOrder:
    """Read the order of a cashier's page. Refuses: OrderUnknown."""
    return await _present(tx, now, await store.read_order_of_cashier(tx, token))


async def begin_paying(
    tx: Tx, now: Moment, order_id: UUID, agreed: Agreed, *, openid: str, begun_at: datetime
) -> MerchantOrder:
    """Note what the payer agreed to, before the purchase is made.

    *openid* is how the merchant knows the payer; *begun_at* is the real clock's.

    Refuses: OrderPaid, OrderClosed, OrderBeingPaid.
    """
    order = await _locked(tx, now, order_id)
    check_open(order)
    await store.begin_paying(tx, order_id, agreed, openid=openid, begun_at=begun_at)
    return await store.lock_order(tx, order_id)


async def end_paying(
    tx: Tx, order: MerchantOrder, *, purchase_id: UUID | None, paid_at: datetime | None
) -> tuple[MerchantOrder, bool]:
    """Note what became of the purchase; the flag says that it was not known before. Without one the order is open."""
    found = await store.lock_order(tx, order.id)
    if found.state is not OrderState.PAYING or found.attempts != order.attempts:
        return found, False
    state = OrderState.OPEN if purchase_id is None else OrderState.PAID
    await store.end_paying(tx, order.id, state, purchase_id=purchase_id, at=paid_at)
    return await store.lock_order(tx, order.id), True


async def payer_of_openid(tx: Tx, account_id: UUID, openid: str) -> UUID | None:
    """Find the customer whom a merchant knows by this name, having been paid; None: nobody."""
    return await store.payer_of_openid(tx, account_id, openid)


async def note_payer(tx: Tx, order: MerchantOrder, state: PayerState) -> MerchantOrder:
    """Note what the payer did when a payment code was read."""
    await store.note_payer(tx, order.id, state)
    return await store.lock_order(tx, order.id)


async def take_back(tx: Tx, now: Moment, order_id: UUID) -> MerchantOrder:
    """Note that the merchant takes an order back: nobody can pay it any more. What was paid is still to be given back.

    Refuses: OrderBeingPaid.
    """
    order = await _locked(tx, now, order_id)
    if order.state is OrderState.PAYING:
        raise OrderBeingPaid
    if order.state is OrderState.OPEN:
        await store.close_order(tx, order_id, now.at)
    await store.note_reversed(tx, order_id, now.at)
    return await store.lock_order(tx, order_id)


async def take_unfinished(tx: Tx, *, at: datetime, before: datetime, limit: int) -> Unfinished:
    """Take what was begun before an instant of the real clock and not ended; it counts as begun again at *at*."""
    return Unfinished(
        await store.take_begun_orders(tx, at=at, before=before, limit=limit),
        await store.take_begun_refunds(tx, at=at, before=before, limit=limit),
    )


async def close(tx: Tx, now: Moment, order_id: UUID) -> MerchantOrder:
    """Let nobody pay an order any more; closing it again changes nothing. Refuses: OrderPaid, OrderBeingPaid."""
    order = await _locked(tx, now, order_id)
    if order.state is OrderState.CLOSED:
        return order
    check_open(order)
    await store.close_order(tx, order_id, now.at)
    return await store.lock_order(tx, order_id)


def check_open(order: MerchantOrder) -> None:
    """Demand that an order can be paid. Refuses: OrderPaid, OrderClosed, OrderBeingPaid."""
    match order.state:
        case OrderState.PAID:
            raise OrderPaid
        case OrderState.CLOSED:
            raise OrderClosed
        case OrderState.PAYING:
            raise OrderBeingPaid
        case OrderState.OPEN:
            return


async def begin_refund(
    tx: Tx, now: Moment, order_id: UUID, new: NewRefund, *, begun_at: datetime
) -> tuple[MerchantOrder, OrderRefund, bool]:
    """Count a refund before it is made; the flag says that it is new. The same one again gives what is there.

    Refuses: AmountInvalid, OrderNotPaid, OrderBeingPaid, OrderRefundDiffers, OrderRefundExceedsPaid.
    """
    check_amount(new.amount_minor)
    order = await _locked(tx, now, order_id)
    known = await store.read_refund(tx, order_id, new.out_refund_no)
    if known is not None and known.amount_minor != new.amount_minor:
        raise OrderRefundDiffers
    if known is not None and known.state is not RefundState.REFUSED:
        return order, known, False
    if order.state is OrderState.PAYING:
        raise OrderBeingPaid
    if order.state is not OrderState.PAID:
        raise OrderNotPaid
    if order.refunded_minor + new.amount_minor > order.amount_minor:
        raise OrderRefundExceedsPaid(refundable_minor=order.amount_minor - order.refunded_minor)
    await store.add_refunded(tx, order_id, new.amount_minor)
    if known is None:
        refund_id = derived_id("merchant_order_refund", order_id, new.out_refund_no)
        await store.insert_refund(tx, order, new, refund_id=refund_id, at=now.at, begun_at=begun_at)
    else:
        await store.begin_refund_again(tx, known, now.at, begun_at=begun_at)
    made = await store.read_refund(tx, order_id, new.out_refund_no)
    assert made is not None, "it was just written"
    return await store.lock_order(tx, order_id), made, True


async def end_refund(
    tx: Tx, refund: OrderRefund, *, refunded_at: datetime | None
) -> tuple[MerchantOrder, OrderRefund, bool]:
    """Note what became of a refund; without an instant it was refused. The flag says that it was not known before."""
    order = await store.lock_order(tx, refund.order_id)
    state = RefundState.REFUSED if refunded_at is None else RefundState.SUCCEEDED
    is_news = await store.end_refund(tx, refund, state, refunded_at)
    if is_news and refunded_at is None:
        await store.add_refunded(tx, order.id, -refund.amount_minor)
        order = await store.lock_order(tx, order.id)
    found = await store.read_refund(tx, refund.order_id, refund.out_refund_no)
    assert found is not None, "refunds are never deleted"
    return order, found, is_news


async def refund(tx: Tx, order_id: UUID, out_refund_no: str) -> OrderRefund:
    """Read a refund of an order. Refuses: OrderRefundUnknown."""
    found = await store.read_refund(tx, order_id, out_refund_no)
    if found is None:
        raise OrderRefundUnknown
    return found


async def of_refund(tx: Tx, refund: OrderRefund) -> MerchantOrder:
    """Read the order that a refund is of."""
    return await store.lock_order(tx, refund.order_id)


async def refund_of_number(
    tx: Tx, account_id: UUID, surface: Surface, number: str
) -> tuple[MerchantOrder, OrderRefund]:
    """Read a merchant's refund by its number alone, and its order. Refuses: OrderRefundUnknown."""
    found = await store.read_refund_of_number(tx, account_id, surface, number)
    if found is None:
        raise OrderRefundUnknown
    return await store.lock_order(tx, found.order_id), found


async def of_purchases(
    tx: Tx, account_id: UUID, surface: Surface, purchase_ids: Sequence[UUID]
) -> tuple[list[MerchantOrder], list[OrderRefund]]:
    """Read a merchant's orders by the purchases they became, and their refunds."""
    found = await store.read_orders_of_purchases(tx, account_id, surface, purchase_ids)
    return found, await store.read_refunds_of_orders(tx, [each.id for each in found])


def refund_key(refund: OrderRefund) -> str:
    """Say under which key a refund is made of the purchase, so that it is made once."""
    return f"order_refund:{refund.id.hex}"


async def tell(tx: Tx, order: MerchantOrder, new: NewNotice, *, notice_id: UUID, at: datetime) -> None:
    """Write a notice with the fact it tells of; *at* is the real time, as all of its times are."""
    await store.insert_notice(tx, order, new, notice_id=notice_id, at=at)


async def take_due(tx: Tx, *, at: datetime, until: datetime, limit: int) -> list[Notice]:
    """Take notices that are due; nobody else gets them before *until*."""
    return await store.take_due_notices(tx, at=at, until=until, limit=limit)


async def notices_of(
    tx: Tx, merchant_id: UUID, *, is_open: bool, before_at: datetime, before_id: UUID, limit: int
) -> list[Notice]:
    """Read what a merchant was or is to be told of its orders, latest first."""
    return await store.read_notices(
        tx, merchant_id, is_open=is_open, before_at=before_at, before_id=before_id, limit=limit
    )


async def acknowledged(tx: Tx, notice: Notice, *, answer: str, at: datetime) -> None:
    """Note that the merchant took a notice."""
    await store.end_attempt(tx, notice.id, answer=answer, acknowledged_at=at, due_at=None)


async def not_acknowledged(tx: Tx, notice: Notice, *, answer: str, due_at: datetime | None) -> None:
    """Note that the merchant did not take a notice, and when it is told again, if ever."""
    await store.end_attempt(tx, notice.id, answer=answer, acknowledged_at=None, due_at=due_at)


async def forget_notices(tx: Tx, before: datetime, limit: int) -> int:
    """Forget so many notices that were taken or given up before an instant, and count them."""
    return await store.delete_notices(tx, before, limit)


async def _locked(tx: Tx, now: Moment, order_id: UUID) -> MerchantOrder:
    return await _present(tx, now, await store.lock_order(tx, order_id))


async def _present(tx: Tx, now: Moment, order: MerchantOrder | None) -> MerchantOrder:
    """Give an order as it is now: one whose time is over is closed."""
    if order is None:
        raise OrderUnknown
    if order.state is not OrderState.OPEN or now.at < order.expires_at:
        return order
    locked = await store.lock_order(tx, order.id)
    if locked.state is OrderState.OPEN:
        await store.close_order(tx, order.id, locked.expires_at)
    return await store.lock_order(tx, order.id)
