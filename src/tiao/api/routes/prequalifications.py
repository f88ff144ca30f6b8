"""Prequalification: may somebody buy on credit, and from how much a month; no bureau is asked, nothing is promised."""

from __future__ import annotations

import msgspec
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.ids import AmountMinor, Currency, CustomerId, PlanCode
from tiao.api.operation import M, makes
from tiao.api.services import Call
from tiao.checkout.model import Offer
from tiao.checkout.prequalifying import Answer, prequalify
from tiao.checkout.refusals import AmountInvalid, CurrencyMismatch, TooManyPrequalifications
from tiao.lending.model import FeePayer
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id


class PrequalificationAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price that somebody looks at; without *customer*, nobody in particular."""

    amount_minor: AmountMinor
    currency: Currency
    customer: CustomerId | None = None
    fee_payer: FeePayer = FeePayer.CONSUMER


class PlacementShown(msgspec.Struct, frozen=True):
    """What a product page says: from *per_period* a month, with *annual_rate* (compound) beside it, as large."""

    plan: PlanCode
    count: int
    per_period_minor: int
    first_minor: int
    last_minor: int
    fee_minor: int
    total_minor: int
    annual_rate: str
    annual_rate_simple: str
    fee_payer: FeePayer
    lender: str


class PrequalificationShown(msgspec.Struct, frozen=True):
    """Yes: the line would carry it now. Likely: nobody knows before the customer applies. No: with nothing to show.

    It is no promise: only a quote is, and it gives these terms alike on the same day.
    """

    answer: Answer
    currency: Currency
    amount_minor: int
    placement: PlacementShown | None


@makes(
    "/v1/prequalifications",
    by=[M],
    scope=Scope.QUOTES_WRITE,
    status=200,
    is_keyed=False,
    refuses=[AmountInvalid, CurrencyMismatch, MerchantUnknown, TooManyPrequalifications],
)
async def prequalify_customer(call: Call, data: JSONBody[PrequalificationAsked]) -> PrequalificationShown:
    """Ask whether a customer may buy for an amount here, and from how much a month. It leaves no trace at a bureau.

    An unknown customer is answered as one without a line. A merchant asks for five amounts of a customer a day.
    """
    customer_id = None if data.customer is None else read_id(ids.CUSTOMER, data.customer)
    if customer_id is not None:
        call = call.about(customer_id)

    async def work(tx: Tx) -> PrequalificationShown:
        found = await prequalify(
            tx,
            await call.platform.moments(tx),
            call.platform.book,
            merchant_id=call.caller.subject_id,
            customer_id=customer_id,
            currency=data.currency,
            amount_minor=data.amount_minor,
            fee_payer=data.fee_payer,
        )
        placed = None if found.offer is None else placement(found.offer, call.platform.book.lender)
        return PrequalificationShown(found.answer, data.currency, data.amount_minor, placed)

    return await call.db.retrying(work)


def placement(offer: Offer, lender: str) -> PlacementShown:
    """Show an offer as a product page does."""
    parts = [part.total_minor for part in offer.instalments]
    return PlacementShown(
        plan=offer.plan,
        count=offer.terms,
        per_period_minor=max(parts),
        first_minor=parts[0],
        last_minor=parts[-1],
        fee_minor=offer.fee_minor + offer.interest_minor,
        total_minor=offer.total_minor,
        annual_rate=offer.annual_rate,
        annual_rate_simple=offer.annual_rate_simple,
        fee_payer=offer.fee_payer,
        lender=lender,
    )


ROUTES = [prequalify_customer]
