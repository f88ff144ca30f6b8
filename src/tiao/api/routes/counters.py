"""Counters: a merchant's stores and terminals, and sales in person at them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.counter_sales import Outcome, outcome
from tiao.api.idempotency import once
from tiao.api.ids import AmountMinor, Currency, IdempotencyKey, MerchantId, SessionInPath, StoreInPath, Text
from tiao.api.native import till_of
from tiao.api.operation import M, makes, reads
from tiao.api.routes.checkout_sessions import SessionShown, session_shown
from tiao.api.routes.gateway import base_url
from tiao.api.routes.purchases import Reference
from tiao.api.services import Call
from tiao.checkout.counters import actions as counters
from tiao.checkout.counters.model import SaleKind, Store, Terminal
from tiao.checkout.counters.presented import digits_of, merchant_code
from tiao.checkout.counters.refusals import SaleForAnother, SaleUnknown, StoreUnknown, TerminalLocked, TerminalUnknown
from tiao.checkout.counters.showing import shown_for
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import MerchantOrder, NewOrder, OrderState, Surface
from tiao.checkout.orders.refusals import OrderNumberUsed, OrderUnknown
from tiao.checkout.refusals import AmountInvalid, CurrencyMismatch
from tiao.partners import actions as partners
from tiao.partners.accounts.refusals import PaymentCodeInvalid
from tiao.partners.model import Merchant
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scenes.refusals import SceneAmountOutside
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

#: Nobody waits longer at a counter.
SALE_TIME = timedelta(minutes=15)
CodeRead = Annotated[
    str,
    msgspec.Meta(
        pattern="^([0-9]{16,24}|hQVDUFY[A-Za-z0-9+/]{16,680}={0,2})$",
        description="The payer's code, as it was read: digits, or what EMVCo makes of them.",
    ),
]


class StoreGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place where the merchant sells; its codes name its city."""

    name: Text
    address: Text
    city: Annotated[str, msgspec.Meta(max_length=15, pattern=r"^[^\u0000-\u001f\u007f]*$")] = ""


class StoreShown(msgspec.Struct, frozen=True):
    """A store."""

    id: str
    merchant: MerchantId
    name: str
    address: str
    city: str
    made_at: datetime


class StoreList(msgspec.Struct, frozen=True):
    """A merchant's stores in the order in which they were made."""

    data: list[StoreShown]


class TerminalGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A till; *has_printed_code* gives it a code to be printed, at which customers type the amount."""

    label: Text
    has_printed_code: bool = False


class TerminalShown(msgspec.Struct, frozen=True):
    """A terminal.

    *code_payload* is what its printed code says, as EMVCo writes it; *code_url* is where the payer pays, *poster_url*
    the code as a poster (PDF).
    """

    id: str
    store: str
    label: str
    code_payload: str | None
    code_url: str | None
    poster_url: str | None
    locked_until: datetime | None
    made_at: datetime


class TerminalList(msgspec.Struct, frozen=True):
    """A store's terminals in the order in which they were made."""

    data: list[TerminalShown]


class SaleAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sale in person: with the payer's *code* as it was read, or without one, for the customer to scan ours."""

    terminal: str
    reference: Reference
    amount_minor: AmountMinor
    currency: Currency
    description: Text
    code: CodeRead | None = None


class SaleShown(msgspec.Struct, frozen=True):
    """A sale and what the till shows next.

    The customer scans *code_payload*, which says the same as EMVCo writes it, or the address of the session; null once
    there is nothing to be scanned.
    """

    outcome: Outcome
    code_payload: str | None
    session: SessionShown


class ReceiptShown(msgspec.Struct, frozen=True):
    """A receipt: lines for a narrow printer."""

    lines: list[str]


@makes("/v1/stores", by=[M], scope=Scope.PURCHASES_WRITE, refuses=[MerchantUnknown])
async def create_store(call: Call, data: JSONBody[StoreGiven], key: IdempotencyKey) -> Response[StoreShown]:
    """Open a store."""

    async def work(tx: Tx, now: Moment) -> StoreShown:
        made = await counters.make_store(
            tx, now, call.caller.subject_id, name=data.name, address=data.address, city=data.city
        )
        return _store_shown(made)

    return await once(call._replace(bucket=None), key, data, work)


@reads("/v1/stores", by=[M], scope=Scope.PURCHASES_READ)
async def list_stores(call: Call) -> StoreList:
    """List one's stores."""
    async with call.services.platform.db.begin() as tx:
        return StoreList([_store_shown(each) for each in await counters.stores(tx, call.caller.subject_id)])


@makes("/v1/stores/{store_id:str}/terminals", by=[M], scope=Scope.PURCHASES_WRITE, refuses=[StoreUnknown])
async def create_terminal(
    call: Call,
    store_id: StoreInPath,
    data: JSONBody[TerminalGiven],
    key: IdempotencyKey,
    request: Request[object, object, State],
) -> Response[TerminalShown]:
    """Set a terminal up in a store."""
    where = base_url(request)

    async def work(tx: Tx, now: Moment) -> TerminalShown:
        made = await counters.make_terminal(
            tx,
            now,
            call.caller.subject_id,
            read_id(ids.STORE, store_id),
            label=data.label,
            has_printed_code=data.has_printed_code,
            random_bytes=call.services.random_bytes,
        )
        store = await counters.store_of(tx, made.merchant_id, made.store_id)
        return _terminal_shown(made, store, await partners.merchant(tx, made.merchant_id), where)

    return await once(call._replace(bucket=None), key, data, work)


@reads("/v1/stores/{store_id:str}/terminals", by=[M], scope=Scope.PURCHASES_READ, refuses=[StoreUnknown])
async def list_terminals(call: Call, store_id: StoreInPath, request: Request[object, object, State]) -> TerminalList:
    """List a store's terminals."""
    async with call.services.platform.db.begin() as tx:
        found = await counters.terminals(tx, call.caller.subject_id, read_id(ids.STORE, store_id))
        store = await counters.store_of(tx, call.caller.subject_id, read_id(ids.STORE, store_id))
        merchant = await partners.merchant(tx, call.caller.subject_id)
    return TerminalList([_terminal_shown(each, store, merchant, base_url(request)) for each in found])


@makes(
    "/v1/counter_sales",
    by=[M],
    scope=Scope.PURCHASES_WRITE,
    status=200,
    refuses=[
        AmountInvalid,
        CurrencyMismatch,
        MerchantUnknown,
        OrderNumberUsed,
        PaymentCodeInvalid,
        SaleForAnother,
        SaleUnknown,
        SceneAmountOutside,
        TerminalLocked,
        TerminalUnknown,
    ],
)
async def create_counter_sale(
    call: Call, data: JSONBody[SaleAsked], key: IdempotencyKey, request: Request[object, object, State]
) -> SaleShown:
    """Sell in person: read the customer's code, or show one to be scanned.

    The reference names the sale: asked again it goes on where it stands, and is paid once.
    """
    services, where = call.services, base_url(request)
    home = services.platform
    said = (data.amount_minor, data.currency, data.description, data.terminal)
    async with home.db.begin() as tx:
        now = await home.moments(tx)
        merchant = await partners.merchant(tx, call.caller.subject_id)
        at = await counters.terminal(tx, merchant.id, read_id(ids.TERMINAL, data.terminal))
        if data.currency != merchant.currency:
            raise CurrencyMismatch(f"the merchant is paid in {merchant.currency}", pointer="/currency")
        order = await orders.make(
            tx,
            now,
            home.book,
            merchant.id,
            NewOrder(
                surface=Surface.NATIVE,
                out_trade_no=data.reference,
                trade_type="COUNTER",
                digest=hashlib.sha256(msgspec.json.encode(said)).digest(),
                currency=data.currency,
                amount_minor=data.amount_minor,
                subject=data.description,
                expires_at=now.at + SALE_TIME,
                # Kept for nobody but whoever looks why: the reference is what makes a sale one.
                attach=key[:200],
            ),
            category=merchant.category,
            random_bytes=services.random_bytes,
        )
        sale = await counters.begin_sale(tx, now, order, at, SaleKind.DYNAMIC if data.code is None else SaleKind.CODE)
    till = await till_of(services, order)
    order = await till.current(order)
    url = f"{where}/cashier/{order.cashier_token}"
    code = None if data.code is None else digits_of(data.code)
    found = await outcome(services, till, order, sale, at, code=code, url=url)
    async with home.db.begin() as tx:
        order = await orders.of_id(tx, await home.moments(tx), merchant.id, order.id)
        store = await counters.store_of(tx, merchant.id, at.store_id)
    is_to_scan = found is Outcome.SHOW_CODE
    payload = merchant_code(shown_for(merchant, store, at, url, order)) if is_to_scan else None
    return SaleShown(found, payload, session_shown(order, where))


@reads(
    "/v1/counter_sales/{session_id:str}/receipt",
    by=[M],
    scope=Scope.PURCHASES_READ,
    refuses=[OrderUnknown, SaleUnknown, TerminalUnknown, StoreUnknown, MerchantUnknown],
)
async def read_receipt(call: Call, session_id: SessionInPath) -> ReceiptShown:
    """Write the receipt of a sale in person."""
    home, wanted = call.services.platform, read_id(ids.SESSION, session_id)
    async with home.db.begin() as tx:
        order = await orders.of_id(tx, await home.moments(tx), call.caller.subject_id, wanted)
        sale = await counters.sale(tx, order.id)
        store = await counters.store_of(tx, order.account_id, sale.store_id)
        at = await counters.terminal(tx, order.account_id, sale.terminal_id)
        merchant = await partners.merchant(tx, order.account_id)
    zone = home.programme.zone
    paid_at = None if order.paid_at is None else order.paid_at.astimezone(zone)
    return ReceiptShown(
        [
            merchant.name,
            f"{store.name} {store.address}",
            f"终端 {at.label}",
            f"订单号 {order.out_trade_no}",
            f"交易号 {order.trade_no}",
            f"商品 {order.subject}",
            f"金额 {order.currency} {order.amount_minor // 100}.{order.amount_minor % 100:02d}",
            *_of_payment(order, home.book.lender, paid_at),
        ]
    )


def _of_payment(order: MerchantOrder, lender: str, paid_at: datetime | None) -> list[str]:
    if order.state is not OrderState.PAID or paid_at is None:
        return ["未付款"]
    return [f"已付款 {paid_at:%Y-%m-%d %H:%M:%S}", f"方案 {order.plan_code}", f"放款机构 {lender}"]


def _store_shown(store: Store) -> StoreShown:
    return StoreShown(
        show_id(ids.STORE, store.id),
        show_id(ids.MERCHANT, store.merchant_id),
        store.name,
        store.address,
        store.city,
        store.made_at,
    )


def _terminal_shown(terminal: Terminal, store: Store, merchant: Merchant, where: str) -> TerminalShown:
    code = None if terminal.static_token is None else f"{where}/s/{terminal.static_token}"
    return TerminalShown(
        id=show_id(ids.TERMINAL, terminal.id),
        store=show_id(ids.STORE, terminal.store_id),
        label=terminal.label,
        code_payload=None if code is None else merchant_code(shown_for(merchant, store, terminal, code)),
        code_url=code,
        poster_url=None if code is None else f"{code}/poster.pdf",
        locked_until=terminal.locked_until,
        made_at=terminal.made_at,
    )


ROUTES = [create_store, list_stores, create_terminal, list_terminals, create_counter_sale, read_receipt]
