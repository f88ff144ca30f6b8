"""Ways in for libraries of other systems. Their own documents describe them, so ours does not (docs/compat.md)."""

from __future__ import annotations

from typing import Any

from litestar import HttpMethod, Request, Response, route
from litestar.datastructures import State

from tiao.api.compat import counter
from tiao.api.compat.alipay import gateway as alipay
from tiao.api.compat.wechatpay import gateway as wechatpay
from tiao.api.edge import facts_of
from tiao.api.services import Services

#: Every method, so that what is not served is refused in the form's own words.
_ANY = [HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE]
_JSON = "application/json;charset=utf-8"


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


def base_url(request: Request[Any, Any, State]) -> str:
    """Say where this server is reached: at the address the caller used."""
    return f"{request.scope['scheme']}://{request.headers.get('host', 'localhost')}"


ROUTES = [alipay_gateway, wechatpay_gateway]
