"""What a plan costs a year, and whether it may cost that much.

Both Chinese figures come from the monthly rate i at which the payments are worth what was paid out: the simple one is
12 i and must be labelled simple, the compound one (1 + i)^12 - 1. Which of them the cap looks at is a policy value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, localcontext
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from tiao.lending.model import CostKind, FeePayer, Plan, PlanTerms, Rate
from tiao.lending.refusals import BenchmarkRateStale, PayoutBelowPrincipal, PriceAboveCap
from tiao.policy.pack import NO_FACTS, Facts, Found, Pack
from tiao.values.calendar import add_months

_MONTHS = 12
_DIGITS = Context(prec=40)
_STEP = Decimal("1e-12")
_SMALLEST = Decimal("1e-30")
_STEPS_MAX = 500
_CAP_RULE = "price.all_in_cap"


class CapMethod(Enum):
    """Which yearly figure is held against the cap."""

    MAX_OF_BOTH = "max_of_both"
    IRR_COMPOUND = "irr_compound"
    SIMPLE_IRR_X12 = "simple_irr_x12"


class AnnualRates(NamedTuple):
    """The yearly cost of a plan in both conventions, exact to twelve decimals."""

    monthly: Decimal
    simple: Decimal
    compound: Decimal

    def under(self, method: CapMethod) -> Decimal:
        """Give the figure that a cap method looks at."""
        match method:
            case CapMethod.MAX_OF_BOTH:
                return max(self.simple, self.compound)
            case CapMethod.IRR_COMPOUND:
                return self.compound
            case CapMethod.SIMPLE_IRR_X12:
                return self.simple

    def displayed(self) -> tuple[str, str]:
        """Write both as percentages, simple first. Rounds: half up to two places."""
        return shown_percent(self.simple), shown_percent(self.compound)


NO_COST = AnnualRates(Decimal(0), Decimal(0), Decimal(0))


def shown_percent(rate: Decimal) -> str:
    """Write a rate as a percentage. Rounds: half up to two places."""
    return str((rate * 100).quantize(Decimal("0.01"), ROUND_HALF_UP))


def rates_of_payments(paid_out_minor: int, payments_minor: Sequence[int]) -> AnnualRates:
    """Find the yearly cost of money paid back in equal monthly steps.

    Rounds: half up to twelve decimals. Refuses: nothing; payments below what was paid out have a negative rate.
    Source: PBOC notice 2021 no. 3: all costs over the principal outstanding after each instalment.
    """
    assert paid_out_minor > 0, "money was paid out"
    assert min(payments_minor) >= 0, "payments are not negative"
    assert max(payments_minor) > 0, "something is paid back"
    with localcontext(_DIGITS):
        monthly = _monthly_rate(Decimal(paid_out_minor), [Decimal(payment) for payment in payments_minor])
        compound = (1 + monthly) ** _MONTHS - 1
        return AnnualRates(*(rate.quantize(_STEP, ROUND_HALF_UP) for rate in (monthly, _MONTHS * monthly, compound)))


@lru_cache(maxsize=4096)
def rates_of_terms(count: int, fee_rate_per_term: Rate) -> AnnualRates:
    """Find the yearly cost of a flat fee on equal parts, whatever the amount.

    A plan of whole minor units made under these terms never costs more while its spare units fall due last, for its fee
    is rounded down (tests/property/test_plan_rate_never_above_terms.py).
    """
    if not fee_rate_per_term:
        return NO_COST
    share = Fraction(1, count) + Fraction(fee_rate_per_term)
    # In whole numbers: paid out the common denominator, paid back its multiple.
    return rates_of_payments(share.denominator, [share.numerator] * count)


def annual_rates(plan: Plan) -> AnnualRates:
    """Find what a plan costs the customer a year: its terms' cost, or more where spare fen of the fee come first.

    Interest is what its own instalments come to.
    """
    if plan.terms.pricing.bears_interest:
        if plan.terms.cost_kind is CostKind.FEE:
            return NO_COST
        return _rates_of_rows(plan.principal_minor, payments_of(plan))
    rates = rates_of_offer(plan.terms)
    if plan.instalments[0].fee_minor <= plan.instalments[-1].fee_minor:
        return rates
    return max(rates, _rates_of_rows(plan.principal_minor, payments_of(plan)))


def payments_of(plan: Plan) -> tuple[int, ...]:
    """List what is paid each term, the ones that ask for nothing too."""
    payments = [0] * plan.terms.terms
    for part in plan.instalments:
        payments[part.number - 1] = part.principal_minor + part.fee_minor
    return tuple(payments)


@lru_cache(maxsize=4096)
def _rates_of_rows(paid_out_minor: int, payments_minor: tuple[int, ...]) -> AnnualRates:
    """Remember what rows come to: a plan is quoted, accepted and authorised with the same ones."""
    return rates_of_payments(paid_out_minor, payments_minor)


def rates_of_offer(terms: PlanTerms) -> AnnualRates:
    """Find what a flat fee costs the customer a year; one that the merchant bears costs the customer nothing."""
    assert not terms.pricing.bears_interest, "interest depends on its rows"
    if terms.fee_payer is FeePayer.MERCHANT:
        return NO_COST
    return rates_of_terms(terms.terms, terms.fee_rate_per_term)


class Cap(NamedTuple):
    """The cap that applies to a contract: how much, counted how, and from which rule."""

    rate_annual: Decimal
    method: CapMethod
    rule: str
    source: str


@lru_cache(maxsize=4096)
def cap_on(pack: Pack, *, lender_type: str, contract_on: date, tenor_months: int | None = None) -> Cap | None:
    """Find the price cap of a new contract, or nothing where no rule reaches that day.

    Refuses: BenchmarkRateStale when the cap is a multiple of a rate published too long before *contract_on*.
    """
    case: Facts = NO_FACTS if tenor_months is None else {"tenor_months": tenor_months}
    found = pack.find(_CAP_RULE, on=contract_on, lender_type=lender_type, when=case)
    if found is None:
        return None
    _check_benchmark(pack, found, lender_type=lender_type, on=contract_on)
    return Cap(
        pack.decimal(_CAP_RULE, on=contract_on, lender_type=lender_type, when=case),
        CapMethod(pack.text("price.cap_method", on=contract_on, lender_type=lender_type)),
        _CAP_RULE,
        found.row.source,
    )


def check_rate(rates: AnnualRates, cap: Cap | None) -> None:
    """Decide whether a yearly cost stays within the cap; the cap itself is allowed. Refuses: PriceAboveCap."""
    if cap is not None and rates.under(cap.method) > cap.rate_annual:
        rate, method = rates.under(cap.method), cap.method.value
        raise PriceAboveCap(
            f"{rate:.6f} a year ({method}) is above {cap.rate_annual} ({cap.rule}, {cap.source})",
            rule=cap.rule,
            source=cap.source,
            method=method,
            rate_annual=str(rate),
            cap_annual=str(cap.rate_annual),
        )


def check_price(plan: Plan, lender_type: str, contract_on: date, pack: Pack) -> AnnualRates:
    """Decide whether a plan may be offered, and give what it costs. Refuses: PriceAboveCap, BenchmarkRateStale."""
    rates = annual_rates(plan)
    tenor = tenor_months(contract_on, plan.instalments[-1].due_on)
    check_rate(rates, cap_on(pack, lender_type=lender_type, contract_on=contract_on, tenor_months=tenor))
    return rates


def tenor_months(contract_on: date, last_due_on: date) -> int:
    """Count the months a contract runs; a begun month counts whole, so one of 40 days has two."""
    months = max(1, _MONTHS * (last_due_on.year - contract_on.year) + last_due_on.month - contract_on.month)
    return months if add_months(contract_on, months) >= last_due_on else months + 1


def is_above_soft_target(rates: AnnualRates, *, pack: Pack, lender_type: str, contract_on: date) -> bool:
    """Tell whether a price should be pointed out to the operator; nothing is refused for it."""
    if pack.find("price.soft_target", on=contract_on, lender_type=lender_type) is None:
        return False
    target = pack.decimal("price.soft_target", on=contract_on, lender_type=lender_type)
    return rates.under(CapMethod.MAX_OF_BOTH) > target


def fee_rate_max(count: int, cap: Cap, *, places: int = 5) -> Decimal:
    """Find the largest flat fee a term that the cap allows.

    Rounds: down; rounding to the nearest would break the cap.
    """
    with localcontext(_DIGITS):
        if cap.method is CapMethod.SIMPLE_IRR_X12:
            monthly = cap.rate_annual / _MONTHS
        else:
            monthly = (1 + cap.rate_annual) ** (Decimal(1) / _MONTHS) - 1
        annuity = sum(((1 + monthly) ** -number for number in range(1, count + 1)), Decimal(0))
        return (1 / annuity - Decimal(1) / count).quantize(Decimal(1).scaleb(-places), ROUND_DOWN)


def check_payout(principal_minor: int, paid_out_minor: int, *, pack: Pack, lender_type: str, contract_on: date) -> None:
    """Decide whether a pay-out is whole: no cost may be taken out of it beforehand.

    Refuses: PayoutBelowPrincipal. Source: Civil Code art. 670; policy `price.upfront_deduction_allowed`.
    """
    rule = "price.upfront_deduction_allowed"
    if paid_out_minor < principal_minor and not pack.flag(rule, on=contract_on, lender_type=lender_type):
        raise PayoutBelowPrincipal(rule=rule, paid_out_minor=paid_out_minor)


def government_subsidy(
    principal_minor: int, rate_annual: Decimal, days: int, *, used_minor: int, pack: Pack, on: date, lender_type: str
) -> tuple[Decimal, int]:
    """Find the state's interest subsidy on an identified purchase: its rate, and what the year's ceiling leaves of it.

    Rounds: down. Source: policy `subsidy.gov.*`; the smaller of a fixed rate and a share of the contract's own.
    """
    if pack.find("subsidy.gov.rate_max", on=on, lender_type=lender_type) is None:
        return Decimal(0), 0
    largest = pack.decimal("subsidy.gov.rate_max", on=on, lender_type=lender_type)
    share = pack.decimal("subsidy.gov.share_of_rate_max", on=on, lender_type=lender_type)
    ceiling = pack.integer("subsidy.gov.cap_per_borrower_year", on=on, lender_type=lender_type)
    rate = min(largest, rate_annual * share)
    amount = Fraction(rate) * principal_minor * days / 365
    return rate, max(0, min(int(amount), ceiling - used_minor))


def _check_benchmark(pack: Pack, found: Found, *, lender_type: str, on: date) -> None:
    if not isinstance(found.value, dict):
        return
    benchmark, _ = pack.multiple(found.value)
    published = pack.find(benchmark, on=on, lender_type=lender_type)
    oldest = pack.integer(f"{benchmark}.stale_after_days", on=on, lender_type=lender_type)
    since = published.row.effective_from if published else None
    if since is None or (on - since).days > oldest:
        raise BenchmarkRateStale(rule=benchmark, published_on=since.isoformat() if since else None)


def _monthly_rate(paid_out: Decimal, payments: list[Decimal]) -> Decimal:
    """Solve paid_out = sum of payment_k / (1 + i)^k by Newton's method from below, where it cannot overshoot.

    The value of the payments falls and is convex in i > -1: from a point left of the root each step stays left of it.
    """
    rate = Decimal(0)
    while _excess(paid_out, payments, rate)[0] < 0:
        rate = (rate - 1) / 2  # towards -1: the payments do not cover what was paid out
    for _ in range(_STEPS_MAX):
        excess, slope = _excess(paid_out, payments, rate)
        step = -excess / slope
        rate += step
        if abs(step) <= _SMALLEST:
            return rate
    raise AssertionError("Newton's method converges on a convex falling curve")


def _excess(paid_out: Decimal, payments: list[Decimal], rate: Decimal) -> tuple[Decimal, Decimal]:
    """Give the value of the payments less what was paid out, and its slope."""
    discount = 1 / (1 + rate)
    factor, value, slope = Decimal(1), -paid_out, Decimal(0)
    for number, payment in enumerate(payments, start=1):
        factor *= discount
        value += payment * factor
        slope -= number * payment * factor * discount
    return value, slope
