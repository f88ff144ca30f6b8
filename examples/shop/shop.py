"""A small shop that sells on instalments, on line and at its counter, with tiao-client.

TIAO_URL and TIAO_KEY say where tiao is and who the shop is there; SHOP_URL where browsers
reach the shop, and SHOP_TOLD_AT where tiao does, if that is another address.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

import segno
from book import SHELF, Book, Order, product
from jinja2 import Environment, FileSystemLoader
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import Cookie, State
from litestar.params import FromPath

from tiao_client import AsyncClient, ProblemError, SignatureInvalid, Unreachable, calls, event_of

AnyRequest = Request[Any, Any, State]
TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
#: While the shop has not been told that an order is paid, its page asks.
WAITING = {"open", "processing"}


def page(name: str, **shown: object) -> Response[str]:
    """Write a page."""
    text = TEMPLATES.get_template(name).render(yuan=lambda minor: f"¥{minor // 100:,}.{minor % 100:02d}", **shown)
    return Response(text, media_type="text/html;charset=utf-8")


def to(path: str) -> Response[None]:
    """Lead on to another page, ours or tiao's."""
    return Response(None, status_code=303, headers={"location": path})


async def asked(request: AnyRequest) -> dict[str, str]:
    """Read a form."""
    return {name: str(value) for name, value in (await request.form()).items()}


@get("/")
async def shelf(request: AnyRequest) -> Response[str]:
    """Show the goods, each with what it comes to a month."""
    answer = page("shelf.html", goods=SHELF, tiao_url=request.app.state.tiao.url)
    if "basket" not in request.cookies:
        answer.set_cookie(Cookie("basket", value=token_hex(8), httponly=True, samesite="lax"))
    return answer


@post("/basket")
async def put_in(request: AnyRequest) -> Response[None]:
    """Put something into the basket."""
    given = await asked(request)
    book: Book = request.app.state.book
    book.baskets.setdefault(request.cookies.get("basket", ""), []).append(product(given["product"]))
    return to("/basket")


@get("/basket")
async def basket(request: AnyRequest) -> Response[str]:
    """Show what is in the basket."""
    goods = request.app.state.book.baskets.get(request.cookies.get("basket", ""), [])
    total = sum(each.price_minor for each in goods)
    return page("basket.html", goods=goods, total=total, tiao_url=request.app.state.tiao.url)


@post("/orders")
async def order(request: AnyRequest) -> Response[None]:
    """Order what is in the basket, and lead to the page where it is paid."""
    book: Book = request.app.state.book
    goods = book.baskets.pop(request.cookies.get("basket", ""), [])
    if not goods:
        return to("/basket")
    made = await begin(request.app.state, goods, sum(each.price_minor for each in goods))
    return to(made.pay_url)


async def begin(state: State, goods: list[Any], amount_minor: int) -> Order:
    """Write an order down and ask for the page on which it is paid."""
    number = state.book.next_number()
    session = await state.tiao.send(
        calls.create_session(
            reference=number,
            amount_minor=amount_minor,
            description=", ".join(each.name for each in goods),
            return_url=f"{state.url}/orders/{number}",
            key=f"order-{number}",
        )
    )
    made = Order(number, goods, amount_minor, session.id, session.url)
    state.book.orders[number] = made
    return made


async def look(state: State, found: Order) -> None:
    """Ask tiao how an order stands: webhooks may be late, and an example may have none."""
    session = await state.tiao.send(calls.read_session(found.session))
    found.status, found.purchase, found.plan = session.status, session.purchase, session.plan
    if session.purchase is not None:
        purchase = await state.tiao.send(calls.read_purchase(session.purchase))
        found.refunded_minor = purchase.refunded_minor


@get("/orders/{number:str}")
async def show_order(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """Show an order to who ordered it."""
    found: Order = request.app.state.book.orders[number]
    if found.status in WAITING:
        await look(request.app.state, found)
    return page("order.html", order=found)


@post("/webhooks", status_code=204)
async def webhooks(request: AnyRequest) -> None:
    """Be told by tiao: checked first, taken once, and then looked up with our own key."""
    state = request.app.state
    event = event_of(state.secret, dict(request.headers), await request.body())
    if event.id in state.book.events or event.purchase is None:
        return
    told = await state.tiao.send(calls.read_purchase(event.purchase))
    found = state.book.of_purchase(event.purchase, told.reference)
    if found is not None:
        await look(state, found)
        found.told.append(event.type)
    state.book.events.add(event.id)


@get("/desk")
async def desk(request: AnyRequest) -> Response[str]:
    """Show the shopkeeper every order. An example's desk has no lock."""
    for each in request.app.state.book.orders.values():
        if each.status in WAITING:
            await look(request.app.state, each)
    return page("desk.html", orders=list(reversed(request.app.state.book.orders.values())))


@post("/orders/{number:str}/refund")
async def refund(request: AnyRequest, number: FromPath[str]) -> Response[None]:
    """Give back all or part of an order."""
    state = request.app.state
    found: Order = state.book.orders[number]
    yuan, _, fen = (await asked(request))["amount"].partition(".")
    amount = int(yuan) * 100 + int((fen + "00")[:2])
    assert found.purchase is not None, "only what is paid has the form"
    # The key says which refund this is: asked twice by an impatient finger, it is made once.
    key = f"refund-{number}-{found.refunded_minor}-{amount}"
    await state.tiao.send(calls.refund(found.purchase, amount_minor=amount, reference=number, key=key))
    await look(state, found)
    return to("/desk")


@get("/counter")
async def counter() -> Response[str]:
    """Ask what is to be paid at the counter."""
    return page("counter.html", order=None, code=None, camera=None, receipt=None)


@post("/counter")
async def at_counter(request: AnyRequest) -> Response[None]:
    """Sell at the counter: read the customer's code, or show one."""
    state, given = request.app.state, await asked(request)
    yuan, _, fen = given["amount"].partition(".")
    number, amount = state.book.next_number(), int(yuan) * 100 + int((fen + "00")[:2])
    sale = await state.tiao.send(
        calls.sell(
            terminal=await till(state),
            reference=number,
            amount_minor=amount,
            description="柜台收款",
            code=given.get("code", "").replace(" ", "") or None,
        )
    )
    made = Order(number, [], amount, sale.session.id, sale.session.url, "counter", asked=sale.outcome)
    made.code = sale.code_payload
    state.book.orders[number] = made
    await look(state, made)
    return to(f"/counter/{number}")


async def till(state: State) -> str:
    """Give the shop's one terminal, set up when it is first needed."""
    if state.terminal is None:
        store = await state.tiao.send(calls.create_store(name="总店", address="山脚路 1 号"))
        made = await state.tiao.send(calls.create_terminal(store.id, label="1", has_printed_code=True))
        state.terminal = made
    return str(state.terminal.id)


@get("/counter/{number:str}")
async def show_code(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """Show the code that the customer scans, until it is paid."""
    found: Order = request.app.state.book.orders[number]
    if found.status in WAITING:
        await look(request.app.state, found)
    code = segno.make(found.code or found.pay_url, error="m", micro=False).svg_data_uri(scale=5)
    camera = segno.make(found.pay_url, micro=False).svg_data_uri(scale=2)
    receipt = None
    if found.status == "paid":
        receipt = (await request.app.state.tiao.send(calls.read_receipt(found.session))).lines
    return page("counter.html", order=found, code=code, camera=camera, receipt=receipt)


def refused(_: AnyRequest, error: Exception) -> Response[str]:
    """Say what tiao said no to."""
    status = 401 if isinstance(error, SignatureInvalid) else 502 if isinstance(error, Unreachable) else 409
    answer = page("refused.html", text=str(error))
    answer.status_code = status
    return answer


async def be_told(state: State) -> None:
    """Ask to be told of what happens; where tiao does not reach us, order pages ask instead."""
    try:
        made = await state.tiao.send(calls.create_endpoint(url=f"{state.told_at}/webhooks", key=token_hex(8)))
        state.secret = made.secret
    except ProblemError as refusal:
        print(f"no webhooks: {refusal}")  # noqa: T201  an example speaks to its console


def create_app() -> Litestar:
    """Make the shop as the environment says."""

    @asynccontextmanager
    async def living(app: Litestar) -> AsyncIterator[None]:
        app.state.book = Book()
        app.state.url = os.environ.get("SHOP_URL", "http://localhost:8200")
        app.state.told_at = os.environ.get("SHOP_TOLD_AT", app.state.url)
        app.state.secret, app.state.terminal = "", None
        async with AsyncClient(os.environ["TIAO_URL"], os.environ["TIAO_KEY"]) as tiao:
            app.state.tiao = tiao
            asking = asyncio.create_task(be_told(app.state))
            yield
            asking.cancel()

    return Litestar(
        [shelf, put_in, basket, order, show_order, webhooks, desk, refund, counter, at_counter, show_code],
        lifespan=[living],
        openapi_config=None,
        exception_handlers={ProblemError: refused, Unreachable: refused, SignatureInvalid: refused},
    )
