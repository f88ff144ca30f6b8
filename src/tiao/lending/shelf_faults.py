"""What makes a shelf unusable; all faults are found at once, so that whoever edits it sees them together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations

from tiao.lending.model import BillingMode, Pricing
from tiao.lending.product import Product
from tiao.lending.schedule.terms import DayCount
from tiao.values.money import Rounding

#: Counts whose interest a person can check with one multiplication; the others split years.
_DAY_COUNTS = (DayCount.THIRTY_360, DayCount.ACT_360, DayCount.ACT_365)
_ROUNDINGS = (Rounding.HALF_EVEN, Rounding.HALF_UP)
_TERMS_MAX = 60
_CODE_MAX = 60
#: What each way of pricing saves whoever settles early (`product.EarlyPayoff`). Source: policy `prepay.interest`.
_EARLY_PAYOFF = {Pricing.INTEREST_FREE: "nothing_to_save", Pricing.FLAT_FEE: "unbilled_fees_fall"}
_INTEREST_STOPS = "interest_to_the_day"


def shelf_faults(products: Sequence[Product]) -> list[str]:
    """Find what is wrong with each product, and between them."""
    faults = [] if products else ["a shelf has products"]
    for product in products:
        where = f"{product.name} version {product.version}"
        found = (*_dates(product), *_price(product), *_interest(product), *_plans(product))
        faults += [f"{where}: {fault}" for fault in found]
    return [*faults, *_between(products)]


def _dates(product: Product) -> Iterator[str]:
    if product.version < 1:
        yield "versions count from 1"
    if product.effective_to is not None and product.effective_from >= product.effective_to:
        yield "it ends before it starts"
    if not product.name:
        yield "it has no name"
    if not product.scenes:
        yield "it may be chosen nowhere: scenes is empty"


def _price(product: Product) -> Iterator[str]:
    pricing, fee, rate = product.pricing, product.fee_rate_per_term, product.rate_annual
    wanted = _EARLY_PAYOFF.get(pricing, _INTEREST_STOPS)
    if product.early_payoff.value != wanted:
        yield f"early_payoff of {pricing.value} is {wanted}"
    if not (fee.is_finite() and rate.is_finite()):
        yield "a rate is a number"
        return
    if (fee > 0) != (pricing is Pricing.FLAT_FEE) or fee < 0:
        yield f"{pricing.value} with a fee of {fee} a term"
    if (rate > 0) != pricing.bears_interest or rate < 0:
        yield f"{pricing.value} with a rate of {rate} a year"
    if rate >= 1 or fee >= 1:
        yield "rates are shares, not percentages"


def _interest(product: Product) -> Iterator[str]:
    if not product.pricing.bears_interest:
        return
    if product.mode is not BillingMode.ORDER:
        yield "interest runs from due day to due day, so it is billed by order"
    if set(_scenes(product)) - {"purchase", "hardship"}:
        yield "a bill is put into instalments at a fee"
    if product.rounding not in _ROUNDINGS:
        yield f"interest is not rounded {product.rounding.value}"
    if product.day_count not in _DAY_COUNTS:
        yield f"interest by {product.day_count.value} is not sold"


def _plans(product: Product) -> Iterator[str]:
    if not product.plans:
        yield "no terms are offered"
    grace = product.grace
    parts = (grace.principal_periods, grace.interest_free_periods, grace.interest_payment_periods)
    if any(parts) and not product.pricing.bears_interest:
        yield "grace is for products that bear interest"
    if min(parts) < 0 or grace.interest_payment_periods:
        yield "grace is of principal, or of interest altogether"
    if product.pricing is Pricing.BULLET and grace.principal_periods:
        yield "a bullet has its principal at the end already"
    for code, terms in product.plans.items():
        if not code or len(code) > _CODE_MAX or not code.isascii() or not code.replace("_", "").isalnum():
            yield f"{code!r} is no plan code: letters, digits and _, at most {_CODE_MAX}"
        if not 1 <= terms <= _TERMS_MAX:
            yield f"{code}: {terms} terms; 1 to {_TERMS_MAX} are offered"
        if max(parts) >= terms > 0:
            yield f"{code}: grace over all of its {terms} terms"
        if product.pricing.bears_interest and terms == 1 and product.pricing is not Pricing.BULLET:
            yield f"{code}: one term is a bullet"


def _scenes(product: Product) -> list[str]:
    return [scene.value for scene in product.scenes]


def _between(products: Sequence[Product]) -> Iterator[str]:
    for one, other in combinations(products, 2):
        shared = sorted(set(one.plans) & set(other.plans))
        if one.name == other.name:
            if one.version == other.version:
                yield f"{one.name}: version {one.version} is there twice"
            elif (one.version < other.version) != (one.effective_from < other.effective_from):
                yield f"{one.name}: version {max(one.version, other.version)} begins before an earlier one"
            if _meet(one, other):
                yield f"{one.name}: versions {one.version} and {other.version} are sold on the same days"
        elif shared:
            yield f"{one.name} and {other.name} share plan codes: {', '.join(shared)}"


def _meet(one: Product, other: Product) -> bool:
    starts = max(one.effective_from, other.effective_from)
    return starts < min(one.effective_to or date.max, other.effective_to or date.max)
