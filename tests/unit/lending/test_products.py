"""Products are versioned, dated data; a shelf with faults is refused with all of them."""

from datetime import date
from pathlib import Path

import pytest

from tiao.checkout.model import Offer
from tiao.checkout.offers import OfferBook
from tiao.lending.model import BillingMode, FeePayer, Pricing
from tiao.lending.product import Scene
from tiao.lending.products import offered, plan_of, products_of, read_products, shipped_products, sold
from tiao.lending.refusals import PriceAboveCap, ProductsInvalid, ProductUnknown
from tiao.policy.pack import Pack

ANNUITY = """
  - name: annuity
    version: {version}
    effective_from: {begins}
    pricing: annuity
    rate_annual: "{rate}"
    plans: {{annuity_12: 12}}
    mode: order
    early_payoff: interest_to_the_day
"""
FIRST = ANNUITY.format(version=1, begins="2026-01-01", rate="0.108").rstrip() + "\n    effective_to: 2026-12-01\n"
SECOND = ANNUITY.format(version=2, begins="2026-12-01", rate="0.096")


@pytest.mark.parametrize(("on", "version", "rate"), [(date(2026, 11, 30), 1, "0.108"), (date(2026, 12, 1), 2, "0.096")])
def test_a_day_has_the_version_of_its_own(*, on: date, version: int, rate: str) -> None:
    terms = plan_of(read_products("products:" + FIRST + SECOND), "annuity_12", on).on_terms(FeePayer.CONSUMER)
    assert (terms.version, str(terms.rate_annual), terms.pricing) == (version, rate, Pricing.ANNUITY)


def test_what_was_sold_is_found_by_its_version_whatever_came_after() -> None:
    products = read_products("products:" + FIRST + SECOND)
    found = sold(products, "annuity_12", 1)
    assert found is not None
    assert str(found.product.rate_annual) == "0.108"
    assert sold(products, "annuity_12", 3) is None


def test_a_scene_sees_only_what_may_be_chosen_there() -> None:
    on = date(2026, 11, 20)
    bills = offered(shipped_products(), on, scene=Scene.BILL)
    assert {each.code for each in bills} == {f"instalments_{terms}" for terms in (3, 6, 12, 24)}
    with pytest.raises(ProductUnknown):
        plan_of(shipped_products(), "annuity_12", on, Scene.BILL)


def test_the_shipped_shelf_sells_fees_and_interest_in_both_ways() -> None:
    kinds = {(each.product.pricing, each.product.mode) for each in offered(shipped_products(), date(2026, 11, 20))}
    assert kinds >= {
        (Pricing.FLAT_FEE, BillingMode.STATEMENT),
        (Pricing.ANNUITY, BillingMode.ORDER),
        (Pricing.EQUAL_PRINCIPAL, BillingMode.ORDER),
    }


FAULTS = [
    ("effective_to: 2025-01-01", "it ends before it starts"),
    ("version: 0", "versions count from 1"),
    ("scenes: []", "scenes is empty"),
    ("early_payoff: unbilled_fees_fall", "early_payoff of annuity is interest_to_the_day"),
    ('fee_rate_per_term: "0.01"', "annuity with a fee of 0.01 a term"),
    ('rate_annual: "0"', "annuity with a rate of 0 a year"),
    ('rate_annual: "10.8"', "rates are shares"),
    ('rate_annual: "NaN"', "a rate is a number"),
    ("mode: statement", "billed by order"),
    ("scenes: [bill]", "a bill is put into instalments at a fee"),
    ("day_count: ACT/ACT", "interest by ACT/ACT is not sold"),
    ("rounding: down", "interest is not rounded down"),
    ("plans: {}", "no terms are offered"),
    ("plans: {a b: 3}", "is no plan code"),
    ("plans: {forever: 61}", "61 terms"),
    ("plans: {once: 1}", "one term is a bullet"),
    ("grace: {principal_periods: 12}", "grace over all of its 12 terms"),
    ("grace: {interest_payment_periods: 1}", "grace is of principal, or of interest altogether"),
    ("pricing: barter", "Invalid enum value 'barter'"),
    ("colour: red", "unknown field `colour`"),
]


@pytest.mark.parametrize(("line", "fault"), FAULTS)
def test_each_fault_of_a_product_is_named(*, line: str, fault: str) -> None:
    name = line.split(":", 1)[0]
    kept = [each for each in FIRST.splitlines() if each.strip() and not each.strip().startswith(f"{name}:")]
    with pytest.raises(ProductsInvalid) as refused:
        read_products("\n".join(["products:", *kept, f"    {line}"]))
    assert [each for each in refused.value.faults if fault in each], refused.value.faults


def test_all_faults_are_named_at_once() -> None:
    broken = FIRST.replace("mode: order", "mode: statement").replace('"0.108"', '"1.08"')
    unreadable = SECOND.replace("annuity_12: 12", "annuity_12: twelve")
    with pytest.raises(ProductsInvalid) as refused:
        read_products("products:" + broken + unreadable)
    told = "\n".join(refused.value.faults)
    assert all(each in told for each in ("product 2", "billed by order", "shares"))


BETWEEN = [
    (FIRST, FIRST, "version 1 is there twice"),
    (FIRST, SECOND.replace("2026-12-01", "2026-11-01"), "sold on the same days"),
    (SECOND.replace("version: 2", "version: 1"), FIRST.replace("version: 1", "version: 2"), "begins before an earlier"),
    (FIRST, SECOND.replace("name: annuity", "name: other"), "share plan codes: annuity_12"),
]


@pytest.mark.parametrize(("one", "other", "fault"), BETWEEN)
def test_two_products_may_not_answer_for_one_plan_on_one_day(*, one: str, other: str, fault: str) -> None:
    with pytest.raises(ProductsInvalid) as refused:
        read_products("products:" + one + other)
    assert fault in "\n".join(refused.value.faults)


@pytest.mark.parametrize("text", ["", "products: 3", "products: []", "{", "products: []\nmore: 1"])
def test_what_is_no_shelf_is_refused(text: str) -> None:
    with pytest.raises(ProductsInvalid):
        read_products(text)


def test_an_operators_own_file_replaces_the_shelf(tmp_path: Path) -> None:
    path = tmp_path / "shelf.yaml"
    path.write_text("products:" + FIRST, encoding="utf-8")
    assert [product.name for product in products_of(path)] == ["annuity"]
    assert products_of(None) == shipped_products()
    with pytest.raises(ProductsInvalid):
        products_of(tmp_path / "nowhere.yaml")


CAPS = [
    # lender, rate a year, contract day, is it offered
    ("cfc", "0.216", date(2026, 11, 20), True),
    ("cfc", "0.239", date(2026, 11, 20), False),
    ("merchant_credit", "0.113", date(2026, 1, 5), True),
    ("merchant_credit", "0.119", date(2026, 1, 5), False),
]


@pytest.mark.parametrize(("lender_type", "rate", "on", "is_offered"), CAPS)
def test_the_stricter_yearly_figure_is_held_against_the_lenders_cap(
    *, lender_type: str, rate: str, on: date, is_offered: bool
) -> None:
    """A rate just below the cap is above it once compounded: 23.9 % is 26.70 %, 11.9 % is 12.57 %."""
    shelf = read_products("products:" + ANNUITY.format(version=1, begins="2026-01-01", rate=rate))
    book = OfferBook(products=shelf, pack=Pack.load("cn"), lender="the lender", lender_type=lender_type)

    def quote() -> tuple[Offer, ...]:
        return book.offers(
            120_000, currency="CNY", on=on, statement_day=1, mode=BillingMode.ORDER, fee_payer=FeePayer.CONSUMER
        )

    if is_offered:
        [offer] = quote()
        assert (offer.rate_annual, offer.version, offer.fee_minor) == (rate, 1, 0)
        assert offer.total_minor == 120_000 + offer.interest_minor
        assert sum(part.interest_minor for part in offer.instalments) == offer.interest_minor > 0
    else:
        with pytest.raises(PriceAboveCap):
            quote()
