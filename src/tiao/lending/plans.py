"""Plans: a purchase or a bill split into instalments with a flat fee a term."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tiao.lending.billing import (
    bill_plan_statements,
    due_dates,
    due_on,
    next_statement_on,
    order_due_dates,
    statement_dates,
)
from tiao.lending.model import BillingMode, BillingPolicy, FeePayer, Instalment, Plan, PlanTerms, Remainder
from tiao.lending.refusals import InstalmentAmountBelowMinimum, TermsNotOffered


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
        return _plan(terms, principal_minor, dues, dues, policy)
    if terms.terms == 1:
        # The everyday purchase, millions of times in a replay: nothing to split.
        statement_on = next_statement_on(taken_on, statement_day)
        fee, subsidy = _fee_and_subsidy(terms, principal_minor)
        only = Instalment(1, statement_on, due_on(statement_on, policy), principal_minor, fee, subsidy)
        return Plan(terms, (only,), principal_minor, fee, subsidy)
    statements = statement_dates(taken_on, statement_day, terms.terms)
    return _plan(terms, principal_minor, statements, due_dates(statements, policy), policy)


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
