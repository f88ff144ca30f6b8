"""Agreeing to pay only the minimum of a bill (最低还款额): what it takes, what it costs, and from when to when.

Whoever agrees has seen what carrying the rest costs. At the end of the due date `actions.carry_over` carries it on.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.lending import actions, carrying
from tiao.lending.billing import due_on, following_statement_on
from tiao.lending.carrying import CarryAgreement
from tiao.lending.disclosure import ContingentCost, CostSheet, FeeItem
from tiao.lending.model import BillingPolicy
from tiao.lending.penalties import MICRO
from tiao.lending.postings import refinanced_loan_id
from tiao.lending.records import Bill
from tiao.lending.refusals import (
    MinimumPaymentAgreed,
    MinimumPaymentWindowClosed,
    NothingToCarry,
    ReasonNeeded,
)
from tiao.lending.revolving import Carry, CarryTerms, carry
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


class MinimumTerms(NamedTuple):
    """What contracts of a day say: share and rate, penalty, due dates."""

    carry: CarryTerms
    penalty_ppm: int
    billing: BillingPolicy


class MinimumQuote(NamedTuple):
    """What paying the minimum of a bill takes today, and what carrying all that may be carried would cost.

    *interest_minor* is that of *rest_max_minor* until the next statement.
    """

    agreement: CarryAgreement
    carry: Carry
    is_agreed: bool

    @property
    def rest_max_minor(self) -> int:
        """The most that can be carried on."""
        return self.carry.rest_max_minor

    @property
    def interest_from_on(self) -> date:
        """The first day of interest on what has not been carried before."""
        return self.agreement.due_on + timedelta(days=1)

    @property
    def days(self) -> int:
        """The days of interest until the next statement."""
        one = self.agreement
        return (one.next_statement_on - one.due_on).days - 1

    @property
    def interest_minor(self) -> int:
        """What carrying that much costs until the next statement, what was carried before included. Rounds: down."""
        micros = self.rest_max_minor * self.agreement.carry_ppm * self.days
        return (micros + self.carry.backlog_micros) // MICRO


async def quote(tx: Tx, now: Moment, line: CreditLine, bill: Bill, terms: MinimumTerms) -> MinimumQuote:
    """Say what the minimum of a bill is today, from its statement date to its due date.

    Refuses: MinimumPaymentWindowClosed, NothingToCarry.
    """
    if not bill.statement_on <= now.today <= bill.due_on:
        raise MinimumPaymentWindowClosed(
            opens_on=bill.statement_on.isoformat(), closes_on=bill.due_on.isoformat(), today=now.today.isoformat()
        )
    next_statement_on = following_statement_on(bill.statement_on, line.statement_day)
    new_id = now.new_id(line.bucket)
    agreement = CarryAgreement(
        bucket=line.bucket,
        id=new_id,
        line_id=line.id,
        customer_id=line.customer_id,
        currency=line.currency,
        loan_id=refinanced_loan_id(new_id),
        statement_on=bill.statement_on,
        due_on=bill.due_on,
        next_statement_on=next_statement_on,
        next_due_on=due_on(next_statement_on, terms.billing),
        ratio_ppm=terms.carry.ratio_ppm,
        carry_ppm=terms.carry.carry_ppm,
        penalty_ppm=terms.penalty_ppm,
        reason="",
        actor="",
        agreed_on=now.today,
        recorded_at=now.at,
    )
    owed = await carrying.owed(tx, [line.id], due_on=bill.due_on)
    made = carry(owed[line.id], statement_on=bill.statement_on, due_on=bill.due_on, terms=terms.carry)
    if made.rest_max_minor == 0:
        raise NothingToCarry
    stands = any(one.statement_on == bill.statement_on for one in await carrying.standing_of_line(tx, line.id))
    return MinimumQuote(agreement, made, stands)


async def agree(tx: Tx, now: Moment, quoted: MinimumQuote, *, actor: str, reason: str) -> CarryAgreement:
    """Note that only the minimum of a bill is going to be paid. It is carried out when its due date is over.

    Refuses: MinimumPaymentAgreed, ReasonNeeded.
    """
    if not reason.strip():
        raise ReasonNeeded(pointer="/reason")
    one = quoted.agreement
    await ledger.lock_lines(tx, [one.line_id])
    await actions.bring_up_to_date(tx, now, [one.line_id], cause=one.id)
    if any(other.statement_on == one.statement_on for other in await carrying.standing_of_line(tx, one.line_id)):
        raise MinimumPaymentAgreed
    agreed = replace(one, actor=actor, reason=reason)
    await carrying.insert_agreement(tx, agreed)
    return agreed


def sheet_of(quoted: MinimumQuote, *, lender: str, policy_digest: str) -> CostSheet:
    """Write what carrying costs, for the customer to confirm: a share a day, who gets it, the yearly cost."""
    one = quoted.agreement
    rates = one.terms.rates
    interest = FeeItem(
        "interest",
        "balance carried on, a day",
        f"{Decimal(one.carry_ppm) / MICRO:.6f}",
        lender,
        True,
        per_term_minor=(quoted.interest_minor,),
    )
    penalty = ContingentCost("penalty", "overdue principal, a day", f"{Decimal(one.penalty_ppm) / MICRO:.6f}", lender)
    return CostSheet(
        lender=lender,
        currency=one.currency,
        contract_on=one.agreed_on,
        principal_minor=quoted.rest_max_minor,
        terms=1,
        first_due_on=one.next_due_on,
        last_due_on=one.next_due_on,
        items=(interest,),
        contingent=(penalty,),
        annual_rate_compound=rates.compound,
        annual_rate_simple=rates.simple,
        policy_digest=policy_digest,
    )
