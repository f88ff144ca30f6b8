"""A merchant's printed code: its page asks for the amount and leads to the cashier; its poster can be printed."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from io import BytesIO
from typing import Annotated, Any, NamedTuple, TypeAlias

import segno
from litestar import Response, get, post
from litestar.params import PathParameter
from reportlab.lib.pagesizes import A5
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tiao.checkout.counters import actions as counters
from tiao.checkout.counters import limits
from tiao.checkout.counters.limits import CodeClass
from tiao.checkout.counters.model import SaleKind, Store, Terminal
from tiao.checkout.counters.presented import merchant_code
from tiao.checkout.counters.showing import shown_for
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import MerchantOrder, NewOrder, Surface
from tiao.partners import actions as partners
from tiao.partners.model import Merchant
from tiao.partners.scenes.refusals import SceneAmountOutside
from tiao.values.money import AMOUNT_MAX_MINOR
from tiao.web.cookies import Guest, HttpRequest, cookies_of, form, guest, seated
from tiao.web.pages import Pages
from tiao.web.rendering import page
from tiao.web.words import ZH, catalogue, money

InPath: TypeAlias = Annotated[str, PathParameter(max_length=64)]

_AMOUNT = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?")
#: Whoever has typed an amount pays it now.
_SALE_TIME = timedelta(minutes=15)
_NUMBER_BYTES = 12
#: What may be wrong with an amount: it is none, or the merchant's scene sells nothing for it.
_NOTICES = frozenset({"amount", "scene"})
#: A code is read from a poster across a counter: level Q survives a quarter of it being hidden (ISO/IEC 18004).
_LEVEL = "q"
#: One of the fonts that every reader of PDF has for Chinese; nothing is embedded.
_FONT = "STSong-Light"


#: The code for wallets, and the one beside it that any camera follows.
_CODE, _CAMERA_CODE = 100 * mm, 26 * mm


class Words(NamedTuple):
    """What stands on a poster beside its codes."""

    merchant: str
    place: str
    camera: str
    limit: str | None


class Place(NamedTuple):
    """Where a printed code hangs."""

    pages: Pages
    guest: Guest
    terminal: Terminal
    store: Store
    merchant: Merchant

    @property
    def here(self) -> str:
        """The address of the code."""
        return f"/s/{self.terminal.static_token}"


@get("/s/{token:str}", include_in_schema=False)
async def ask_amount(request: HttpRequest, token: InPath) -> Response[Any]:
    """Ask how much is to be paid."""
    place = await _place(request, token)
    known = await seated(place.guest, place.pages)
    said = request.query_params.get("notice")
    return await _asking(request, place._replace(guest=known), said if said in _NOTICES else None)


@post("/s/{token:str}", include_in_schema=False)
async def take_amount(request: HttpRequest, token: InPath) -> Response[Any]:
    """Make the order that was typed, and lead to where it is paid."""
    place = await _place(request, token)
    given = await form(request, place.guest)
    amount = minor_of(given.get("amount", ""))
    if amount is None:
        return _asked_again(place, "amount")
    try:
        order = await _ordered(place, amount)
    except SceneAmountOutside:
        return _asked_again(place, "scene")
    return Response(None, status_code=303, headers={"location": f"/cashier/{order.cashier_token}"})


async def _ordered(place: Place, amount: int) -> MerchantOrder:
    """Make the order that was typed. Refuses: SceneAmountOutside."""
    home = place.pages.home
    number = place.pages.random_bytes(_NUMBER_BYTES).hex()
    async with home.db.begin() as tx:
        now = await home.moments(tx)
        order = await orders.make(
            tx,
            now,
            home.book,
            place.merchant.id,
            NewOrder(
                surface=Surface.NATIVE,
                out_trade_no=f"S{number}",
                trade_type="COUNTER",
                digest=hashlib.sha256(f"{number}:{amount}".encode()).digest(),
                currency=place.merchant.currency,
                amount_minor=amount,
                subject=place.store.name,
                expires_at=now.at + _SALE_TIME,
            ),
            category=place.merchant.category,
            random_bytes=place.pages.random_bytes,
        )
        await counters.begin_sale(tx, now, order, place.terminal, SaleKind.STATIC)
    return order


def _asked_again(place: Place, notice: str) -> Response[Any]:
    return Response(None, status_code=303, headers={"location": f"{place.here}?notice={notice}"})


@get("/s/{token:str}/poster.pdf", include_in_schema=False)
async def poster(request: HttpRequest, token: InPath) -> Response[bytes]:
    """Write the code as a poster of A5: for wallets, and beside it for a phone's camera; whose it is, and the limit."""
    place = await _place(request, token)
    limit = await _limit(place)
    said = None if limit is None else catalogue(ZH)["limit_of_code"].format(limit=money(limit, place.merchant.currency))
    words = Words(
        place.merchant.name, f"{place.store.name}  {place.terminal.label}", catalogue(ZH)["camera_code"], said
    )
    body = written_poster(_payload(request, place), _address(request, place), words)
    return Response(body, media_type="application/pdf")


@get("/s/{token:str}/code.png", include_in_schema=False)
async def picture(request: HttpRequest, token: InPath) -> Response[bytes]:
    """Draw the code alone, as wallets read it, for a poster of the merchant's own."""
    return _drawn(_payload(request, await _place(request, token)))


@get("/s/{token:str}/camera.png", include_in_schema=False)
async def camera_picture(request: HttpRequest, token: InPath) -> Response[bytes]:
    """Draw the code alone, as any phone's camera follows it."""
    return _drawn(_address(request, await _place(request, token)))


def minor_of(text: str) -> int | None:
    """Read an amount as people type it; None when it is none."""
    found = _AMOUNT.fullmatch(text.strip()) if text.isascii() else None
    if found is None:
        return None
    minor = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    return minor if 0 < minor <= AMOUNT_MAX_MINOR else None


def written_poster(payload: str, address: str, words: Words) -> bytes:
    """Draw a poster: the codes as squares, so that they are sharp at every size."""
    if _FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    out = BytesIO()
    width, height = A5
    canvas = Canvas(out, pagesize=A5, invariant=1)
    canvas.setTitle(words.merchant)
    canvas.setFont(_FONT, 26)
    canvas.drawCentredString(width / 2, height - 25 * mm, words.merchant)
    canvas.setFont(_FONT, 13)
    canvas.drawCentredString(width / 2, height - 34 * mm, words.place)
    _draw(canvas, payload, left=(width - _CODE) / 2, top=height - 42 * mm, size=_CODE)
    below = height - 42 * mm - _CODE
    _draw(canvas, address, left=(width - _CODE) / 2, top=below - 10 * mm, size=_CAMERA_CODE)
    canvas.setFont(_FONT, 9)
    for number, text in enumerate([words.camera, address, *([words.limit] if words.limit else [])]):
        canvas.drawString((width - _CODE) / 2 + _CAMERA_CODE + 5 * mm, below - (16 + 7 * number) * mm, text)
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, text: str, *, left: float, top: float, size: float) -> None:
    matrix = tuple(segno.make(text, error=_LEVEL, micro=False).matrix)
    side = size / len(matrix)
    for row, line in enumerate(matrix):
        for column, is_dark in enumerate(line):
            if is_dark:
                canvas.rect(left + column * side, top - (row + 1) * side, side, side, stroke=0, fill=1)


def _drawn(text: str) -> Response[bytes]:
    out = BytesIO()
    segno.make(text, error=_LEVEL, micro=False).save(out, kind="png", scale=12, border=4)
    return Response(out.getvalue(), media_type="image/png")


async def _place(request: HttpRequest, token: str) -> Place:
    """Find where a printed code hangs, and who comes. Refuses: TerminalUnknown."""
    pages: Pages = request.app.state.pages
    async with pages.home.db.begin() as tx:
        terminal = await counters.terminal_of_token(tx, token)
        store = await counters.store_of(tx, terminal.merchant_id, terminal.store_id)
        merchant = await partners.merchant(tx, terminal.merchant_id)
    return Place(pages, await guest(request, pages), terminal, store, merchant)


async def _asking(request: HttpRequest, place: Place, notice: str | None) -> Response[str]:
    words, limit = catalogue(place.guest.language), await _limit(place)
    answer = page(
        "amount.html",
        place.guest.language,
        notice=notice,
        merchant=place.merchant.name,
        store=place.store.name,
        here=place.here,
        csrf=place.guest.csrf,
        limit=None if limit is None else words["limit_of_code"].format(limit=money(limit, place.merchant.currency)),
    )
    answer.cookies = cookies_of(request, place.guest)
    return answer


async def _limit(place: Place) -> int | None:
    home = place.pages.home
    async with home.db.begin() as tx:
        now = await home.moments(tx)
    return limits.limit_minor(home.book.pack, CodeClass.D, on=now.today)


def _address(request: HttpRequest, place: Place) -> str:
    return f"{request.scope['scheme']}://{request.headers.get('host', 'localhost')}{place.here}"


def _payload(request: HttpRequest, place: Place) -> str:
    return merchant_code(shown_for(place.merchant, place.store, place.terminal, _address(request, place)))


HANDLERS = [ask_amount, take_amount, poster, picture, camera_picture]
