"""An order before its payer: found by its link, with who comes, and written as a page."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from litestar import Response

from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import MerchantOrder
from tiao.partners import actions as partners
from tiao.web.cookies import Guest, HttpRequest, cookies_of, form, guest, seated
from tiao.web.pages import Pages, Till
from tiao.web.rendering import page
from tiao.web.visits import Visit
from tiao.web.words import money, time

_WALLET = "wallet."
#: A host's name, with its port; one of numbers has nothing beside it.
_NAMED = re.compile(r"(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")
#: What an address may say above a page.
_NOTICES = frozenset(
    {
        *("phone", "wait", "code", "choose", "tick", "reading", "changed", "again", "sent", "sent_out"),
        *("limit", "code_limit", "another"),
    }
)


class Counter(NamedTuple):
    """What every page of an order shows."""

    pages: Pages
    guest: Guest
    order: MerchantOrder
    till: Till
    merchant: str

    @property
    def here(self) -> str:
        """The address of the order's pages."""
        return here(self.order.cashier_token)

    @property
    def visit(self) -> Visit:
        """Whose form this is."""
        assert self.guest.visit is not None, "a form of ours belongs to a visit"
        return self.guest.visit

    async def seated(self) -> Counter:
        """Begin a visit for who has none."""
        return self._replace(guest=await seated(self.guest, self.pages))

    def page(self, request: HttpRequest, template: str, **shown: Any) -> Response[str]:  # noqa: ANN401  templates take all
        """Write a page about the order."""
        home, order = self.pages.home, self.order
        asked = request.query_params.get("notice")
        answer = page(
            template,
            self.guest.language,
            notice=asked if asked in _NOTICES else None,
            order=order,
            merchant=self.merchant,
            lender=home.book.lender,
            here=self.here,
            wallet=wallet_of(request),
            is_in_wallet=is_in_wallet(request),
            csrf=self.guest.csrf if self.guest.token else "",
            money=lambda minor: money(minor, order.currency),
            when=lambda at: time(at, home.programme.zone),
            **shown,
        )
        answer.cookies = cookies_of(request, self.guest)
        return answer

    def to(self, path: str = "", notice: str | None = None) -> Response[None]:
        """Lead on to another page of the order."""
        return lead(self.order.cashier_token, path, notice)


async def at_counter(request: HttpRequest, token: str) -> Counter:
    """Find the order of a link, a payment that was begun finished, and who comes. Refuses: OrderUnknown."""
    pages: Pages = request.app.state.pages
    home = pages.home
    async with home.db.begin() as tx:
        order = await orders.of_cashier(tx, await home.moments(tx), token)
    till = await pages.till_of(order)
    order = await till.current(order)
    async with home.db.begin() as tx:
        merchant = await partners.merchant(tx, till.account.merchant_id)
    return Counter(pages, await guest(request, pages), order, till, merchant.name)


async def filled(request: HttpRequest, token: str) -> tuple[Counter, dict[str, str]]:
    """Find the same with a form of ours. Refuses: OrderUnknown, FormOutOfDate."""
    counter = await at_counter(request, token)
    return counter, await form(request, counter.guest)


def is_in_wallet(request: HttpRequest) -> bool:
    """Tell whether a page is on the wallet's own host."""
    return request.headers.get("host", "").lower().startswith(_WALLET)


def wallet_of(request: HttpRequest) -> str:
    """Say where the wallet is: nowhere else than here, or beside this host; hosts of numbers have none beside them."""
    host = request.headers.get("host", "").lower()
    if is_in_wallet(request) or not _NAMED.fullmatch(host):
        return ""
    return f"{request.scope['scheme']}://{_WALLET}{host}"


def here(token: str) -> str:
    """Give the address of an order's pages."""
    return f"/cashier/{token}"


def lead(token: str, path: str = "", notice: str | None = None) -> Response[None]:
    """Lead a browser to a page of an order."""
    query = f"?notice={notice}" if notice else ""
    return Response(None, status_code=303, headers={"location": here(token) + path + query})
