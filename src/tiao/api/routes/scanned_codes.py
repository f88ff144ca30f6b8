"""Codes that a payer's wallet has scanned: whose they are, and where they are paid."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.params import JSONBody

from tiao.api.ids import Currency
from tiao.api.native import account_of_order
from tiao.api.operation import C, makes
from tiao.api.routes.gateway import base_url
from tiao.api.services import Call
from tiao.checkout.counters import actions as counters
from tiao.checkout.counters.presented import scanned
from tiao.checkout.counters.refusals import CodeNotOurs, TerminalUnknown
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.refusals import OrderUnknown
from tiao.checkout.qr.refusals import QrRefused
from tiao.partners import actions as partners
from tiao.partners.accounts.refusals import AccountUnknown
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx

_PRINTED, _SALE = "s", "cashier"
_PATH = re.compile(rf"/({_PRINTED}|{_SALE})/([0-9a-f]{{24,36}})")
_WEB = ("http://", "https://")


class ScannedKind(StrEnum):
    """Whether the payer types the amount, or the code is for one sale."""

    STATIC = "static"
    DYNAMIC = "dynamic"


class ScanAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was scanned, as it was read: EMVCo's text, or the address that a phone's camera follows."""

    payload: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


class ScannedShown(msgspec.Struct, frozen=True):
    """Whose code it is, and the page on which it is paid; *amount_minor* is null where the payer types it."""

    kind: ScannedKind
    url: str
    merchant: str
    store: str | None
    amount_minor: int | None
    currency: Currency


@makes(
    "/v1/scanned_codes",
    by=[C],
    scope=Scope.PURCHASES_WRITE,
    status=200,
    refuses=[CodeNotOurs, MerchantUnknown],
    is_keyed=False,
)
async def read_scanned_code(
    call: Call, data: JSONBody[ScanAsked], request: Request[object, object, State]
) -> ScannedShown:
    """Say where a scanned code is paid: on a page of ours, whatever address the code names."""
    found = _PATH.fullmatch(urlsplit(_address(data.payload)).path)
    if found is None:
        raise CodeNotOurs
    home = call.services.platform
    where = f"{base_url(request)}{found[0]}"
    async with home.db.begin() as tx:
        try:
            if found[1] == _PRINTED:
                return await _printed(tx, found[2], where)
            order = await orders.of_cashier(tx, await home.moments(tx), found[2])
            account = await account_of_order(tx, order)
        except (TerminalUnknown, OrderUnknown, AccountUnknown) as refusal:
            raise CodeNotOurs from refusal
        merchant = await partners.merchant(tx, account.merchant_id)
        sale = await counters.sale_of(tx, order.id)
        store = None if sale is None else await counters.store_of(tx, merchant.id, sale.store_id)
    name = None if store is None else store.name
    return ScannedShown(ScannedKind.DYNAMIC, where, merchant.name, name, order.amount_minor, order.currency)


async def _printed(tx: Tx, token: str, where: str) -> ScannedShown:
    terminal = await counters.terminal_of_token(tx, token)
    store = await counters.store_of(tx, terminal.merchant_id, terminal.store_id)
    merchant = await partners.merchant(tx, terminal.merchant_id)
    return ScannedShown(ScannedKind.STATIC, where, merchant.name, store.name, None, merchant.currency)


def _address(payload: str) -> str:
    """Read the address out of what was scanned. Refuses: CodeNotOurs."""
    try:
        if payload.startswith(_WEB):
            urlsplit(payload)
            return payload
        read = scanned(payload)
    except (QrRefused, ValueError) as refusal:
        raise CodeNotOurs from refusal
    if read is None:
        raise CodeNotOurs
    return read.address


ROUTES = [read_scanned_code]
