"""The pages as one router: what they refuse is a page too."""

from __future__ import annotations

from typing import Any

from litestar import Response, Router

from tiao.checkout.orders.refusals import OrderUnknown
from tiao.partners.accounts.refusals import AccountUnknown
from tiao.values.refusal import Kind, Refusal
from tiao.web import cashier
from tiao.web.cookies import HttpRequest
from tiao.web.rendering import page
from tiao.web.words import language_of

_STATUS = {Kind.NOT_FOUND: 404, Kind.BUSY: 503, Kind.GONE: 410}


def refused(request: HttpRequest, refusal: Refusal) -> Response[Any]:
    """Say in words what a payer can do about a refusal that no page expects."""
    language = language_of(request.query_params.get("lang"), None, request.headers.get("accept-language"))
    state = "unknown" if isinstance(refusal, OrderUnknown | AccountUnknown) else "trouble"
    status = 404 if state == "unknown" else _STATUS.get(refusal.kind, 409)
    return page("result.html", language, status=status, state=state, reasons=[], offer=None, here="")


def router() -> Router:
    """Give every page."""
    return Router("/", route_handlers=[*cashier.HANDLERS], exception_handlers={Refusal: refused})
