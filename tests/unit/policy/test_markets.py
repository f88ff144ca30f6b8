"""Another market is data: the same functions, another pack."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tiao.lending.billing import billing_policy
from tiao.lending.model import BillingMode, FeePayer, PlanTerms
from tiao.lending.penalties import penalty_policy
from tiao.lending.plans import make_plan
from tiao.lending.pricing import cap_on, check_price
from tiao.lending.refunds import refund_policy
from tiao.policy.pack import Pack

ON = date(2026, 12, 1)


def test_a_purchase_in_the_union_is_billed_every_thirty_days_without_a_price_cap() -> None:
    rules = Pack.load("eu")
    billing = billing_policy(rules, on=ON, lender_type="bank")
    terms = PlanTerms("pay_in_3", 3, Decimal(0), FeePayer.CONSUMER, BillingMode.ORDER)
    plan = make_plan(terms, 10_000, ON, 1, billing)
    assert [(part.due_on.isoformat(), part.principal_minor) for part in plan.instalments] == [
        ("2026-12-31", 3333),
        ("2027-01-30", 3333),
        ("2027-03-01", 3334),
    ]
    assert cap_on(rules, lender_type="bank", contract_on=ON) is None
    assert check_price(plan, "bank", ON, rules).compound == 0
    assert penalty_policy(rules, on=ON, lender_type="bank").ppm_per_day == 0
    assert refund_policy(rules, on=ON, lender_type="bank").is_paid_fee_returned
