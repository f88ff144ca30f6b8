"""Purchases: authorised in sets at the desk, then captured or let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import (
    AnyCustomer,
    AnyMerchant,
    Currency,
    CustomerId,
    IdempotencyKey,
    MerchantId,
    PlanCode,
    PurchaseInPath,
    QuoteId,
)
from tiao.api.operation import C, M, O, makes, reads
from tiao.api.paging import After, ByTime, Limit
from tiao.api.refusals import CursorInvalid, SubjectMissing
from tiao.api.services import Asked, Call
from tiao.api.together import Change
from tiao.checkout import actions as checkout
from tiao.checkout import rules
from tiao.checkout.model import Context, DeclineReason, Order, Purchase, PurchaseOutcome, Quoted
from tiao.checkout.refusals import (
    AmountInvalid,
    CostSheetChanged,
    CurrencyMismatch,
    NoCreditLine,
    PlanNotQuoted,
    PurchaseKeyReused,
    PurchaseNotOpen,
    PurchaseUnknown,
    QuoteAlreadyUsed,
    QuoteDiffers,
    QuoteExpired,
    QuoteNotAccepted,
    QuoteUnknown,
)
from tiao.identity.refusals import CustomerUnknown
from tiao.ledger.refusals import CreditLimitExceeded
from tiao.lending.model import FeePayer
from tiao.lending.refusals import InstalmentAmountBelowMinimum, PriceAboveCap, ProductUnknown, TermsNotOffered
from tiao.partners.model import Role
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scenes.refusals import SceneAmountOutside, SceneOffersNoSuchPlan
from tiao.partners.scopes import Scope
from tiao.risk.entities import EntityKind, digest_of
from tiao.risk.refusals import EntityInvalid
from tiao.runtime.batching import Busy
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

#: Later than any purchase: where a list begins.

Reference = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[^\u0000-\u001f\u007f]+$",
        description="The merchant's own order number.",
    ),
]
ReferenceAsked: TypeAlias = Annotated[
    str | None,
    QueryParameter(
        name="reference",
        min_length=1,
        max_length=64,
        pattern=r"^[^\u0000-\u001f\u007f]+$",
        description="Only those under this reference.",
    ),
]
OutcomeAsked: TypeAlias = Annotated[
    PurchaseOutcome | None, QueryParameter(name="outcome", description="Only those with this outcome.")
]


_Said = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"^[^\u0000-\u001f\u007f]+$")]


class ContextGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an order comes from: risk control recognises devices and places by keyed digests, and keeps no more."""

    device: _Said | None = None
    ip: _Said | None = None
    terminal: _Said | None = None


class PurchaseAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A purchase from an accepted quote; *capture* books it at once, otherwise the line holds it for 28 days."""

    quote: QuoteId
    plan: PlanCode
    reference: Reference
    capture: bool = True
    context: ContextGiven | None = None


class DeclineCode(StrEnum):
    """Why a purchase was declined. A merchant learns `declined` and no more, or that it is itself suspended.

    `risk` says no more to the customer either: a fraudster would learn from it.
    """

    CREDIT_LIMIT = DeclineReason.CREDIT_LIMIT.value
    LINE_NOT_ACTIVE = DeclineReason.LINE_NOT_ACTIVE.value
    PAYMENT_OVERDUE = DeclineReason.PAYMENT_OVERDUE.value
    MERCHANT_SUSPENDED = DeclineReason.MERCHANT_SUSPENDED.value
    RISK = DeclineReason.RISK.value
    NOT_CONFIRMED = DeclineReason.NOT_CONFIRMED.value
    DECLINED = "declined"


class PurchaseShown(msgspec.Struct, frozen=True):
    """A purchase, declined ones included: what became of its amount.

    `step_up` waits for the customer's code and `in_review` for a person, until `expires_at`; a merchant sees
    `in_review` for both. The goods must not leave before the purchase is `authorised`.
    """

    id: str
    merchant: MerchantId
    customer: CustomerId
    quote: str | None
    plan: str
    fee_payer: FeePayer
    reference: str
    currency: Currency
    amount_minor: int
    held_minor: int
    captured_minor: int
    released_minor: int
    refunded_minor: int
    outcome: PurchaseOutcome
    decline_reasons: list[DeclineCode]
    closed_as: str | None
    authorised_at: datetime
    expires_at: datetime


class PurchasePage(msgspec.Struct, frozen=True):
    """Purchases, latest first."""

    data: list[PurchaseShown]
    has_more: bool
    next: str | None


@makes(
    "/v1/purchases",
    by=[M],
    scope=Scope.PURCHASES_WRITE,
    refuses=[
        CostSheetChanged,
        AmountInvalid,
        Busy,
        CreditLimitExceeded,
        CurrencyMismatch,
        EntityInvalid,
        InstalmentAmountBelowMinimum,
        MerchantUnknown,
        NoCreditLine,
        PlanNotQuoted,
        PriceAboveCap,
        ProductUnknown,
        PurchaseKeyReused,
        QuoteAlreadyUsed,
        SceneAmountOutside,
        SceneOffersNoSuchPlan,
        QuoteDiffers,
        QuoteExpired,
        QuoteNotAccepted,
        QuoteUnknown,
        TermsNotOffered,
    ],
)
async def create_purchase(call: Call, data: JSONBody[PurchaseAsked], key: IdempotencyKey) -> PurchaseShown:
    """Authorise a purchase.

    One that is declined or suspended is an answer too; why is told to the customer. A key seen before gives the stored
    purchase as it stands by now.
    """
    return await bought(call, data, key)


async def bought(call: Asked, data: PurchaseAsked, key: str) -> PurchaseShown:
    """Authorise a purchase at the desk of its customer. Refuses: what `create_purchase` lists."""
    quote_id = read_id(ids.QUOTE, data.quote)
    call = call.about(quote_id)

    def order_of(quote: Quoted) -> Order:
        call.require_own(QuoteUnknown, merchant_id=quote.merchant_id)
        return _order(call, quote, data, key)

    return purchase_shown(call, await call.platform.desk.authorise_quoted(quote_id, order_of))


@reads(
    "/v1/purchases",
    by=[C, M, O],
    scope=Scope.PURCHASES_READ,
    refuses=[SubjectMissing, CustomerUnknown, MerchantUnknown, CursorInvalid],
)
async def list_purchases(
    call: Call,
    customer: AnyCustomer = None,
    merchant: AnyMerchant = None,
    reference: ReferenceAsked = None,
    outcome: OutcomeAsked = None,
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> PurchasePage:
    """List purchases of one's own, latest first; an operator names the customer or the merchant.

    A merchant's can be narrowed to one reference, or to one outcome.
    """
    place = paging.before(after)
    is_merchants = call.caller.role is M or (call.is_operator and merchant is not None)
    subject = call.merchant(merchant) if is_merchants else call.customer(customer)
    of = (
        partial(checkout.purchases_of_merchant, reference=reference, outcome=outcome)
        if is_merchants
        else checkout.purchases_of_customer
    )

    async def read(tx: Tx) -> list[Purchase]:
        return await of(tx, subject, before_at=place.at, before_id=place.id, limit=limit + 1)

    # What a merchant sold lies on every server; what a customer bought, on one.
    databases = call.services.shards.databases() if is_merchants else [call.about(subject).db]
    page = await paging.cut_across(databases, limit, read, lambda each: ByTime(each.authorised_at, each.id))
    return PurchasePage([purchase_shown(call, each) for each in page.items], page.has_more, page.next)


@reads("/v1/purchases/{purchase_id:str}", by=[C, M, O], scope=Scope.PURCHASES_READ, refuses=[PurchaseUnknown])
async def read_purchase(call: Call, purchase_id: PurchaseInPath) -> PurchaseShown:
    """Show a purchase."""
    async with call.db.begin() as tx:
        return purchase_shown(call, await own_purchase(tx, call, read_id(ids.PURCHASE, purchase_id)))


@makes(
    "/v1/purchases/{purchase_id:str}/void",
    by=[M, O],
    scope=Scope.PURCHASES_WRITE,
    status=200,
    refuses=[PurchaseUnknown, PurchaseNotOpen],
)
async def void_purchase(call: Call, purchase_id: PurchaseInPath, key: IdempotencyKey) -> Response[PurchaseShown]:
    """Let go of what is held; what was captured stays."""
    wanted = read_id(ids.PURCHASE, purchase_id)

    async def work(tx: Tx, now: Moment) -> PurchaseShown:
        await own_purchase(tx, call, wanted)
        return purchase_shown(call, await checkout.void(tx, now, wanted))

    return await once(call, key, None, work, status=200)


async def not_own(tx: Tx, changes: Sequence[Change[Any]], purchase_ids: Sequence[UUID]) -> dict[object, Refusal]:
    """Find the changes to purchases that are not their caller's own: refused as if there were none."""
    found = await checkout.purchases_of_ids(tx, purchase_ids)
    refused: dict[object, Refusal] = {}
    for change, purchase_id in zip(changes, purchase_ids, strict=True):
        seen = found.get(purchase_id)
        if seen is None or not change.call.owns(customer_id=seen.customer_id, merchant_id=seen.merchant_id):
            refused[change.name] = PurchaseUnknown()
    return refused


async def own_purchase(tx: Tx, call: Call, purchase_id: UUID) -> Purchase:
    """Read a purchase of the caller's own. Refuses: PurchaseUnknown."""
    found = await checkout.purchase_of(tx, purchase_id)
    call.require_own(PurchaseUnknown, customer_id=found.customer_id, merchant_id=found.merchant_id)
    return found


def own_key(call: Call, key: str) -> str:
    """Tell one caller's key from another's: merchant and operator may act on the same purchase."""
    return f"{call.caller.subject_id.hex}:{key}"


def decline_codes(role: Role, reasons: Sequence[str]) -> list[DeclineCode]:
    """Say why a purchase was declined: all to the customer and the operator, to a merchant nothing about the customer.

    A suspended merchant is told that alone: what else stands against the purchase would show through its absence.
    """
    codes = [DeclineCode(each) for each in reasons]
    if role is not Role.MERCHANT or not codes:
        return codes
    is_own = DeclineCode.MERCHANT_SUSPENDED in codes
    return [DeclineCode.MERCHANT_SUSPENDED if is_own else DeclineCode.DECLINED]


def purchase_shown(call: Asked, purchase: Purchase) -> PurchaseShown:
    """Show a purchase on the wire."""
    return PurchaseShown(
        id=show_id(ids.PURCHASE, purchase.id),
        merchant=show_id(ids.MERCHANT, purchase.merchant_id),
        customer=show_id(ids.CUSTOMER, purchase.customer_id),
        quote=ids.shown(ids.QUOTE, purchase.quote_id),
        plan=purchase.plan_code,
        fee_payer=FeePayer(purchase.fee_payer),
        reference=purchase.reference,
        currency=purchase.currency,
        amount_minor=purchase.amount_minor,
        held_minor=purchase.held_minor,
        captured_minor=purchase.captured_minor,
        released_minor=purchase.released_minor,
        refunded_minor=purchase.refunded_minor,
        outcome=_outcome_shown(call.caller.role, PurchaseOutcome(purchase.outcome)),
        decline_reasons=decline_codes(call.caller.role, purchase.decline_reasons),
        closed_as=purchase.closed_as,
        authorised_at=purchase.authorised_at,
        expires_at=purchase.expires_at,
    )


def _outcome_shown(role: Role, outcome: PurchaseOutcome) -> PurchaseOutcome:
    """Tell a merchant that a purchase is looked at, and not by whom."""
    is_hidden = role is Role.MERCHANT and outcome is PurchaseOutcome.STEP_UP
    return PurchaseOutcome.IN_REVIEW if is_hidden else outcome


def _context(call: Call, given: ContextGiven | None) -> Context:
    if given is None:
        return Context()
    vault = call.platform.vault
    values = (given.device, given.ip, given.terminal)
    return Context(
        *(
            None if value is None else digest_of(vault, kind, value)
            for kind, value in zip((EntityKind.DEVICE, EntityKind.IP, EntityKind.TERMINAL), values, strict=True)
        )
    )


def _order(call: Call, quote: Quoted, data: PurchaseAsked, key: str) -> Order:
    """Make the order that a quote and a request say together. Refuses: PlanNotQuoted, EntityInvalid."""
    return Order(
        idempotency_id=rules.idempotency_id(quote.merchant_id, key),
        line_id=quote.line_id,
        customer_id=quote.customer_id,
        merchant_id=quote.merchant_id,
        currency=quote.currency,
        amount_minor=quote.amount_minor,
        plan=data.plan,
        fee_payer=rules.fee_payer_quoted(quote, data.plan),
        reference=data.reference,
        is_captured=data.capture,
        quote_id=quote.id,
        context=_context(call, data.context),
    )


ROUTES = [create_purchase, list_purchases, read_purchase, void_purchase]
