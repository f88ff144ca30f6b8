"""Signing in to the wallet: a phone of ours and the code that was sent to it; then the wallet calls the API itself."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, Router, post
from litestar.background_tasks import BackgroundTask
from litestar.params import JSONBody

from tiao.runtime.origin import is_same_origin
from tiao.values.refusal import Kind, Refusal
from tiao.web import signing_in, visits
from tiao.web.cookies import HttpRequest, cookies_of, guest, seated
from tiao.web.pages import Pages

_STATUS = {Kind.BUSY: 503, Kind.FORBIDDEN: 403}


class ForeignForm(Refusal):
    """Signing in was not asked for by one of our own pages."""

    kind = Kind.FORBIDDEN


class WrongCode(Refusal):
    """This is not the code that was sent, or it is too old, or was tried too often."""

    kind = Kind.FORBIDDEN


class PhoneGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The phone to send a code to."""

    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class CodeGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that came."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=16)]


@post("/wallet/code", status_code=202, include_in_schema=False)
async def send_code(request: HttpRequest, data: JSONBody[PhoneGiven]) -> Response[dict[str, Any]]:
    """Send a code to a phone. Whether anybody has it does not show, neither in the answer nor in its time."""
    _require_ours(request)
    pages: Pages = request.app.state.pages
    known = await seated(await guest(request, pages), pages)
    assert known.visit is not None, "whoever has no visit was given one"
    send = await signing_in.ask_code(pages, known.visit, data.phone, known.language)
    cookies = cookies_of(request, known)
    return Response({}, status_code=202, cookies=cookies, background=BackgroundTask(send))


@post("/wallet/session", status_code=201, include_in_schema=False)
async def sign_in(request: HttpRequest, data: JSONBody[CodeGiven]) -> Response[dict[str, Any]]:
    """Sign in with the code: the answer sets the cookie of a session at the API."""
    _require_ours(request)
    pages: Pages = request.app.state.pages
    known = await guest(request, pages)
    token = None if known.visit is None else await signing_in.signed_in(pages, known.visit, data.code)
    if token is None:
        raise WrongCode
    async with pages.home.db.begin() as tx:
        begun = await visits.of_token(tx, token, await pages.clock.now(tx))
    assert begun is not None, "a visit that has just begun is there"
    assert begun.customer_id is not None, "a visit that was signed in has its customer"
    return Response({}, status_code=201, cookies=[await pages.session_of(begun.customer_id)])


def refused(_request: HttpRequest, refusal: Refusal) -> Response[dict[str, Any]]:
    """Say no in the form of the API's refusals, as far as the wallet reads them."""
    status = _STATUS.get(refusal.kind, 422)
    said = {"code": refusal.code, "status": status, "detail": refusal.detail, "facts": refusal.facts}
    return Response(said, status_code=status, media_type="application/problem+json")


def _require_ours(request: HttpRequest) -> None:
    if not is_same_origin(request.headers):
        raise ForeignForm


def router() -> Router:
    """Give the wallet's own endpoints."""
    return Router("/", route_handlers=[send_code, sign_in], exception_handlers={Refusal: refused})
