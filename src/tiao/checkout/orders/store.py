"""Rows to merchants' orders, refunds and notices, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

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
)
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.checkout.orders")


async def insert_order(
    tx: Tx, new: NewOrder, *, order_id: UUID, account_id: UUID, trade_no: str, cashier_token: str, at: datetime
) -> bool:
    """Write an order; False when its number is there already."""
    written = await tx.execute(
        _QUERIES.insert_order,
        id=order_id,
        account=account_id,
        surface=new.surface,
        out_trade_no=new.out_trade_no,
        trade_no=trade_no,
        trade_type=new.trade_type,
        digest=new.digest,
        currency=new.currency,
        amount=new.amount_minor,
        subject=new.subject,
        terms=new.terms,
        fee_payer=new.fee_payer,
        plans=[str(each) for each in new.plans],
        notify_url=new.notify_url,
        return_url=new.return_url,
        attach=new.attach,
        is_shared=new.is_shared,
        payer_openid=new.payer_openid,
        is_by_key_id=new.is_by_key_id,
        cashier_token=cashier_token,
        at=at,
        expires_at=new.expires_at,
    )
    return written == 1


async def read_order_of_number(tx: Tx, account_id: UUID, surface: Surface, number: str) -> MerchantOrder | None:
    """Read an order by the merchant's number."""
    return await tx.maybe(
        _QUERIES.order_of_number, MerchantOrder, account=account_id, surface=surface.value, number=number
    )


async def read_order_of_trade_no(tx: Tx, account_id: UUID, surface: Surface, number: str) -> MerchantOrder | None:
    """Read an order by the platform's number."""
    return await tx.maybe(
        _QUERIES.order_of_trade_no, MerchantOrder, account=account_id, surface=surface.value, number=number
    )


async def read_order_of_id(tx: Tx, account_id: UUID, order_id: UUID) -> MerchantOrder | None:
    """Read a merchant's order by its id."""
    return await tx.maybe(_QUERIES.order_of_id, MerchantOrder, account=account_id, id=order_id)


async def read_native_orders(
    tx: Tx, account_id: UUID, *, before_at: datetime, before_id: UUID, limit: int
) -> list[MerchantOrder]:
    """Read a merchant's orders of the platform's own form, latest first."""
    return await tx.rows(
        _QUERIES.native_orders, MerchantOrder, account=account_id, before_at=before_at, before_id=before_id, limit=limit
    )


async def read_order_of_cashier(tx: Tx, token: str) -> MerchantOrder | None:
    """Read the order of a cashier's page."""
    return await tx.maybe(_QUERIES.order_of_cashier, MerchantOrder, token=token)


async def lock_order(tx: Tx, order_id: UUID) -> MerchantOrder:
    """Read an order and keep it from changing."""
    return await tx.one(_QUERIES.lock_order, MerchantOrder, id=order_id)


async def begin_paying(tx: Tx, order_id: UUID, agreed: Agreed, *, openid: str, begun_at: datetime) -> None:
    """Note what the payer agreed to, and when by the real clock."""
    await tx.execute(
        _QUERIES.begin_paying,
        id=order_id,
        customer=agreed.customer_id,
        quote=agreed.quote_id,
        plan=agreed.plan_code,
        openid=openid,
        begun_at=begun_at,
    )


async def end_paying(
    tx: Tx, order_id: UUID, state: OrderState, *, purchase_id: UUID | None, at: datetime | None
) -> None:
    """Note what became of the purchase."""
    await tx.execute(_QUERIES.end_paying, id=order_id, state=state.value, purchase=purchase_id, at=at)


async def payer_of_openid(tx: Tx, account_id: UUID, openid: str) -> UUID | None:
    """Find the customer whom a merchant knows by this name."""
    found: UUID | None = await tx.value(_QUERIES.payer_of_openid, account=account_id, openid=openid)
    return found


async def note_payer(tx: Tx, order_id: UUID, state: PayerState) -> None:
    """Note what the payer did when a payment code was read."""
    await tx.execute(_QUERIES.note_payer, id=order_id, state=state.value)


async def note_reversed(tx: Tx, order_id: UUID, at: datetime) -> None:
    """Note that an order is taken back."""
    await tx.execute(_QUERIES.note_reversed, id=order_id, at=at)


async def take_begun_orders(tx: Tx, *, at: datetime, before: datetime, limit: int) -> list[MerchantOrder]:
    """Take orders whose payment was begun before an instant and not ended."""
    return await tx.rows(_QUERIES.take_begun_orders, MerchantOrder, at=at, before=before, limit=limit)


async def take_begun_refunds(tx: Tx, *, at: datetime, before: datetime, limit: int) -> list[OrderRefund]:
    """Take refunds that were begun before an instant and not ended."""
    return await tx.rows(_QUERIES.take_begun_refunds, OrderRefund, at=at, before=before, limit=limit)


async def close_order(tx: Tx, order_id: UUID, at: datetime) -> None:
    """Close an order."""
    await tx.execute(_QUERIES.close_order, id=order_id, at=at)


async def add_refunded(tx: Tx, order_id: UUID, amount_minor: int) -> None:
    """Count an amount into or out of what was given back. Refuses: OrderRefundExceedsPaid."""
    await tx.execute(_QUERIES.add_refunded, id=order_id, amount=amount_minor)


async def insert_refund(
    tx: Tx, order: MerchantOrder, new: NewRefund, *, refund_id: UUID, at: datetime, begun_at: datetime
) -> None:
    """Write a refund that is about to be made."""
    await tx.execute(
        _QUERIES.insert_refund,
        order=order.id,
        number=new.out_refund_no,
        id=refund_id,
        account=order.account_id,
        amount=new.amount_minor,
        reason=new.reason,
        notify_url=new.notify_url,
        at=at,
        begun_at=begun_at,
    )


async def read_refund(tx: Tx, order_id: UUID, number: str) -> OrderRefund | None:
    """Read a refund of an order."""
    return await tx.maybe(_QUERIES.refund, OrderRefund, order=order_id, number=number)


async def read_refund_of_number(tx: Tx, account_id: UUID, surface: Surface, number: str) -> OrderRefund | None:
    """Read a merchant's refund by its number alone."""
    return await tx.maybe(
        _QUERIES.refund_of_number, OrderRefund, account=account_id, surface=surface.value, number=number
    )


async def begin_refund_again(tx: Tx, refund: OrderRefund, at: datetime, *, begun_at: datetime) -> None:
    """Try a refused refund again."""
    await tx.execute(
        _QUERIES.begin_refund_again, order=refund.order_id, number=refund.out_refund_no, at=at, begun_at=begun_at
    )


async def end_refund(tx: Tx, refund: OrderRefund, state: RefundState, at: datetime | None) -> bool:
    """Note what became of a refund; False when somebody else has."""
    touched = await tx.execute(
        _QUERIES.end_refund, order=refund.order_id, number=refund.out_refund_no, state=state.value, at=at
    )
    return touched == 1


async def read_orders_of_purchases(
    tx: Tx, account_id: UUID, surface: Surface, purchase_ids: Sequence[UUID]
) -> list[MerchantOrder]:
    """Read a merchant's orders by the purchases they became."""
    return await tx.rows(
        _QUERIES.orders_of_purchases,
        MerchantOrder,
        account=account_id,
        surface=surface.value,
        purchases=list(purchase_ids),
    )


async def read_refunds_of_orders(tx: Tx, order_ids: Sequence[UUID]) -> list[OrderRefund]:
    """Read what was given back, or was to be, of some orders."""
    return await tx.rows(_QUERIES.refunds_of_orders, OrderRefund, orders=list(order_ids))


async def insert_notice(tx: Tx, order: MerchantOrder, new: NewNotice, *, notice_id: UUID, at: datetime) -> None:
    """Write a notice."""
    await tx.execute(
        _QUERIES.insert_notice,
        id=notice_id,
        account=order.account_id,
        order=order.id,
        surface=order.surface.value,
        kind=new.kind,
        url=new.url,
        content=new.content,
        at=at,
    )


async def take_due_notices(tx: Tx, *, at: datetime, until: datetime, limit: int) -> list[Notice]:
    """Take notices that are due, until an instant."""
    return await tx.rows(_QUERIES.take_due_notices, Notice, at=at, until=until, limit=limit)


async def read_notices(
    tx: Tx, merchant_id: UUID, *, is_open: bool, before_at: datetime, before_id: UUID, limit: int
) -> list[Notice]:
    """Read what a merchant was or is to be told, latest first."""
    return await tx.rows(
        _QUERIES.notices_of,
        Notice,
        merchant=merchant_id,
        is_open=is_open,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
    )


async def end_attempt(
    tx: Tx, notice_id: UUID, *, answer: str, acknowledged_at: datetime | None, due_at: datetime | None
) -> None:
    """Note what the merchant answered."""
    await tx.execute(_QUERIES.end_attempt, id=notice_id, answer=answer, acknowledged_at=acknowledged_at, due_at=due_at)


async def delete_notices(tx: Tx, before: datetime, limit: int) -> int:
    """Forget notices that ended before an instant, and count them."""
    return await tx.execute(_QUERIES.purge_notices, before=before, limit=limit)
