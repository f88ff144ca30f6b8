"""Loans and bills: what is owed, when, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from tiao.api import ids, paging
from tiao.api.ids import AnyCustomer, BillInPath, Currency, CustomerId, LoanInPath
from tiao.api.operation import C, O, reads
from tiao.api.paging import After, ByDay, ById, Limit
from tiao.api.refusals import CursorInvalid, SubjectMissing
from tiao.api.routes.lines import line_of
from tiao.api.services import Call
from tiao.identity.refusals import CustomerUnknown
from tiao.ledger.refusals import LineUnknown
from tiao.lending import daily
from tiao.lending.model import BillingMode, CostKind
from tiao.lending.records import Bill, Loan, LoanInstalment, LoanStatus
from tiao.lending.refusals import BillUnknown, LoanUnknown
from tiao.partners.scopes import Scope
from tiao.values.ids import read_id, show_id


class LoanShown(msgspec.Struct, frozen=True):
    """One captured purchase under its plan. *stage*: 0 current, 1 for 1 to 30 days past due, 2 to 60, up to 7."""

    id: str
    purchase: str
    customer: CustomerId
    currency: Currency
    plan: str
    mode: BillingMode
    principal_minor: int
    fee_minor: int
    interest_minor: int
    product_version: int
    taken_on: date
    stage: int
    status: LoanStatus
    settled_on: date | None


class InstalmentShown(msgspec.Struct, frozen=True):
    """One part of a plan: what it was made with, and what is still owed of it.

    Interest runs from *interest_from_on* to the statement date; what need not run of it has been left out.
    """

    loan: str
    number: int
    statement_on: date
    due_on: date
    principal_minor: int
    fee_minor: int
    interest_minor: int
    interest_from_on: date | None
    penalty_minor: int
    paid_minor: int
    refunded_minor: int
    open_minor: int
    is_billed: bool
    settled_on: date | None


class LoanInFull(msgspec.Struct, frozen=True):
    """A loan with its instalments."""

    loan: LoanShown
    instalments: list[InstalmentShown]


class LoanPage(msgspec.Struct, frozen=True):
    """Loans, latest first."""

    data: list[LoanShown]
    has_more: bool
    next: str | None


class BillShown(msgspec.Struct, frozen=True):
    """A statement as cut; *open_minor* is what is still owed of it now, *carried_minor* what earlier ones owed then."""

    id: str
    customer: CustomerId
    currency: Currency
    statement_on: date
    due_on: date
    principal_minor: int
    fee_minor: int
    carried_minor: int
    open_minor: int
    settled_on: date | None


class BillInFull(msgspec.Struct, frozen=True):
    """A bill with the instalments that it asks for."""

    bill: BillShown
    instalments: list[InstalmentShown]


class BillPage(msgspec.Struct, frozen=True):
    """Bills, latest first."""

    data: list[BillShown]
    has_more: bool
    next: str | None


@reads(
    "/v1/loans",
    by=[C, O],
    scope=Scope.BILLS_READ,
    refuses=[LineUnknown, CustomerUnknown, SubjectMissing, CursorInvalid],
)
async def list_loans(
    call: Call, customer: AnyCustomer = None, limit: Limit = paging.PAGE_DEFAULT, after: After = None
) -> LoanPage:
    """List the customer's loans, latest first."""
    place = paging.place_of(after, ById) or ById(paging.LAST_ID)
    subject = call.customer(customer)
    async with call.db.begin() as tx:
        line = await line_of(tx, subject)
        found = await daily.loans_of_line(tx, line.id, before=place.id, limit=limit + 1)
    page = paging.cut(found, limit, lambda each: ById(each.id))
    return LoanPage([loan_shown(each) for each in page.items], page.has_more, page.next)


@reads("/v1/loans/{loan_id:str}", by=[C, O], scope=Scope.BILLS_READ, refuses=[LoanUnknown])
async def read_loan(call: Call, loan_id: LoanInPath) -> LoanInFull:
    """Show a loan with its instalments."""
    async with call.db.begin() as tx:
        found, parts = await daily.loan(tx, read_id(ids.LOAN, loan_id))
    call.require_own(LoanUnknown, customer_id=found.customer_id)
    return LoanInFull(loan_shown(found), instalments_shown(parts))


@reads(
    "/v1/bills",
    by=[C, O],
    scope=Scope.BILLS_READ,
    refuses=[LineUnknown, CustomerUnknown, SubjectMissing, CursorInvalid],
)
async def list_bills(
    call: Call, customer: AnyCustomer = None, limit: Limit = paging.PAGE_DEFAULT, after: After = None
) -> BillPage:
    """List the customer's bills, latest first."""
    place = paging.place_of(after, ByDay) or ByDay(date.max)
    subject = call.customer(customer)
    async with call.db.begin() as tx:
        line = await line_of(tx, subject)
        found = await daily.bills_of_line(tx, line.id, before=place.day, limit=limit + 1)
    page = paging.cut(found, limit, lambda each: ByDay(each.statement_on))
    return BillPage([bill_shown(each) for each in page.items], page.has_more, page.next)


@reads("/v1/bills/{bill_id:str}", by=[C, O], scope=Scope.BILLS_READ, refuses=[BillUnknown])
async def read_bill(call: Call, bill_id: BillInPath) -> BillInFull:
    """Show a bill with the instalments that it asks for."""
    async with call.db.begin() as tx:
        found, parts = await daily.bill_of(tx, read_id(ids.BILL, bill_id))
    call.require_own(BillUnknown, customer_id=found.customer_id)
    return BillInFull(bill_shown(found), instalments_shown(parts))


def loan_shown(loan: Loan) -> LoanShown:
    """Show a loan on the wire."""
    return LoanShown(
        id=show_id(ids.LOAN, loan.id),
        purchase=show_id(ids.PURCHASE, loan.purchase_id),
        customer=show_id(ids.CUSTOMER, loan.customer_id),
        currency=loan.currency,
        plan=loan.plan_code,
        mode=BillingMode(loan.mode),
        principal_minor=loan.principal_minor,
        fee_minor=loan.fee_minor if loan.cost_kind is CostKind.FEE else 0,
        interest_minor=loan.fee_minor if loan.cost_kind is CostKind.INTEREST else 0,
        product_version=loan.product_version,
        taken_on=loan.taken_on,
        stage=loan.stage,
        status=LoanStatus(loan.status),
        settled_on=loan.settled_on,
    )


def instalments_shown(parts: Sequence[LoanInstalment]) -> list[InstalmentShown]:
    """Show instalments on the wire."""
    return [
        InstalmentShown(
            loan=show_id(ids.LOAN, part.loan_id),
            number=part.number,
            statement_on=part.statement_on,
            due_on=part.due_on,
            principal_minor=part.principal_minor,
            fee_minor=part.fee_minor if part.cost_kind is CostKind.FEE else 0,
            interest_minor=part.fee_minor - part.fee_cancelled_minor if part.cost_kind is CostKind.INTEREST else 0,
            interest_from_on=part.interest_from_on,
            penalty_minor=part.penalty_minor,
            paid_minor=part.principal_paid_minor + part.fee_paid_minor + part.penalty_paid_minor,
            refunded_minor=part.principal_refunded_minor,
            open_minor=part.open_minor,
            is_billed=part.is_billed,
            settled_on=part.settled_on,
        )
        for part in parts
    ]


def bill_shown(bill: Bill) -> BillShown:
    """Show a bill on the wire."""
    return BillShown(
        id=show_id(ids.BILL, bill.id),
        customer=show_id(ids.CUSTOMER, bill.customer_id),
        currency=bill.currency,
        statement_on=bill.statement_on,
        due_on=bill.due_on,
        principal_minor=bill.principal_minor,
        fee_minor=bill.fee_minor,
        carried_minor=bill.carried_minor,
        open_minor=bill.open_minor,
        settled_on=bill.settled_on,
    )


ROUTES = [list_loans, read_loan, list_bills, read_bill]
