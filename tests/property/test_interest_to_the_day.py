"""A loan settled on any day costs no more interest than the engine says for that day, and at most one fen less."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tiao.lending.billing import billing_policy
from tiao.lending.interest import Bearing, payable_minor
from tiao.lending.model import BillingMode, FeePayer, InstalmentKey, PlanTerms, Pricing
from tiao.lending.plans import make_plan
from tiao.lending.schedule.contract import Contract
from tiao.lending.schedule.terms import Amortisation, DayCount, Terms
from tiao.policy.pack import Pack

TAKEN = date(2026, 1, 31)
POLICY = billing_policy(Pack.load("cn"), on=TAKEN, lender_type="cfc")
KINDS = {
    Pricing.ANNUITY: Amortisation.EQUAL_INSTALMENTS,
    Pricing.EQUAL_PRINCIPAL: Amortisation.EQUAL_PRINCIPAL,
    Pricing.BULLET: Amortisation.BULLET,
}


@given(
    principal=st.integers(10_000, 5_000_000),
    rate=st.decimals("0.0001", "0.36", places=4),
    terms=st.integers(2, 24),
    pricing=st.sampled_from(list(KINDS)),
    day_count=st.sampled_from([DayCount.THIRTY_360, DayCount.ACT_360, DayCount.ACT_365]),
    days=st.integers(0, 760),
)
def test_interest_to_the_day_is_the_engines_within_a_fen(
    *, principal: int, rate: Decimal, terms: int, pricing: Pricing, day_count: DayCount, days: int
) -> None:
    agreed = PlanTerms(
        "x",
        terms,
        Decimal(0),
        FeePayer.CONSUMER,
        BillingMode.ORDER,
        pricing=pricing,
        rate_annual=rate,
        day_count=day_count,
    )
    plan = make_plan(agreed, principal, TAKEN, 1, POLICY)
    day = TAKEN + timedelta(days=days)
    engine = Contract(
        Terms(
            principal_minor=principal,
            annual_rate=Fraction(rate),
            instalments=terms,
            day_count=day_count,
            amortisation=KINDS[pricing],
        ),
        TAKEN,
        terms,
        [],
    )
    engine.draw(TAKEN.toordinal(), financed=principal, base=principal)
    owed = sum(
        payable_minor(
            Bearing(
                InstalmentKey(UUID(int=1), part.number),
                part.interest_from_on,
                part.statement_on,
                part.interest_on_minor,
                part.fee_minor,
                cancelled_minor=0,
                paid_minor=0,
                open_minor=part.fee_minor,
                principal_minor=part.principal_minor,
                principal_open_minor=part.principal_minor,
            ),
            day,
            is_payoff=True,
        )
        for part in plan.instalments
        if part.interest_from_on is not None
    )
    assert 0 <= engine.interest_to(day.toordinal()) - owed <= 1
