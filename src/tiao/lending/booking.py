"""Loans as the arrays that `lending_book` takes: the loans, their instalments and the entries of their postings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeAlias

from tiao.ledger import rules
from tiao.ledger.model import Entry
from tiao.lending import postings
from tiao.lending.records import NewLoan
from tiao.runtime.arrays import Bigints, Dates, Integers, Smallints, Texts, Uuids
from tiao.values.ids import bucket_of

Arrays: TypeAlias = dict[str, object]


def arrays(loans: Sequence[NewLoan], *, today: date, recorded_at: datetime) -> Arrays:
    """Lay loans out in arrays. Whatever is the loan's own is left to `own_arrays`."""
    plans = [loan.plan for loan in loans]
    parts = [part for plan in plans for part in plan.instalments]
    entries: list[Entry] = []
    firsts = Integers()
    for loan in loans:
        firsts.append(len(entries) + 1)
        entries += rules.condensed(postings.purchase_captured(loan).entries)
    return {
        "l_mode": Texts([plan.terms.mode.value for plan in plans]),
        "l_fee": Bigints([plan.fee_minor for plan in plans]),
        "l_subsidy": Bigints([plan.subsidy_minor for plan in plans]),
        "l_discount": Bigints([loan.discount_minor for loan in loans]),
        "l_penalty_ppm": Integers([loan.penalty_ppm for loan in loans]),
        "l_version": Integers([plan.terms.version for plan in plans]),
        "l_cost_kind": Texts([plan.terms.cost_kind.value for plan in plans]),
        "i_loan": Integers([place for place, plan in enumerate(plans, start=1) for _ in plan.instalments]),
        "i_number": Smallints([part.number for part in parts]),
        "i_statement_on": Dates([part.statement_on for part in parts]),
        "i_due_on": Dates([part.due_on for part in parts]),
        "i_principal": Bigints([part.principal_minor for part in parts]),
        "i_fee": Bigints([part.fee_minor for part in parts]),
        "i_subsidy": Bigints([part.subsidy_minor for part in parts]),
        "i_interest_from_on": Dates([part.interest_from_on for part in parts]),
        "i_interest_on": Bigints([part.interest_on_minor for part in parts]),
        "l_first": firsts,
        "e_account": Integers([entry.account for entry in entries]),
        "e_owner": Uuids([entry.owner_id for entry in entries]),
        "e_amount": Bigints([entry.amount_minor for entry in entries]),
        "today": today,
        "recorded_at": recorded_at,
    }


def own_arrays(loans: Sequence[NewLoan]) -> Arrays:
    """Lay out what a loan does not share with a purchase written along with it."""
    return {
        "l_bucket": Smallints([bucket_of(loan.line_id) for loan in loans]),
        "l_id": Uuids([loan.id for loan in loans]),
        "l_purchase": Uuids([loan.purchase_id for loan in loans]),
        "l_line": Uuids([loan.line_id for loan in loans]),
        "l_customer": Uuids([loan.customer_id for loan in loans]),
        "l_merchant": Uuids([loan.merchant_id for loan in loans]),
        "l_currency": Texts([loan.currency for loan in loans]),
        "l_plan": Texts([loan.plan.terms.code for loan in loans]),
        "l_principal": Bigints([loan.plan.principal_minor for loan in loans]),
        "l_held": Bigints([-loan.released_hold_minor for loan in loans]),
    }
