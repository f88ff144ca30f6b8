"""What letting an instalment fall due later costs, written down for the customer to read and confirm (延期还款)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tiao.lending.disclosure import ContingentCost, CostSheet, FeeItem
from tiao.lending.penalties import MICRO
from tiao.lending.pricing import rates_of_payments

#: What a deferral is called where a sheet names its plan.
PLAN_CODE = "deferral"
#: What deferring costs: nothing, whatever its length, and until the new day no penalty either.
FEE_MINOR = 0


def sheet_of(
    open_minor: int,
    due_on: date,
    *,
    currency: str,
    lender: str,
    penalty_ppm: int,
    contract_on: date,
    policy_digest: str,
) -> CostSheet:
    """Write what it costs that *open_minor* falls due on *due_on*; later than that the loan's own penalty runs."""
    fee = FeeItem("deferral_fee", "an instalment, once", "0", lender, True, per_term_minor=(FEE_MINOR,))
    penalty = ContingentCost("penalty", "overdue principal, a day", f"{Decimal(penalty_ppm) / MICRO:.6f}", lender)
    rates = rates_of_payments(open_minor, [open_minor + FEE_MINOR])
    return CostSheet(
        lender=lender,
        currency=currency,
        contract_on=contract_on,
        principal_minor=open_minor,
        terms=1,
        first_due_on=due_on,
        last_due_on=due_on,
        items=(fee,),
        contingent=(penalty,),
        annual_rate_compound=rates.compound,
        annual_rate_simple=rates.simple,
        policy_digest=policy_digest,
    )
