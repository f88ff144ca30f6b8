"""The cashier: where a payer sees an order, signs in, chooses a plan, reads its cost sheet, confirms, and is told."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import PathParameter

from tiao.checkout.challenges import Confirmation
from tiao.checkout.model import PurchaseOutcome
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import OrderState
from tiao.identity import actions as identity
from tiao.lending.model import FeePayer
from tiao.lending.refusals import ReadingTimeNotOver
from tiao.values.ids import bucket_of, show_id
from tiao.web import paying, signing_in, visits
from tiao.web.cookies import HttpRequest, client_of, cookies_of
from tiao.web.counter import Counter, at_counter, filled
from tiao.web.rendering import REFRESH_SECONDS
from tiao.web.words import catalogue, money

InPath: TypeAlias = Annotated[str, PathParameter(max_length=64)]

_STATES = {OrderState.PAID: "paid", OrderState.PAYING: "processing", OrderState.CLOSED: "expired"}
_WAITING = {PurchaseOutcome.STEP_UP.value: "step_up", PurchaseOutcome.IN_REVIEW.value: "review"}


@get("/cashier/{token:str}", include_in_schema=False)
async def show_order(request: HttpRequest, token: InPath) -> Response[Any]:
    """Show an order: to sign in, then with the plans it can be paid by."""
    counter = await at_counter(request, token)
    if counter.order.state is not OrderState.OPEN:
        return counter.to("/result")
    counter = await counter.seated()
    visit = counter.visit
    if visit.customer_id is None:
        is_asked = visit.phone_hmac is not None and request.query_params.get("phone") != "other"
        return counter.page(request, "sign_in.html", is_code_asked=is_asked)
    found = await paying.plans(counter.pages, visit, counter.order, counter.till)
    obstacle = None
    if found.obstacle is not None:
        available = money(found.available_minor, counter.order.currency)
        obstacle = catalogue(counter.guest.language)[found.obstacle].format(available=available)
    platform = counter.pages.shards.platform(bucket_of(visit.customer_id))
    async with platform.db.begin() as tx:
        person = identity.masked(platform.vault, await identity.customer(tx, visit.customer_id))
    who = f"{person.name} {person.phone}"
    return counter.page(request, "plans.html", offers=found.offers, obstacle=obstacle, who=who)


@post("/cashier/{token:str}/code", include_in_schema=False)
async def ask_code(request: HttpRequest, token: InPath) -> Response[Any]:
    """Send a code to the phone that is given, if somebody of ours has it; which is not told."""
    counter, given = await filled(request, token)
    client = client_of(request, counter.pages)
    phone, language = given.get("phone", ""), counter.guest.language
    sending = await signing_in.ask_code(counter.pages, counter.visit, phone, language, client=client)
    answer = counter.to()
    answer.background = BackgroundTask(sending)
    return answer


@post("/cashier/{token:str}/sign_in", include_in_schema=False)
async def sign_in(request: HttpRequest, token: InPath) -> Response[Any]:
    """Let in who gives the code; the visit gets a new name with it."""
    counter, given = await filled(request, token)
    found = await signing_in.signed_in(counter.pages, counter.visit, given.get("code", ""))
    if found is None:
        return counter.to(notice="code")
    answer = counter.to()
    answer.cookies = cookies_of(request, counter.guest._replace(token=found))
    return answer


@post("/cashier/{token:str}/leave", include_in_schema=False)
async def leave(request: HttpRequest, token: InPath) -> Response[Any]:
    """Sign out."""
    counter, _ = await filled(request, token)
    async with counter.pages.home.db.begin() as tx:
        await visits.end(tx, counter.visit)
    return counter.to()


@post("/cashier/{token:str}/plan", include_in_schema=False)
async def choose_plan(request: HttpRequest, token: InPath) -> Response[Any]:
    """Lead to the cost sheet of the plan that was chosen."""
    counter, given = await filled(request, token)
    plan = given.get("plan", "")
    return counter.to(f"/sheets/{plan}") if _is_code(plan) else counter.to(notice="choose")


@get("/cashier/{token:str}/sheets/{plan:str}", include_in_schema=False)
async def show_sheet(request: HttpRequest, token: InPath, plan: InPath) -> Response[Any]:
    """Show the cost sheet of a plan; the server measures from now on how long it is read."""
    counter = await at_counter(request, token)
    visit = counter.guest.visit
    if visit is None or visit.customer_id is None or counter.order.state is not OrderState.OPEN:
        return counter.to()
    found = await paying.sheet(counter.pages, visit, counter.order, plan)
    return counter.page(
        request,
        "sheet.html",
        sheet=found.sheet,
        offer=found.offer,
        seconds=found.seconds,
        is_early_free=found.is_early_free,
        is_borne_by_merchant=found.offer.fee_payer is FeePayer.MERCHANT and found.offer.terms > 1,
    )


@post("/cashier/{token:str}/pay", include_in_schema=False)
async def pay(request: HttpRequest, token: InPath) -> Response[Any]:
    """Pay by the plan whose sheet was read. A double click, the back button, a second tab: it is paid once."""
    counter, given = await filled(request, token)
    plan, digest = given.get("plan", ""), given.get("digest", "")
    is_whole = _is_code(plan) and visits.is_digest(digest)
    if counter.visit.customer_id is None or counter.order.state is not OrderState.OPEN or not is_whole:
        return counter.to()
    if given.get("agree") != "yes":
        return counter.to(f"/sheets/{plan}", notice="tick")
    try:
        await paying.pay(
            counter.pages, counter.visit, counter.order, counter.till, plan=plan, digest=bytes.fromhex(digest)
        )
    except ReadingTimeNotOver:
        return counter.to(f"/sheets/{plan}", notice="reading")
    return await _after_paying(counter)


@post("/cashier/{token:str}/confirm", include_in_schema=False)
async def confirm(request: HttpRequest, token: InPath) -> Response[Any]:
    """Confirm a payment that waits for a code; without one, another is sent."""
    counter, given = await filled(request, token)
    purchase = await paying.latest(counter.pages, counter.visit, counter.order)
    if purchase is None or not purchase.is_suspended or purchase.outcome != PurchaseOutcome.STEP_UP:
        return counter.to("/result")
    if "code" not in given:
        await paying.send_code(counter.pages, purchase, counter.guest.language)
        return counter.to("/result", notice="sent")
    if await paying.confirm(counter.pages, purchase, given["code"]) is Confirmation.WRONG:
        return counter.to("/result", notice="code")
    return counter.to("/result")


@get("/cashier/{token:str}/result", include_in_schema=False)
async def show_result(request: HttpRequest, token: InPath) -> Response[Any]:
    """Tell what became of an order, and nothing but the truth: "processing" too."""
    counter = await at_counter(request, token)
    visit, order = counter.guest.visit, counter.order
    latest = None if visit is None else await paying.latest(counter.pages, visit, order)
    if order.state is OrderState.OPEN:
        if latest is None:
            return counter.to()
        words = catalogue(counter.guest.language)
        why = latest.decline_reasons or [latest.closed_as or "other"]
        reasons = [words.get(f"reason_{each}", words["reason_other"]) for each in why]
        return counter.page(request, "result.html", state="declined", reasons=reasons, offer=None)
    state, offer = _STATES[order.state], None
    if latest is not None and latest.is_suspended:
        state = _WAITING[latest.outcome]
    if order.state is OrderState.PAID:
        offer = None if visit is None else await paying.paid_offer(counter.pages, visit, order)
        state = "already_paid" if offer is None else state
    refresh = REFRESH_SECONDS if state == "processing" else 0
    purchase = "" if latest is None else show_id("pur", latest.id)
    return counter.page(
        request, "result.html", state=state, reasons=[], offer=offer, refresh_seconds=refresh, purchase=purchase
    )


async def _after_paying(counter: Counter) -> Response[Any]:
    """Lead to the result; a purchase that waits for its payer's code is sent one at once."""
    home = counter.pages.home
    async with home.db.begin() as tx:
        order = await orders.of_cashier(tx, await home.moments(tx), counter.order.cashier_token)
    latest = await paying.latest(counter.pages, counter.visit, order)
    if latest is None or not latest.is_suspended or latest.outcome != PurchaseOutcome.STEP_UP:
        return counter.to("/result")
    await paying.send_code(counter.pages, latest, counter.guest.language)
    return counter.to("/result", notice="sent")


def _is_code(plan: str) -> bool:
    return plan.isascii() and plan.replace("_", "").isalnum()


HANDLERS = [show_order, ask_code, sign_in, leave, choose_plan, show_sheet, pay, confirm, show_result]
