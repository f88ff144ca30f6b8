"""No plan of whole minor units costs a higher yearly rate than its terms, as long as spare fen fall due last."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tiao.lending.billing import billing_policy
from tiao.lending.model import BillingMode, FeePayer, PlanTerms
from tiao.lending.plans import make_plan
from tiao.lending.pricing import annual_rates, rates_of_payments
from tiao.policy.pack import Pack

ON = date(2026, 11, 22)
POLICY = billing_policy(Pack.load("cn"), on=ON, lender_type="cfc")


@settings(max_examples=60)
@given(st.integers(1, 36), st.decimals(0, Decimal("0.03"), places=5), st.integers(1, 10**7))
def test_plan_rate_never_above_terms(count: int, fee: Decimal, principal: int) -> None:
    terms = PlanTerms("any", count, fee, FeePayer.CONSUMER, BillingMode.ORDER)
    plan = make_plan(terms, principal, ON, 1, POLICY)
    exact = rates_of_payments(principal, [part.principal_minor + part.fee_minor for part in plan.instalments])
    stated = annual_rates(plan)
    assert exact.monthly <= stated.monthly
    assert exact.compound <= stated.compound
