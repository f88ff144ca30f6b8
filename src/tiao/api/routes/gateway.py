"""Ways in for libraries of other systems. Their own documents describe them, so ours does not (docs/compat.md)."""

from __future__ import annotations

from html import escape
from typing import Annotated, Any

from litestar import HttpMethod, Request, Response, get, route
from litestar.datastructures import State
from litestar.params import PathParameter

from tiao.api.compat import counter
from tiao.api.compat.alipay import gateway as alipay
from tiao.api.compat.alipay.values import yuan_of
from tiao.api.compat.wechatpay import gateway as wechatpay
from tiao.api.edge import facts_of
from tiao.api.services import Services
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import OrderState

#: Every method, so that what is not served is refused in the form's own words.
_ANY = [HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE]
_JSON = "application/json;charset=utf-8"
_HTML = "text/html;charset=utf-8"
_STATES = {
    OrderState.OPEN: "待支付",
    OrderState.PAYING: "处理中",
    OrderState.PAID: "已支付",
    OrderState.CLOSED: "已关闭",
}


@route("/gateway.do", http_method=[HttpMethod.GET, HttpMethod.POST], include_in_schema=False, status_code=200)
async def alipay_gateway(request: Request[Any, Any, State]) -> Response[bytes]:
    """Answer a request of Alipay's form."""
    services: Services = request.app.state.services
    asked = await counter.read_request(request)
    answered = await alipay.answer(services, asked, facts_of(request.scope), base_url(request))
    if answered.address is not None:
        return Response(b"", status_code=302, headers={"location": answered.address})
    return Response(answered.document or b"", media_type=_JSON)


@route("/v3/{rest:path}", http_method=_ANY, include_in_schema=False, status_code=200)
async def wechatpay_gateway(request: Request[Any, Any, State]) -> Response[bytes]:
    """Answer a request of WeChat Pay's form."""
    services: Services = request.app.state.services
    asked = await counter.read_request(request)
    answered = await wechatpay.answer(services, asked, facts_of(request.scope), base_url(request))
    return Response(answered.body, status_code=answered.status, headers=answered.headers)


@get("/cashier/{token:str}", include_in_schema=False)
async def cashier(
    request: Request[Any, Any, State], token: Annotated[str, PathParameter(pattern="^[0-9a-f]{36}$")]
) -> Response[str]:
    """Show an order to whoever holds its link: what is to be paid, and whether it was."""
    services: Services = request.app.state.services
    async with services.platform.db.begin() as tx:
        order = await orders.of_cashier(tx, await services.platform.moments(tx), token)
    page = (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>收银台</title>'
        '<meta name="viewport" content="width=device-width"><main><h1>收银台</h1>'
        f"<p>{escape(order.subject)}</p><p>¥{yuan_of(order.amount_minor)}</p><p>{_STATES[order.state]}</p></main></html>"
    )
    headers = {
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }
    return Response(page, media_type=_HTML, headers=headers)


def base_url(request: Request[Any, Any, State]) -> str:
    """Say where this server is reached: at the address the caller used."""
    return f"{request.scope['scheme']}://{request.headers.get('host', 'localhost')}"


ROUTES = [alipay_gateway, wechatpay_gateway, cashier]
