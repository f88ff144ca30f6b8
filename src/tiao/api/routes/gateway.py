"""Ways in for libraries of other systems. Their own documents describe them, so ours does not (docs/compat.md)."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import HttpMethod, Request, Response, get, route
from litestar.datastructures import State
from litestar.params import PathParameter

from tiao.api.compat import billing, counter
from tiao.api.compat.alipay import bills
from tiao.api.compat.alipay import gateway as alipay
from tiao.api.compat.till import Till
from tiao.api.compat.wechatpay import gateway as wechatpay
from tiao.api.edge import facts_of
from tiao.api.services import Services
from tiao.partners.accounts import actions as accounts

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


@get("/gateway/bills/{name:str}", include_in_schema=False)
async def alipay_bill(
    request: Request[Any, Any, State], name: Annotated[str, PathParameter(pattern="^[A-Za-z0-9_-]+[.]zip$")]
) -> Response[bytes]:
    """Give the bill that a link leads to, for as long as the link is good."""
    services: Services = request.app.state.services
    async with services.platform.db.begin() as tx:
        at = await services.clock.now(tx)
        link = billing.opened_link(services.platform.vault, name.removesuffix(".zip"), at=at)
        account = await accounts.account(tx, link.account_id)
    if link.kind not in bills.KINDS:
        raise billing.BillLinkInvalid
    file = await bills.archive(Till(services, account), link.kind, link.day)
    headers = {"content-disposition": f'attachment; filename="{link.day:%Y%m%d}.csv.zip"', "cache-control": "no-store"}
    return Response(file, media_type="application/zip", headers=headers)


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


ROUTES = [alipay_gateway, alipay_bill, wechatpay_gateway]
