"""Quotes: what a purchase would cost under each plan, the cost sheet to be shown, and the customer's acceptance."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids, sheets
from tiao.api.idempotency import once
from tiao.api.ids import (
    AmountMinor,
    Currency,
    CustomerId,
    IdempotencyKey,
    MerchantId,
    PlanCode,
    PlanInPath,
    QuoteId,
    QuoteInPath,
)
from tiao.api.operation import C, M, O, makes, reads
from tiao.api.services import Call
from tiao.api.sheets import AckGiven, CostSheetShown
from tiao.checkout import actions as checkout
from tiao.checkout import rules
from tiao.checkout.model import Offer, Quote
from tiao.checkout.refusals import (
    AmountInvalid,
    CostSheetChanged,
    CurrencyMismatch,
    NoCreditLine,
    PlanNotQuoted,
    QuoteAlreadyAccepted,
    QuoteExpired,
    QuoteUnknown,
)
from tiao.ledger import actions as ledger
from tiao.lending.model import BillingMode, FeePayer
from tiao.lending.refusals import (
    CostSheetNotAcknowledged,
    InstalmentAmountBelowMinimum,
    PriceAboveCap,
    ProductUnknown,
    ReadingTimeNotOver,
    TermsNotOffered,
)
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scenes.refusals import SceneAmountOutside
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment


class QuoteAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A purchase that somebody thinks of making."""

    customer: CustomerId
    amount_minor: AmountMinor
    currency: Currency
    mode: BillingMode = BillingMode.STATEMENT
    fee_payer: FeePayer = FeePayer.CONSUMER


class AcceptanceGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plan that the customer chooses."""

    plan: PlanCode
    cost_sheet: AckGiven | None = None


class QuoteShown(msgspec.Struct, frozen=True):
    """Every plan on offer, with each instalment and all that it costs. Rates are shares a year, as decimal strings."""

    id: QuoteId
    merchant: MerchantId
    customer: CustomerId
    currency: Currency
    amount_minor: AmountMinor
    offers: list[Offer]
    created_at: datetime
    expires_at: datetime
    accepted_plan: str | None
    accepted_at: datetime | None


@makes(
    "/v1/quotes",
    by=[M],
    scope=Scope.QUOTES_WRITE,
    refuses=[AmountInvalid, NoCreditLine, CurrencyMismatch, MerchantUnknown, PriceAboveCap, SceneAmountOutside],
)
async def create_quote(call: Call, data: JSONBody[QuoteAsked], key: IdempotencyKey) -> Response[QuoteShown]:
    """Ask what a purchase would cost under each plan."""
    customer_id = read_id(ids.CUSTOMER, data.customer)
    call = call.about(customer_id)

    async def work(tx: Tx, now: Moment) -> QuoteShown:
        made = await checkout.quote(
            tx,
            now,
            call.platform.book,
            merchant_id=call.caller.subject_id,
            customer_id=customer_id,
            currency=data.currency,
            amount_minor=data.amount_minor,
            mode=data.mode,
            fee_payer=data.fee_payer,
        )
        return quote_shown(made)

    return await once(call, key, data, work)


@reads("/v1/quotes/{quote_id:str}", by=[C, M, O], scope=Scope.QUOTES_WRITE, refuses=[QuoteUnknown])
async def read_quote(call: Call, quote_id: QuoteInPath) -> QuoteShown:
    """Show a quote to the merchant who asked for it and the customer it is for."""
    async with call.db.begin() as tx:
        return quote_shown(await _own_quote(tx, call, quote_id))


@reads(
    "/v1/quotes/{quote_id:str}/cost_sheets/{plan:str}",
    by=[C],
    scope=Scope.QUOTES_WRITE,
    refuses=[
        QuoteUnknown,
        QuoteExpired,
        PlanNotQuoted,
        ProductUnknown,
        TermsNotOffered,
        InstalmentAmountBelowMinimum,
        PriceAboveCap,
    ],
)
async def read_cost_sheet(call: Call, quote_id: QuoteInPath, plan: PlanInPath) -> CostSheetShown:
    """Show the full cost sheet of one plan, which the customer sees and confirms before agreeing."""
    book = call.platform.book
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        found = await _own_quote(tx, call, quote_id)
        line = await ledger.line(tx, found.line_id)
    if now.at >= found.expires_at:
        raise QuoteExpired
    offer = rules.offer_of(found.offers, plan)
    made = book.plan(plan, offer.fee_payer, found.amount_minor, taken_on=now.today, statement_day=line.statement_day)
    sheet = book.cost_sheet(made, currency=found.currency, on=now.today)
    return await sheets.shown(call, sheet, plan=plan, on=now.today)


@makes(
    "/v1/quotes/{quote_id:str}/acceptance",
    by=[C],
    scope=Scope.PURCHASES_WRITE,
    status=200,
    refuses=[
        QuoteUnknown,
        QuoteExpired,
        QuoteAlreadyAccepted,
        PlanNotQuoted,
        ProductUnknown,
        TermsNotOffered,
        InstalmentAmountBelowMinimum,
        PriceAboveCap,
        CostSheetChanged,
        CostSheetNotAcknowledged,
        ReadingTimeNotOver,
    ],
)
async def accept_quote(
    call: Call, quote_id: QuoteInPath, data: JSONBody[AcceptanceGiven], key: IdempotencyKey
) -> Response[QuoteShown]:
    """Accept one plan, having seen and confirmed its cost sheet."""
    ack = await sheets.read(call, data.cost_sheet)

    async def work(tx: Tx, now: Moment) -> QuoteShown:
        accepted = await checkout.accept(
            tx,
            now,
            call.platform.book,
            read_id(ids.QUOTE, quote_id),
            customer_id=call.caller.subject_id,
            plan=data.plan,
            ack=ack,
        )
        return quote_shown(accepted)

    return await once(call, key, data, work, status=200)


def quote_shown(quote: Quote) -> QuoteShown:
    """Show a quote on the wire."""
    return QuoteShown(
        id=show_id(ids.QUOTE, quote.id),
        merchant=show_id(ids.MERCHANT, quote.merchant_id),
        customer=show_id(ids.CUSTOMER, quote.customer_id),
        currency=quote.currency,
        amount_minor=quote.amount_minor,
        offers=list(quote.offers),
        created_at=quote.created_at,
        expires_at=quote.expires_at,
        accepted_plan=quote.accepted_plan,
        accepted_at=quote.accepted_at,
    )


async def _own_quote(tx: Tx, call: Call, quote_id: str) -> Quote:
    found = await checkout.quote_of(tx, read_id(ids.QUOTE, quote_id))
    call.require_own(QuoteUnknown, customer_id=found.customer_id, merchant_id=found.merchant_id)
    return found


ROUTES = [create_quote, read_quote, read_cost_sheet, accept_quote]
