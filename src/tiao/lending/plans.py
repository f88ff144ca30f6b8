"""Plans: a purchase or a bill split into instalments, with a flat fee a term or with interest.

Flat fees are split here; what bears interest is planned by the one engine (`schedule`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache

from tiao.lending.billing import (
    bill_plan_statements,
    due_dates,
    due_on,
    next_statement_on,
    order_due_dates,
    statement_dates,
)
from tiao.lending.model import (
    BillingMode,
    BillingPolicy,
    FeePayer,
    Instalment,
    OrderDueRule,
    Plan,
    PlanTerms,
    Pricing,
    Remainder,
)
from tiao.lending.refusals import InstalmentAmountBelowMinimum, TermsNotOffered
from tiao.lending.schedule import Terms, replay
from tiao.lending.schedule.terms import MONTHLY, Amortisation, Frequency, Unit

_AMORTISATIONS = {
    Pricing.ANNUITY: Amortisation.EQUAL_INSTALMENTS,
    Pricing.EQUAL_PRINCIPAL: Amortisation.EQUAL_PRINCIPAL,
    Pricing.BULLET: Amortisation.BULLET,
}
_EVERY_30_DAYS = Frequency(30, Unit.DAY)


def check_offer(terms: PlanTerms, principal_minor: int, policy: BillingPolicy) -> None:
    """Decide whether a purchase may be taken on these terms; paying once is always on offer.

    Refuses: TermsNotOffered, InstalmentAmountBelowMinimum.
    """
    if terms.terms == 1:
        return
    if terms.terms not in policy.terms_offered:
        raise TermsNotOffered(pointer="/terms", terms=terms.terms)
    if principal_minor < policy.instalment_min_minor:
        raise InstalmentAmountBelowMinimum(pointer="/principal_minor", minimum_minor=policy.instalment_min_minor)


def flat_fee(terms: PlanTerms, principal_minor: int) -> int:
    """Give the fee of the whole plan, whoever bears it.

    Rounds: down, once, on the total. With spare fen on the last instalment no purchase costs a higher yearly rate than
    its terms state (tests/property/test_plan_rate_never_above_terms.py).
    """
    numerator, denominator = terms.fee_rate_per_term.as_integer_ratio()
    return principal_minor * numerator * terms.terms // denominator


def make_plan(
    terms: PlanTerms, principal_minor: int, taken_on: date, statement_day: int, policy: BillingPolicy
) -> Plan:
    """Split a purchase into its instalments; the spare fen of the principal go to the last.

    In statement mode the first part falls due with the cycle of the purchase; in order mode each on the monthly
    anniversary of *taken_on*, which then is its statement date too.
    Rounds: down a term; the leftover of the fee goes where the policy says.
    """
    if terms.mode is BillingMode.ORDER:
        dues = order_due_dates(taken_on, terms.terms, policy.order_due_rule)
        if terms.pricing.bears_interest:
            return _interest_plan(terms, principal_minor, taken_on, dues, policy)
        return _plan(terms, principal_minor, dues, dues, policy)
    if terms.terms == 1:
        # The everyday purchase, millions of times in a replay: nothing to split.
        statement_on, due = _dates_of_one(taken_on, statement_day, policy)
        fee, subsidy = _fee_and_subsidy(terms, principal_minor)
        only = Instalment(1, statement_on, due, principal_minor, fee, subsidy)
        return Plan(terms, (only,), principal_minor, fee, subsidy)
    statements = statement_dates(taken_on, statement_day, terms.terms)
    return _plan(terms, principal_minor, statements, due_dates(statements, policy), policy)


@lru_cache(maxsize=4096)
def _dates_of_one(taken_on: date, statement_day: int, policy: BillingPolicy) -> tuple[date, date]:
    """Find the statement and due date of what is paid at once: a day has 31 answers at most."""
    statement_on = next_statement_on(taken_on, statement_day)
    return statement_on, due_on(statement_on, policy)


def make_bill_plan(
    terms: PlanTerms,
    principal_minor: int,
    *,
    statement_on: date,
    chosen_on: date,
    statement_day: int,
    policy: BillingPolicy,
) -> Plan:
    """Turn part of a statement into instalments, the first of which falls due with the next statement.

    Refuses: BillInstalmentWindowClosed.
    """
    statements = bill_plan_statements(
        statement_on=statement_on, chosen_on=chosen_on, statement_day=statement_day, terms=terms.terms, policy=policy
    )
    return _plan(terms, principal_minor, statements, due_dates(statements, policy), policy)


def _interest_plan(
    terms: PlanTerms, principal_minor: int, taken_on: date, dues: Sequence[date], policy: BillingPolicy
) -> Plan:
    """Plan what bears interest; each instalment says from which day and on what its interest runs.

    A merchant that bears the cost pays the whole interest as its subsidy. Rounds: as the terms say, each row.
    """
    agreed = Terms(
        principal_minor=principal_minor,
        annual_rate=Fraction(terms.rate_annual),
        instalments=terms.terms,
        frequency=MONTHLY if policy.order_due_rule is OrderDueRule.MONTHLY_ANNIVERSARY else _EVERY_30_DAYS,
        rounding=terms.rounding,
        day_count=terms.day_count,
        amortisation=_AMORTISATIONS[terms.pricing],
        grace=terms.grace,
    )
    rows = replay(agreed, [], start_on=taken_on).rows
    assert tuple(row.due_on for row in rows) == tuple(dues), "the engine and the bill agree on the days"
    is_ours = terms.fee_payer is FeePayer.MERCHANT
    parts, owed, subsidy = [], principal_minor, 0
    for row in rows:
        subsidy += row.interest if is_ours else 0
        fee = 0 if is_ours else row.interest
        # An instalment that asks for nothing is none; what the merchant bears of it is earned with the next.
        if row.principal or fee:
            runs = (row.from_on, owed) if fee else (None, 0)
            parts.append(Instalment(row.number, row.due_on, row.due_on, row.principal, fee, subsidy, *runs))
            subsidy = 0
        owed -= row.principal
    assert owed == subsidy == 0, "the parts add up"
    fees, subsidies = sum(part.fee_minor for part in parts), sum(part.subsidy_minor for part in parts)
    return Plan(terms, tuple(parts), principal_minor, fees, subsidies)


def _fee_and_subsidy(terms: PlanTerms, principal_minor: int) -> tuple[int, int]:
    if not terms.fee_rate_per_term:
        return 0, 0
    fee = flat_fee(terms, principal_minor)
    return (fee, 0) if terms.fee_payer is FeePayer.CONSUMER else (0, fee)


def _plan(
    terms: PlanTerms, principal_minor: int, statements: Sequence[date], dues: Sequence[date], policy: BillingPolicy
) -> Plan:
    assert principal_minor > 0, "a plan has principal"
    count = terms.terms
    fee_total, subsidy_total = _fee_and_subsidy(terms, principal_minor)
    principals = _even(principal_minor, count, Remainder.LAST)
    fees = _even(fee_total, count, policy.fee_remainder_to)
    subsidies = _even(subsidy_total, count, policy.fee_remainder_to)
    parts = map(Instalment, range(1, count + 1), statements, dues, principals, fees, subsidies)
    return Plan(terms, tuple(parts), principal_minor, fee_total, subsidy_total)


def _even(total_minor: int, count: int, remainder: Remainder) -> list[int]:
    each, spare = divmod(total_minor, count)
    parts = [each] * count
    parts[0 if remainder is Remainder.FIRST else -1] += spare
    return parts
