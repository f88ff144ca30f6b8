"""What can be asked of a server: each function makes a call, which a client sends."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from tiao_client.models import (
    Activation,
    Application,
    ApplicationInFull,
    Balance,
    Capture,
    EndpointIssued,
    Page,
    PaperKept,
    Placement,
    PrepaidHolds,
    Prequalification,
    Purchase,
    Quote,
    Receipt,
    Receivables,
    Refund,
    RefundMade,
    Sale,
    Session,
    Settlement,
    Signatures,
    Statement,
    StatementMonth,
    Store,
    Terminal,
)

T = TypeVar("T")


class Call(NamedTuple, Generic[T]):
    """One request and the type of its answer. *key* names a change: it is done once however often it is sent."""

    method: str
    path: str
    answer: type[T]
    body: dict[str, Any] | None = None
    params: Mapping[str, str] = MappingProxyType({})
    key: str | None = None


def create_session(  # noqa: PLR0913  the fields of a session
    *,
    reference: str,
    amount_minor: int,
    description: str,
    currency: str = "CNY",
    return_url: str | None = None,
    terms: int | None = None,
    fee_payer: str = "consumer",
    expires_in_minutes: int = 30,
    key: str | None = None,
) -> Call[Session]:
    """Ask for a page on which the customer pays."""
    body = {
        "reference": reference,
        "amount_minor": amount_minor,
        "currency": currency,
        "description": description,
        "return_url": return_url,
        "terms": terms,
        "fee_payer": fee_payer,
        "expires_in_minutes": expires_in_minutes,
    }
    return Call("POST", "/v1/checkout_sessions", Session, body, key=key)


def read_session(session: str) -> Call[Session]:
    """Read what became of a session."""
    return Call("GET", f"/v1/checkout_sessions/{session}", Session)


def expire_session(session: str, *, key: str | None = None) -> Call[Session]:
    """Let nobody pay a session any more."""
    return Call("POST", f"/v1/checkout_sessions/{session}/expire", Session, key=key)


def list_sessions(*, limit: int = 20) -> Call[Page[Session]]:
    """List sessions, latest first."""
    return Call("GET", "/v1/checkout_sessions", Page[Session], params={"limit": str(limit)})


def create_quote(
    *, customer: str, amount_minor: int, currency: str = "CNY", fee_payer: str = "consumer", key: str | None = None
) -> Call[Quote]:
    """Ask what a purchase would cost a known customer under each plan."""
    body = {"customer": customer, "amount_minor": amount_minor, "currency": currency, "fee_payer": fee_payer}
    return Call("POST", "/v1/quotes", Quote, body, key=key)


def create_purchase(
    *, quote: str, plan: str, reference: str, capture: bool = True, key: str | None = None
) -> Call[Purchase]:
    """Buy what the customer accepted; one that is declined is an answer too."""
    body = {"quote": quote, "plan": plan, "reference": reference, "capture": capture}
    return Call("POST", "/v1/purchases", Purchase, body, key=key)


def read_purchase(purchase: str) -> Call[Purchase]:
    """Read a purchase."""
    return Call("GET", f"/v1/purchases/{purchase}", Purchase)


def list_purchases(*, limit: int = 20) -> Call[Page[Purchase]]:
    """List purchases, latest first."""
    return Call("GET", "/v1/purchases", Page[Purchase], params={"limit": str(limit)})


def capture(purchase: str, *, amount_minor: int, is_final: bool = False, key: str | None = None) -> Call[Capture]:
    """Capture all or part of what is held: the goods have left."""
    body = {"amount_minor": amount_minor, "is_final": is_final}
    return Call("POST", f"/v1/purchases/{purchase}/captures", Capture, body, key=key)


def void(purchase: str, *, key: str | None = None) -> Call[Purchase]:
    """Let go of what is held."""
    return Call("POST", f"/v1/purchases/{purchase}/void", Purchase, key=key)


def refund(purchase: str, *, amount_minor: int, reference: str, key: str | None = None) -> Call[RefundMade]:
    """Give back all or part of a purchase, any number of times up to what was captured."""
    body = {"amount_minor": amount_minor, "reference": reference}
    return Call("POST", f"/v1/purchases/{purchase}/refunds", RefundMade, body, key=key)


def list_refunds(
    *, from_on: date | None = None, until_on: date | None = None, reference: str | None = None, limit: int = 20
) -> Call[Page[Refund]]:
    """List refunds of all purchases, latest first: of some days, under one reference, or all."""
    given = {"from_on": from_on, "until_on": until_on, "reference": reference, "limit": limit}
    params = {name: str(each) for name, each in given.items() if each is not None}
    return Call("GET", "/v1/refunds", Page[Refund], params=params)


def list_settlements(*, limit: int = 20) -> Call[Page[Settlement]]:
    """List what was owed for each day, newest first."""
    return Call("GET", "/v1/settlements", Page[Settlement], params={"limit": str(limit)})


def list_statements(*, limit: int = 20) -> Call[Page[StatementMonth]]:
    """List the months there are statements of, newest first."""
    return Call("GET", "/v1/statements", Page[StatementMonth], params={"limit": str(limit)})


def read_statement(month: str) -> Call[Statement]:
    """Read a month's statement: 2026-11."""
    return Call("GET", f"/v1/statements/{month}", Statement)


def create_endpoint(*, url: str, types: tuple[str, ...] = (), key: str | None = None) -> Call[EndpointIssued]:
    """Be told of events at an address from now on; keep the secret, `event_of` needs it."""
    return Call("POST", "/v1/webhook_endpoints", EndpointIssued, {"url": url, "types": list(types)}, key=key)


def create_store(*, name: str, address: str, city: str = "", key: str | None = None) -> Call[Store]:
    """Open a store."""
    return Call("POST", "/v1/stores", Store, {"name": name, "address": address, "city": city}, key=key)


def create_terminal(
    store: str, *, label: str, has_printed_code: bool = False, key: str | None = None
) -> Call[Terminal]:
    """Set a terminal up in a store, with a printed code or without."""
    body = {"label": label, "has_printed_code": has_printed_code}
    return Call("POST", f"/v1/stores/{store}/terminals", Terminal, body, key=key)


def sell(
    *,
    terminal: str,
    reference: str,
    amount_minor: int,
    description: str,
    code: str | None = None,
    currency: str = "CNY",
    key: str | None = None,
) -> Call[Sale]:
    """Sell in person: with the customer's *code* as it was read, or without one, to show the session's address."""
    body = {
        "terminal": terminal,
        "reference": reference,
        "amount_minor": amount_minor,
        "currency": currency,
        "description": description,
        "code": code,
    }
    return Call("POST", "/v1/counter_sales", Sale, body, key=key)


def read_receipt(session: str) -> Call[Receipt]:
    """Read the receipt of a sale in person."""
    return Call("GET", f"/v1/counter_sales/{session}/receipt", Receipt)


def placement(amount_minor: int, *, fee_payer: str = "consumer") -> Call[Placement]:
    """Ask what a product page shows of a price; it may be kept for a few minutes."""
    params = {"amount_minor": str(amount_minor), "fee_payer": fee_payer}
    return Call("GET", "/placement", Placement, params=params)


def prequalify(
    amount_minor: int, *, customer: str | None = None, currency: str = "CNY", fee_payer: str = "consumer"
) -> Call[Prequalification]:
    """Ask whether a customer, or nobody in particular, may buy for an amount, and from how much a month."""
    body = {"amount_minor": amount_minor, "currency": currency, "customer": customer, "fee_payer": fee_payer}
    return Call("POST", "/v1/prequalifications", Prequalification, body)


def read_balance() -> Call[Balance]:
    """Read what we are owed now."""
    return Call("GET", "/v1/balance", Balance)


def list_receivables() -> Call[Receivables]:
    """List what is still to come, and when."""
    return Call("GET", "/v1/receivables", Receivables)


def list_prepaid(*, limit: int = 20) -> Call[PrepaidHolds]:
    """List what is kept until services are given."""
    return Call("GET", "/v1/prepaid", PrepaidHolds, params={"limit": str(limit)})


def read_application() -> Call[ApplicationInFull]:
    """Read our company's application, with the token that came with it or with a merchant's key."""
    return Call("GET", "/v1/merchant_applications/current", ApplicationInFull)


def show_paper(
    application: str, *, kind: str, name: str, media_type: str, content: bytes, key: str | None = None
) -> Call[PaperKept]:
    """Show a document of our company."""
    body = {"kind": kind, "name": name, "media_type": media_type, "content": base64.b64encode(content).decode()}
    return Call("POST", f"/v1/merchant_applications/{application}/papers", PaperKept, body, key=key)


def submit_application(application: str, *, key: str | None = None) -> Call[Application]:
    """Hand the application in."""
    return Call("POST", f"/v1/merchant_applications/{application}/submission", Application, key=key)


def list_signatures(application: str) -> Call[Signatures]:
    """List what is still to be signed."""
    return Call("GET", f"/v1/merchant_applications/{application}/signatures", Signatures)


def sign_contract(
    application: str, *, scene: str, version: int, digest: str, signatory: str, key: str | None = None
) -> Call[Application]:
    """Sign a contract by its digest."""
    body = {"scene": scene, "version": version, "digest": digest, "signatory": signatory}
    return Call("POST", f"/v1/merchant_applications/{application}/signatures", Application, body, key=key)


def activate(application: str, *, key: str | None = None) -> Call[Activation]:
    """Become merchants; keep the tokens, they are shown this once."""
    return Call("POST", f"/v1/merchant_applications/{application}/activation", Activation, key=key)
