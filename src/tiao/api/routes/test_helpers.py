"""A sandbox's own: its payer pays, shows payment codes, and its clock moves. A merchant's test token opens them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, post
from litestar.datastructures import State

from tiao.api.compat.alipay.values import ZONE
from tiao.api.compat.payer import Behaviour, pay_as_test_payer
from tiao.api.compat.till import Till
from tiao.api.ids import Instant
from tiao.api.refusals import RequestMalformed, TokenMissing
from tiao.api.requests import read_body
from tiao.api.routes.books import advance
from tiao.api.services import Services
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import OrderState, Surface
from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.model import Account
from tiao.partners.accounts.refusals import AccountUnknown, TestTokenUnknown


class PaymentAsked(msgspec.Struct, frozen=True):
    """Which order the test payer pays, in how many instalments; null: as the order says, or in one."""

    out_trade_no: str
    app_id: str | None = None
    mchid: str | None = None
    instalments: int | None = None


class CodeAsked(msgspec.Struct, frozen=True):
    """How the payer behaves when the code is read."""

    behaviour: Behaviour = Behaviour.APPROVE


class ClockAsked(msgspec.Struct, frozen=True):
    """Where the sandbox's time goes; null: it stays."""

    advance_to: Instant | None = None


class Paid(msgspec.Struct, frozen=True):
    """That the order is paid, or that risk control looks at the purchase first."""

    status: str


class CodeShown(msgspec.Struct, frozen=True):
    """A payment code."""

    code: str


class ClockShown(msgspec.Struct, frozen=True):
    """The sandbox's time, in +08:00."""

    now: datetime


@post("/v1/test_helpers/pay", include_in_schema=False, status_code=200)
async def pay(request: Request[Any, Any, State]) -> Paid:
    """Let the test payer pay an order."""
    services, account = await _sandbox(request)
    asked: PaymentAsked = read_body(await request.body(), PaymentAsked)
    if (asked.app_id is None) == (asked.mchid is None):
        raise RequestMalformed("either app_id or mchid says whose order it is", pointer="/app_id")
    if (asked.app_id or asked.mchid) not in {account.app_id, account.mchid}:
        raise AccountUnknown
    surface = Surface.WECHATPAY if asked.app_id is None else Surface.ALIPAY
    till = Till(services, account)
    async with till.home.db.begin() as tx:
        order = await orders.of_number(tx, await till.home.moments(tx), account.id, surface, asked.out_trade_no)
    after = await pay_as_test_payer(till, order, terms=asked.instalments)
    return Paid("paid" if after.state is OrderState.PAID else "processing")


@post("/v1/test_helpers/payment_codes", include_in_schema=False, status_code=200)
async def payment_code(request: Request[Any, Any, State]) -> CodeShown:
    """Show a payment code of the test payer."""
    services, account = await _sandbox(request)
    asked: CodeAsked = read_body(await request.body(), CodeAsked)
    async with services.platform.db.begin() as tx:
        at = await services.clock.now(tx)
        code = await accounts.new_payment_code(
            tx, account, behaviour=asked.behaviour.value, at=at, random_bytes=services.random_bytes
        )
    return CodeShown(code)


@post("/v1/test_helpers/clock", include_in_schema=False, status_code=200)
async def clock(request: Request[Any, Any, State]) -> ClockShown:
    """Tell the sandbox's time, or move it forward; days that end on the way are closed."""
    services, _ = await _sandbox(request)
    asked: ClockAsked = read_body(await request.body() or b"{}", ClockAsked)
    if asked.advance_to is not None:
        await advance(services, asked.advance_to)
    async with services.platform.db.begin() as tx:
        now = await services.platform.moments(tx)
    return ClockShown(now.at.astimezone(ZONE))


async def _sandbox(request: Request[Any, Any, State]) -> tuple[Services, Account]:
    """Let a test token in, where time is a test's. Refuses: TokenMissing, TestTokenUnknown."""
    services: Services = request.app.state.services
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing
    async with services.platform.db.begin() as tx:
        account = await accounts.account_of_token(tx, token.strip())
    if not services.platform.programme.is_test_clock or account.test_payer_id is None:
        raise TestTokenUnknown
    return services, account


ROUTES = [pay, payment_code, clock]
