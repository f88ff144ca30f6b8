"""What a merchant's product page shows of a price: a quote for nobody in particular, which anybody may keep a while.

It is made without a customer: no credit is looked at, nothing is stored, and every shop gets the same answer.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from tiao.checkout.model import Offer
from tiao.lending.model import BillingMode, FeePayer
from tiao.partners import actions as partners
from tiao.partners.experiments import actions as experiments
from tiao.partners.experiments.model import Arm
from tiao.partners.experiments.refusals import ExperimentUnknown
from tiao.partners.experiments.rules import arm_of
from tiao.runtime.db import Tx
from tiao.values.ids import read_id
from tiao.values.money import AMOUNT_MAX_MINOR
from tiao.web.cookies import HttpRequest
from tiao.web.pages import Pages
from tiao.web.words import LANGUAGES, catalogue, money, percent

#: Prices change at midnight at the earliest; a page may be so old.
_KEPT_SECONDS = 300
_SCRIPT_KEPT_SECONDS = 86_400
#: Dates do not matter here, so any statement day stands for all.
_STATEMENT_DAY = 1

ExperimentAsked = Annotated[str | None, QueryParameter(name="experiment", pattern="^exp_[0-9a-f]{32}$")]
SubjectAsked = Annotated[str | None, QueryParameter(name="subject", pattern="^[A-Za-z0-9_-]{1,64}$")]
MerchantAsked = Annotated[str | None, QueryParameter(name="merchant", pattern="^mer_[0-9a-f]{32}$")]
AmountAsked = Annotated[int, QueryParameter(name="amount_minor", ge=1, le=AMOUNT_MAX_MINOR)]
PayerAsked = Annotated[FeePayer, QueryParameter(name="fee_payer")]


class PlanPlaced(msgspec.Struct, frozen=True):
    """What a plan comes to. Rates are shares a year, as decimal strings: *apr* compound, *apr_simple* simple."""

    plan: str
    count: int
    per_period_minor: int
    first_minor: int
    last_minor: int
    fee_minor: int
    total_minor: int
    apr: str
    apr_simple: str


class Placed(msgspec.Struct, frozen=True):
    """Every plan for a price, the lender, and the sentence to be shown; no sentence where nothing is offered."""

    currency: str
    amount_minor: int
    lender: str
    plans: list[PlanPlaced]
    words: dict[str, str]


@get("/placement", include_in_schema=False)
async def quote_for_anybody(
    request: HttpRequest,
    amount_minor: AmountAsked,
    fee_payer: PayerAsked = FeePayer.CONSUMER,
    experiment: ExperimentAsked = None,
    subject: SubjectAsked = None,
    merchant: MerchantAsked = None,
) -> Response[Placed]:
    """Say what a price comes to, in words and in figures; nothing to a visitor whom an experiment does not show it."""
    pages: Pages = request.app.state.pages
    home = pages.home
    async with home.db.begin() as tx:
        now = await home.moments(tx)
        is_hidden = await _is_hidden(tx, experiment, subject)
        category = await _category(tx, merchant)
    currency = home.programme.currency
    scene = home.book.scene(category, now.today)
    is_sold = scene is None or scene.amount_min_minor <= amount_minor <= scene.amount_max_minor
    offers = home.book.offers(
        amount_minor,
        currency=currency,
        on=now.today,
        statement_day=_STATEMENT_DAY,
        mode=BillingMode.STATEMENT,
        fee_payer=fee_payer,
        category=category,
    )
    offers = offers if is_sold and not is_hidden else ()
    placed = Placed(
        currency,
        amount_minor,
        home.book.lender,
        [_placed(each) for each in offers],
        {language: _sentence(language, offers, currency, home.book.lender) for language in LANGUAGES},
    )
    return Response(placed, headers=_open(_KEPT_SECONDS))


@get("/placement.js", include_in_schema=False)
async def script() -> Response[bytes]:
    """Give the element that shows the sentence."""
    text = (files("tiao.web") / "scripts" / "placement.js").read_bytes()
    return Response(text, media_type="text/javascript;charset=utf-8", headers=_open(_SCRIPT_KEPT_SECONDS))


async def _category(tx: Tx, merchant: str | None) -> str:
    """Say what a merchant sells, so that its scene's rule is kept to; nobody in particular sells everything."""
    if merchant is None:
        return ""
    found = await partners.merchants(tx, [read_id("mer", merchant)])
    return next((each.category for each in found.values()), "")


async def _is_hidden(tx: Tx, experiment: str | None, subject: str | None) -> bool:
    if experiment is None or subject is None:
        return False
    try:
        found = await experiments.experiment(tx, read_id("exp", experiment))
    except ExperimentUnknown:
        return False
    return arm_of(found.id, subject, found.shown_ppm) is Arm.HIDDEN


def _placed(offer: Offer) -> PlanPlaced:
    parts = [part.total_minor for part in offer.instalments]
    return PlanPlaced(
        plan=offer.plan,
        count=offer.terms,
        per_period_minor=max(parts),
        first_minor=parts[0],
        last_minor=parts[-1],
        fee_minor=offer.fee_minor + offer.interest_minor,
        total_minor=offer.total_minor,
        apr=offer.annual_rate,
        apr_simple=offer.annual_rate_simple,
    )


def _sentence(language: str, offers: tuple[Offer, ...], currency: str, lender: str) -> str:
    """Say the smallest instalment, after the yearly rate of that very plan.

    Source: policy `disclosure.annualised_first`.
    """
    several = [each for each in offers if each.terms > 1]
    if not several:
        return ""
    least = min(several, key=lambda each: max(part.total_minor for part in each.instalments))
    return catalogue(language)["placement"].format(
        rate=percent(least.annual_rate),
        amount=money(max(part.total_minor for part in least.instalments), currency),
        count=least.terms,
        lender=lender,
    )


def _open(seconds: int) -> dict[str, str]:
    """Let every shop's page read it, and keep it."""
    return {
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
        "cache-control": f"public, max-age={seconds}",
        "x-content-type-options": "nosniff",
    }


HANDLERS = [quote_for_anybody, script]
