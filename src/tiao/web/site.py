"""The pages as one router: what they refuse leads to a page too."""

from __future__ import annotations

from typing import Any, NamedTuple

from litestar import Response, Router

from tiao.checkout import refusals as checkout
from tiao.checkout.counters.refusals import CodeLimitReached, SaleForAnother, TerminalUnknown
from tiao.checkout.orders import refusals as orders
from tiao.identity.refusals import PhoneInvalid
from tiao.ledger.refusals import CreditLimitExceeded
from tiao.lending.refusals import CostSheetNotAcknowledged
from tiao.partners.accounts.refusals import AccountUnknown
from tiao.servicing.linking.refusals import AccountNotBoundHere, PaymentLinkEnded, PaymentLinkUnknown
from tiao.values.refusal import Kind, Refusal
from tiao.web import cashier, linked, placement, printed
from tiao.web.cookies import FormOutOfDate, HttpRequest
from tiao.web.counter import here, lead
from tiao.web.flooding import CodesTooMany
from tiao.web.rendering import page
from tiao.web.visits import PayerCodeTooOften
from tiao.web.words import language_of


class _Lead(NamedTuple):
    path: str
    notice: str | None


_CHANGED, _RESULT = _Lead("", "changed"), _Lead("/result", None)
#: Where a payer goes on after a "no", and what is said there; what stands not here is a page of its own.
_LEADS: dict[type[Refusal], _Lead] = {
    FormOutOfDate: _Lead("", "again"),
    PhoneInvalid: _Lead("", "phone"),
    PayerCodeTooOften: _Lead("", "wait"),
    CodesTooMany: _Lead("", "wait"),
    checkout.CostSheetChanged: _CHANGED,
    checkout.PlanNotQuoted: _CHANGED,
    checkout.QuoteAlreadyAccepted: _CHANGED,
    checkout.QuoteAlreadyUsed: _CHANGED,
    checkout.QuoteExpired: _CHANGED,
    checkout.QuoteUnknown: _CHANGED,
    CostSheetNotAcknowledged: _CHANGED,
    CreditLimitExceeded: _Lead("", "limit"),
    CodeLimitReached: _Lead("", "code_limit"),
    SaleForAnother: _Lead("", "another"),
    orders.OrderForAnother: _Lead("", "another"),
    orders.OrderPaid: _RESULT,
    orders.OrderBeingPaid: _RESULT,
    orders.OrderClosed: _RESULT,
    orders.PaymentDeclined: _RESULT,
    checkout.PurchaseNotSuspended: _RESULT,
    checkout.AuthorisationExpired: _RESULT,
    checkout.TooManyCodes: _Lead("/result", "sent_out"),
    checkout.NoCodeSent: _Lead("/result", "code"),
}
#: Pages that are not there, or not any more: nobody learns which.
_UNKNOWN = (orders.OrderUnknown, AccountUnknown, TerminalUnknown, PaymentLinkUnknown, PaymentLinkEnded)
#: What is said in a sentence of its own.
_SAID: dict[type[Refusal], str] = {AccountNotBoundHere: "own_account"}
_STATUS = {Kind.NOT_FOUND: 404, Kind.BUSY: 503, Kind.GONE: 410}


def refused(request: HttpRequest, refusal: Refusal) -> Response[Any]:
    """Lead on, or say in words what a payer can do."""
    found = _LEADS.get(type(refusal))
    token = request.path_params.get("token")
    if found is not None and token is not None and request.url.path.startswith(here(token)):
        return lead(token, found.path, found.notice)
    language = language_of(request.query_params.get("lang"), None, request.headers.get("accept-language"))
    state = "unknown" if isinstance(refusal, _UNKNOWN) else _SAID.get(type(refusal), "trouble")
    status = 404 if state == "unknown" else _STATUS.get(refusal.kind, 409)
    return page("result.html", language, status=status, state=state, reasons=[], offer=None, here="")


def router() -> Router:
    """Give every page."""
    return Router(
        "/",
        route_handlers=[*cashier.HANDLERS, *placement.HANDLERS, *printed.HANDLERS, *linked.HANDLERS],
        exception_handlers={Refusal: refused},
    )
