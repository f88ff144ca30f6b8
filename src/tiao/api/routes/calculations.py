"""What buying for an amount would cost this customer under each plan, before there is anything to buy."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from litestar.params import QueryParameter

from tiao.api.ids import Currency
from tiao.api.operation import C, reads
from tiao.api.routes.lines import line_of
from tiao.api.services import Call
from tiao.checkout.model import Offer
from tiao.ledger.refusals import LineUnknown
from tiao.lending.model import BillingMode, FeePayer
from tiao.partners.scopes import Scope
from tiao.values.money import AMOUNT_MAX_MINOR

AmountAsked = Annotated[
    int, QueryParameter(name="amount_minor", ge=1, le=AMOUNT_MAX_MINOR, description="What a purchase would cost.")
]


class SavingShown(msgspec.Struct, frozen=True):
    """What settling everything just after an instalment was paid spares: costs of terms to come fall away."""

    after: int
    on: date
    settles_minor: int
    saves_minor: int


class PlanCalculated(msgspec.Struct, frozen=True):
    """A plan with each instalment, and what settling early would save after each of them but the last."""

    offer: Offer
    savings: list[SavingShown]


class Calculation(msgspec.Struct, frozen=True):
    """Every plan on offer for an amount taken today; nothing is stored, and no limit is looked at."""

    currency: Currency
    amount_minor: int
    lender: str
    taken_on: date
    plans: list[PlanCalculated]


@reads("/v1/calculations", by=[C], scope=Scope.QUOTES_WRITE, refuses=[LineUnknown])
async def calculate(call: Call, amount_minor: AmountAsked) -> Calculation:
    """Say what an amount would cost under each plan, bought today at a merchant that bears none of it."""
    book = call.platform.book
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        line = await line_of(tx, call.caller.subject_id)
    offers = book.offers(
        amount_minor,
        currency=line.currency,
        on=now.today,
        statement_day=line.statement_day,
        mode=BillingMode.STATEMENT,
        fee_payer=FeePayer.CONSUMER,
    )
    plans = [PlanCalculated(each, _savings(each)) for each in offers]
    return Calculation(line.currency, amount_minor, book.lender, now.today, plans)


def _savings(offer: Offer) -> list[SavingShown]:
    """Add up what falls away. Source: policy `prepay.fee`: a term that is not billed yet costs nothing when settled."""
    found = []
    for place, part in enumerate(offer.instalments[:-1], start=1):
        left = offer.instalments[place:]
        found.append(
            SavingShown(
                after=part.number,
                on=part.due_on,
                settles_minor=sum(each.principal_minor for each in left),
                saves_minor=sum(each.fee_minor + each.interest_minor for each in left),
            )
        )
    return found


ROUTES = [calculate]
