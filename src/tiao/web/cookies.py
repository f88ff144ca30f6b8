"""Who comes with a request: the visit of its cookie, the language it reads, and that a form was one of ours."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple, TypeAlias

from litestar import Request
from litestar.datastructures import Cookie, State

from tiao.runtime.secrets import is_same_secret
from tiao.values.refusal import Kind, Refusal
from tiao.web import flooding, visits
from tiao.web.pages import Pages
from tiao.web.visits import Visit
from tiao.web.words import language_of

HttpRequest: TypeAlias = Request[Any, Any, State]

#: The prefix binds a cookie to this host, to TLS (or localhost) and to every path.
_VISIT, _LANGUAGE = "__Host-tiao-visit", "__Host-tiao-lang"
_YEAR_SECONDS = 365 * 24 * 3600


class FormOutOfDate(Refusal):
    """The form was not written by this site for this visit, or the visit is over."""

    kind = Kind.FORBIDDEN


class Guest(NamedTuple):
    """Who is at the cashier. *token* is what the cookie holds; None before the first page."""

    visit: Visit | None
    token: str | None
    language: str

    @property
    def csrf(self) -> str:
        """What a form of this visit carries: known to who can read the cookie, so to no other site."""
        assert self.token is not None, "a page with a form begins a visit first"
        return hashlib.sha256(f"form:{self.token}".encode()).hexdigest()


def client_of(request: HttpRequest, pages: Pages) -> str | None:
    """Tell from which address of the network a request comes, as far as it is known."""
    peer = None if request.client is None else request.client.host
    return flooding.client_of(peer, request.headers.get("x-forwarded-for"), pages.code_limits.proxies)


async def guest(request: HttpRequest, pages: Pages) -> Guest:
    """Read who comes."""
    language = language_of(
        request.query_params.get("lang"), request.cookies.get(_LANGUAGE), request.headers.get("accept-language")
    )
    token = request.cookies.get(_VISIT)
    if not token:
        return Guest(None, None, language)
    async with pages.home.db.begin() as tx:
        visit = await visits.of_token(tx, token, await pages.clock.now(tx))
    return Guest(visit, None if visit is None else token, language)


async def seated(known: Guest, pages: Pages) -> Guest:
    """Begin a visit for who has none."""
    if known.visit is not None:
        return known
    async with pages.home.db.begin() as tx:
        at = await pages.clock.now(tx)
        await visits.forget_over(tx, at)
        token, visit = await visits.begin(tx, at, random_bytes=pages.random_bytes)
    return known._replace(visit=visit, token=token)


async def form(request: HttpRequest, known: Guest) -> dict[str, str]:
    """Read a form of ours. Refuses: FormOutOfDate."""
    given = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    if known.token is None or not is_same_secret(given.get("csrf", "").encode(), known.csrf.encode()):
        raise FormOutOfDate
    return given


def cookies_of(request: HttpRequest, known: Guest) -> list[Cookie]:
    """Write the cookies that a page leaves behind: its visit, and a language that was asked for."""
    found = []
    if known.token is not None and known.token != request.cookies.get(_VISIT):
        found.append(_cookie(_VISIT, known.token, int(visits.VISIT_TIME.total_seconds())))
    if request.query_params.get("lang") == known.language:
        found.append(_cookie(_LANGUAGE, known.language, _YEAR_SECONDS))
    return found


def _cookie(name: str, value: str, seconds: int) -> Cookie:
    return Cookie(name, value=value, path="/", secure=True, httponly=True, samesite="lax", max_age=seconds)
