"""Signing in to the wallet, by a phone and its code or by a passkey; then the wallet calls the API itself.

An order that was scanned is paid at the cashier, on the wallet's own host: a passkey's signature over it opens that.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response, Router, post
from litestar.background_tasks import BackgroundTask
from litestar.params import JSONBody, PathParameter
from webauthn.helpers import bytes_to_base64url

from tiao.identity.model import Applicant
from tiao.identity.passkeys import rules
from tiao.identity.passkeys.refusals import PasskeyChallengeOver
from tiao.runtime.origin import is_same_origin
from tiao.values.refusal import Kind, Refusal
from tiao.web import passkey_paying, registering, signing_in, visits
from tiao.web.cookies import HttpRequest, client_of, cookies_of, guest, seated
from tiao.web.flooding import CodesTooMany
from tiao.web.pages import Pages
from tiao.web.passkey_paying import OrderToPay, PasskeyGiven

InPath: TypeAlias = Annotated[str, PathParameter(max_length=64)]
_STATUS = {Kind.BUSY: 503, Kind.FORBIDDEN: 403, Kind.NOT_FOUND: 404, Kind.CONFLICT: 409}


class ForeignForm(Refusal):
    """Signing in was not asked for by one of our own pages."""

    kind = Kind.FORBIDDEN


class WrongCode(Refusal):
    """This is not the code that was sent, or it is too old, or was tried too often."""

    kind = Kind.FORBIDDEN


class NobodySignedIn(Refusal):
    """Nobody is signed in to the wallet on this browser."""

    kind = Kind.FORBIDDEN


class PhoneGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The phone to send a code to."""

    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class RegistrationGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is new, as on the identity card, and the texts that were agreed to."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    identity_number: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    agreed: Annotated[list[str], msgspec.Meta(max_length=8)]

    def __repr__(self) -> str:
        """Say nothing about the person."""
        return "RegistrationGiven(...)"


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
    client = client_of(request, pages)
    send = await signing_in.ask_code(pages, known.visit, data.phone, known.language, client=client)
    cookies = cookies_of(request, known)
    return Response({}, status_code=202, cookies=cookies, background=BackgroundTask(send))


@post("/wallet/registration", status_code=202, include_in_schema=False)
async def begin_registration(request: HttpRequest, data: JSONBody[RegistrationGiven]) -> Response[dict[str, Any]]:
    """Take down who is new, and send a code to the phone; the code then registers and signs in."""
    _require_ours(request)
    pages: Pages = request.app.state.pages
    known = await seated(await guest(request, pages), pages)
    assert known.visit is not None, "whoever has no visit was given one"
    applicant = Applicant(data.name, data.identity_number, data.phone)
    await registering.remember(pages, known.visit, applicant, frozenset(data.agreed))
    client = client_of(request, pages)
    send = await signing_in.ask_code(pages, known.visit, data.phone, known.language, client=client, is_for_anybody=True)
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
    return Response({}, status_code=201, cookies=[await pages.session_of(begun.customer_id, request.headers)])


@post("/wallet/passkey/options", status_code=200, include_in_schema=False)
async def ask_passkey(request: HttpRequest) -> Response[dict[str, Any]]:
    """Say what a passkey is to sign so that its owner is signed in. Nobody is named: the device knows whose it is."""
    _require_ours(request)
    pages: Pages = request.app.state.pages
    site = rules.site_of(request.headers.get("host", ""))
    known = await seated(await guest(request, pages), pages)
    assert known.visit is not None, "whoever has no visit was given one"
    async with pages.home.db.begin() as tx:
        at = await pages.clock.now(tx)
        challenge = await visits.ask_passkey(tx, at, known.visit, random_bytes=pages.random_bytes)
    said = {"challenge": bytes_to_base64url(challenge), "rp_id": site.rp_id}
    return Response(said, cookies=cookies_of(request, known))


@post("/wallet/passkey", status_code=201, include_in_schema=False)
async def sign_in_with_passkey(request: HttpRequest, data: JSONBody[PasskeyGiven]) -> Response[dict[str, Any]]:
    """Sign in with a passkey: the answer sets the cookie of a session at the API."""
    _require_ours(request)
    pages: Pages = request.app.state.pages
    site = rules.site_of(request.headers.get("host", ""))
    known = await guest(request, pages)
    if known.visit is None:
        raise PasskeyChallengeOver
    customer_id = await passkey_paying.signed_in(pages, known.visit, site, data)
    return Response({}, status_code=201, cookies=[await pages.session_of(customer_id, request.headers)])


@post("/wallet/orders/{token:str}/sheet", status_code=200, include_in_schema=False)
async def show_order(request: HttpRequest, token: InPath) -> Response[OrderToPay]:
    """Show an order that was scanned, and what a passkey is to sign so that its owner may go on to pay it."""
    _require_ours(request)
    pages: Pages = request.app.state.pages
    customer_id = await _customer(request, pages)
    site = rules.site_of(request.headers.get("host", ""))
    return Response(await passkey_paying.order_to_pay(pages, customer_id, token, site))


@post("/wallet/orders/{token:str}/passkey", status_code=201, include_in_schema=False)
async def enter_order(request: HttpRequest, token: InPath, data: JSONBody[PasskeyGiven]) -> Response[dict[str, Any]]:
    """Let who signed for an order and its amount with a passkey in at the cashier."""
    _require_ours(request)
    pages: Pages = request.app.state.pages
    customer_id = await _customer(request, pages)
    site = rules.site_of(request.headers.get("host", ""))
    await passkey_paying.signed_for_order(pages, customer_id, token, site, data)
    known = await guest(request, pages)
    async with pages.home.db.begin() as tx:
        at = await pages.clock.now(tx)
        if known.visit is not None:
            await visits.end(tx, known.visit)
        visit_token, visit = await visits.begin(tx, at, random_bytes=pages.random_bytes, customer_id=customer_id)
    cookies = cookies_of(request, known._replace(visit=visit, token=visit_token))
    return Response({}, status_code=201, cookies=cookies)


async def _customer(request: HttpRequest, pages: Pages) -> UUID:
    """Say who is signed in to the wallet. Refuses: NobodySignedIn."""
    found = await pages.customer_of(request.method, request.headers)
    if found is None:
        raise NobodySignedIn
    return found


def refused(_request: HttpRequest, refusal: Refusal) -> Response[dict[str, Any]]:
    """Say no in the form of the API's refusals, as far as the wallet reads them."""
    status = 429 if isinstance(refusal, CodesTooMany) else _STATUS.get(refusal.kind, 422)
    wait = refusal.facts.get("retry_after")
    said = {"code": refusal.code, "status": status, "detail": refusal.detail, "facts": refusal.facts}
    headers = None if wait is None else {"Retry-After": str(wait)}
    return Response(said, status_code=status, media_type="application/problem+json", headers=headers)


def _require_ours(request: HttpRequest) -> None:
    if not is_same_origin(request.headers):
        raise ForeignForm


def router() -> Router:
    """Give the wallet's own endpoints."""
    return Router(
        "/",
        route_handlers=[
            send_code,
            begin_registration,
            sign_in,
            ask_passkey,
            sign_in_with_passkey,
            show_order,
            enter_order,
        ],
        exception_handlers={Refusal: refused},
    )
