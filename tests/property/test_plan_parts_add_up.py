"""The instalments of every plan add up to its totals, fall due in order, and never cost more than the terms say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tiao.lending.billing import cycle_of
from tiao.lending.model import BillingMode, BillingPolicy, DueRule, FeePayer, OrderDueRule, PlanTerms, Remainder
from tiao.lending.plans import make_plan

policies = st.builds(
    BillingPolicy,
    due_rule=st.sampled_from(DueRule),
    due_offset_days=st.integers(0, 27),
    due_day_of_month=st.integers(1, 28),
    order_due_rule=st.sampled_from(OrderDueRule),
    fee_remainder_to=st.sampled_from(Remainder),
    terms_offered=st.just((3, 6, 12, 24)),
    instalment_min_minor=st.just(0),
    autopay_offset_days=st.just(-1),
)
terms = st.builds(
    PlanTerms,
    code=st.just("any"),
    terms=st.integers(1, 36),
    fee_rate_per_term=st.decimals(0, Decimal("0.05"), places=6),
    fee_payer=st.sampled_from(FeePayer),
    mode=st.sampled_from(BillingMode),
)
days = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@given(terms, st.integers(1, 10**12), days, st.integers(1, 31), policies)
def test_plan_parts_add_up(
    offer: PlanTerms, principal: int, taken_on: date, statement_day: int, policy: BillingPolicy
) -> None:
    plan = make_plan(offer, principal, taken_on, statement_day, policy)
    parts = plan.instalments
    assert len(parts) == offer.terms
    assert sum(part.principal_minor for part in parts) == plan.principal_minor == principal
    assert sum(part.fee_minor for part in parts) == plan.fee_minor
    assert sum(part.subsidy_minor for part in parts) == plan.subsidy_minor
    assert min(min(part.principal_minor, part.fee_minor, part.subsidy_minor) for part in parts) >= 0
    assert plan.fee_minor == 0 or plan.subsidy_minor == 0
    assert plan.fee_minor + plan.subsidy_minor <= principal * offer.fee_rate_per_term * offer.terms
    dues = [part.due_on for part in parts]
    assert dues == sorted(set(dues))
    assert all(taken_on < part.statement_on <= part.due_on for part in parts)
    if offer.mode is BillingMode.STATEMENT:
        cycle = cycle_of(taken_on, statement_day, policy)
        assert cycle.from_on <= taken_on <= cycle.to_on < cycle.statement_on == parts[0].statement_on
        assert cycle_of(cycle.statement_on, statement_day, policy).from_on == cycle.statement_on
