"""The page behind a payment link: what is due, masked, and one button. It needs no session and shows nothing else."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import PathParameter

from tiao.payments.model import DebitState
from tiao.servicing.linking import actions as linking
from tiao.servicing.linking.model import Shown
from tiao.servicing.linking.refusals import AccountNotBoundHere
from tiao.web.cookies import HttpRequest
from tiao.web.pages import Pages
from tiao.web.rendering import REFRESH_SECONDS, page
from tiao.web.words import language_of, money
from tiao.wiring import Platform

InPath = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9_-]{43}$")]


@get("/l/{token:str}", include_in_schema=False)
async def show_due(request: HttpRequest, token: InPath) -> Response[Any]:
    """Show what is due and from which account it would be taken."""
    platform = _platform(request, token)
    async with platform.db.begin() as tx:
        found = await linking.shown(tx, await platform.moments(tx), platform.vault, token)
    return _written(request, token, found)


@post("/l/{token:str}", include_in_schema=False)
async def pay_due(request: HttpRequest, token: InPath) -> Response[Any]:
    """Pay it, once, and say how that went. Refuses, and debits nobody: AccountNotBoundHere when a card is named."""
    if await request.body():
        raise AccountNotBoundHere
    platform = _platform(request, token)
    payer = linking.Payer(platform.db, platform.moments, platform.vault, platform.repayments)
    debit = await linking.pay(payer, token)
    found = Shown("", debit.amount_minor, debit.currency, None, None, debit.state)
    return _written(request, token, found)


def _platform(request: HttpRequest, token: str) -> Platform:
    pages: Pages = request.app.state.pages
    return pages.shards.platform(linking.bucket_of_token(token))


def _written(request: HttpRequest, token: str, found: Shown) -> Response[Any]:
    language = language_of(request.query_params.get("lang"), None, request.headers.get("accept-language"))
    state = {
        None: "due",
        DebitState.FAILED: "failed",
        DebitState.SUCCEEDED: "paid",
        DebitState.CREATED: "processing",
        DebitState.UNKNOWN: "processing",
    }[found.state]
    if state in {"due", "failed"} and not found.amount_minor:
        state = "nothing"
    return page(
        "link.html",
        language,
        found=found,
        state=state,
        amount=money(found.amount_minor, found.currency),
        here=f"/l/{token}",
        refresh_seconds=REFRESH_SECONDS if state == "processing" and request.method == "GET" else 0,
    )


HANDLERS = [show_due, pay_due]
