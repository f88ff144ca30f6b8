"""The cashier: where a payer sees an order, signs in, chooses a plan, reads its cost sheet, confirms, and is told."""

from __future__ import annotations

from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask

from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import MerchantOrder, OrderState
from tiao.checkout.orders.refusals import OrderBeingPaid, OrderClosed, OrderPaid, PaymentDeclined
from tiao.checkout.refusals import (
    CostSheetChanged,
    PlanNotQuoted,
    QuoteAlreadyAccepted,
    QuoteAlreadyUsed,
    QuoteExpired,
    QuoteUnknown,
)
from tiao.identity import actions as identity
from tiao.identity.refusals import PhoneInvalid
from tiao.lending.refusals import CostSheetNotAcknowledged, ReadingTimeNotOver
from tiao.partners import actions as partners
from tiao.values.ids import bucket_of
from tiao.values.refusal import Kind, Refusal
from tiao.web import paying, signing_in, visits
from tiao.web.cookies import FormOutOfDate, Guest, HttpRequest, cookies_of, form, guest, seated
from tiao.web.pages import Pages, Till
from tiao.web.rendering import REFRESH_SECONDS, page
from tiao.web.visits import PayerCodeTooOften
from tiao.web.words import catalogue, money, time

#: What a payer chose is not as it was: show the plans again.
_CHANGED = (CostSheetChanged, PlanNotQuoted, QuoteAlreadyAccepted, QuoteAlreadyUsed, QuoteExpired, QuoteUnknown)
_ENDED = {OrderState.PAID: "paid", OrderState.PAYING: "processing", OrderState.CLOSED: "expired"}
_NOTICES = frozenset({"phone", "wait", "code", "choose", "tick", "reading", "changed", "again"})


class Counter(NamedTuple):
    """An order before its payer: what every page of it shows."""

    pages: Pages
    guest: Guest
    order: MerchantOrder
    till: Till
    merchant: str

    @property
    def here(self) -> str:
        """The address of the order's pages."""
        return f"/cashier/{self.order.cashier_token}"

    def page(self, request: HttpRequest, template: str, *, status: int = 200, **shown: Any) -> Response[str]:  # noqa: ANN401
        """Write a page about the order."""
        home, order = self.pages.home, self.order
        asked = request.query_params.get("notice")
        answer = page(
            template,
            self.guest.language,
            status=status,
            **{
                "notice": asked if asked in _NOTICES else None,
                "order": order,
                "merchant": self.merchant,
                "lender": home.book.lender,
                "here": self.here,
                "csrf": self.guest.csrf if self.guest.token else "",
                "money": lambda minor: money(minor, order.currency),
                "when": lambda at: time(at, home.programme.zone),
            }
            | shown,
        )
        answer.cookies = cookies_of(request, self.guest)
        return answer

    def to(self, path: str = "", notice: str | None = None) -> Response[None]:
        """Lead on to another page of the order."""
        return Response(None, status_code=303, headers={"location": self.here + path + (f"?notice={notice}" if notice else "")})


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


@get("/cashier/{token:str}", include_in_schema=False)
async def show_order(request: HttpRequest, token: str) -> Response[Any]:
    """Show an order: to sign in, then with the plans it can be paid by."""
    counter = await at_counter(request, token)
    if counter.order.state is not OrderState.OPEN:
        return counter.to("/result")
    counter = counter._replace(guest=await seated(counter.guest, counter.pages))
    visit = counter.guest.visit
    assert visit is not None, "it was just begun"
    if visit.customer_id is None:
        is_asked = visit.phone_hmac is not None and request.query_params.get("phone") != "other"
        return counter.page(request, "sign_in.html", is_code_asked=is_asked)
    found = await paying.plans(counter.pages, visit, counter.order, counter.till)
    words = catalogue(counter.guest.language)
    obstacle = None
    if found.obstacle is not None:
        obstacle = words[found.obstacle].format(available=money(found.available_minor, counter.order.currency))
    platform = counter.pages.shards.platform(bucket_of(visit.customer_id))
    async with platform.db.begin() as tx:
        person = identity.masked(platform.vault, await identity.customer(tx, visit.customer_id))
    return counter.page(request, "plans.html", offers=found.offers, obstacle=obstacle, who=f"{person.name} {person.phone}")


@post("/cashier/{token:str}/code", include_in_schema=False)
async def ask_code(request: HttpRequest, token: str) -> Response[Any]:
    """Send a code to the phone that is given, if somebody of ours has it; which is not told."""
    counter = await at_counter(request, token)
    try:
        given = await form(request, counter.guest)
        visit = counter.guest.visit
        assert visit is not None, "a form of ours belongs to a visit"
        sending = await signing_in.ask_code(counter.pages, visit, given.get("phone", ""))
    except PhoneInvalid:
        return counter.to(notice="phone")
    except PayerCodeTooOften:
        return counter.to(notice="wait")
    except FormOutOfDate:
        return counter.to(notice="again")
    answer = counter.to()
    answer.background = BackgroundTask(sending)
    return answer


@post("/cashier/{token:str}/sign_in", include_in_schema=False)
async def sign_in(request: HttpRequest, token: str) -> Response[Any]:
    """Let in who gives the code; the visit gets a new name with it."""
    counter = await at_counter(request, token)
    try:
        given = await form(request, counter.guest)
    except FormOutOfDate:
        return counter.to(notice="again")
    visit = counter.guest.visit
    assert visit is not None, "a form of ours belongs to a visit"
    found = await signing_in.signed_in(counter.pages, visit, given.get("code", ""))
    if found is None:
        return counter.to(notice="code")
    answer = counter.to()
    answer.cookies = cookies_of(request, counter.guest._replace(token=found))
    return answer


@post("/cashier/{token:str}/leave", include_in_schema=False)
async def leave(request: HttpRequest, token: str) -> Response[Any]:
    """Sign out."""
    counter = await at_counter(request, token)
    try:
        await form(request, counter.guest)
    except FormOutOfDate:
        return counter.to(notice="again")
    async with counter.pages.home.db.begin() as tx:
        assert counter.guest.visit is not None, "a form of ours belongs to a visit"
        await visits.end(tx, counter.guest.visit)
    return counter.to()


@post("/cashier/{token:str}/plan", include_in_schema=False)
async def choose_plan(request: HttpRequest, token: str) -> Response[Any]:
    """Lead to the cost sheet of the plan that was chosen."""
    counter = await at_counter(request, token)
    try:
        plan = (await form(request, counter.guest)).get("plan", "")
    except FormOutOfDate:
        return counter.to(notice="again")
    if not plan.isascii() or not plan.replace("_", "").isalnum():
        return counter.to(notice="choose")
    return counter.to(f"/sheets/{plan}")


@get("/cashier/{token:str}/sheets/{plan:str}", include_in_schema=False)
async def show_sheet(request: HttpRequest, token: str, plan: str) -> Response[Any]:
    """Show the cost sheet of a plan; the server measures from now on how long it is read."""
    counter = await at_counter(request, token)
    visit = counter.guest.visit
    if counter.order.state is not OrderState.OPEN:
        return counter.to("/result")
    if visit is None or visit.customer_id is None:
        return counter.to()
    try:
        found = await paying.sheet(counter.pages, visit, counter.order, plan)
    except _CHANGED:
        return counter.to(notice="changed")
    return counter.page(
        request,
        "sheet.html",
        sheet=found.sheet,
        offer=found.offer,
        seconds=found.seconds,
        is_early_free=found.is_early_free,
        is_borne_by_merchant=found.offer.fee_payer == "merchant" and found.offer.terms > 1,
    )


@post("/cashier/{token:str}/pay", include_in_schema=False)
async def pay(request: HttpRequest, token: str) -> Response[Any]:
    """Pay by the plan whose sheet was read. A double click, the back button, a second tab: it is paid once."""
    counter = await at_counter(request, token)
    if counter.order.state is not OrderState.OPEN:
        return counter.to("/result")
    try:
        given = await form(request, counter.guest)
    except FormOutOfDate:
        return counter.to(notice="again")
    visit, plan = counter.guest.visit, given.get("plan", "")
    if visit is None or visit.customer_id is None:
        return counter.to()
    if given.get("agree") != "yes":
        return counter.to(f"/sheets/{plan}", notice="tick")
    try:
        digest = bytes.fromhex(given.get("digest", ""))
        await paying.pay(counter.pages, visit, counter.order, counter.till, plan=plan, digest=digest)
    except ReadingTimeNotOver:
        return counter.to(f"/sheets/{plan}", notice="reading")
    except (*_CHANGED, CostSheetNotAcknowledged, ValueError):
        async with counter.pages.home.db.begin() as tx:
            await visits.note_quote(tx, visit, counter.order.id, None)
        return counter.to(notice="changed")
    except (OrderPaid, OrderBeingPaid, OrderClosed, PaymentDeclined):
        return counter.to("/result")
    except Refusal as refusal:
        if refusal.kind is not Kind.BUSY:
            raise
    return counter.to("/result")


@get("/cashier/{token:str}/result", include_in_schema=False)
async def show_result(request: HttpRequest, token: str) -> Response[Any]:
    """Tell what became of an order, and nothing but the truth: "processing" too."""
    counter = await at_counter(request, token)
    visit, order = counter.guest.visit, counter.order
    if order.state is OrderState.OPEN:
        if visit is None:
            return counter.to()
        async with counter.pages.home.db.begin() as tx:
            reasons = (await visits.about(tx, visit, order.id)).decline_reasons
        if not reasons:
            return counter.to()
        words = catalogue(counter.guest.language)
        told = [words.get(f"reason_{each}", words["reason_other"]) for each in reasons]
        return counter.page(request, "result.html", state="declined", reasons=told, offer=None)
    state, offer = _ENDED[order.state], None
    if order.state is OrderState.PAID:
        offer = None if visit is None else await paying.paid_offer(counter.pages, visit, order)
        state = "already_paid" if offer is None else state
    refresh = REFRESH_SECONDS if state == "processing" else 0
    return counter.page(request, "result.html", state=state, reasons=[], offer=offer, refresh_seconds=refresh)


HANDLERS = [show_order, ask_code, sign_in, leave, choose_plan, show_sheet, pay, show_result]
