"""Cost sheets on the wire, and how long one was read: a partner's app says so itself, a browser is measured."""

from __future__ import annotations

from datetime import date

import msgspec

from tiao.api.ids import Currency, HexDigest, Instant, PlanCode
from tiao.api.services import Asked
from tiao.lending import sheets_seen
from tiao.lending.disclosure import CostSheet, CostSheetAck


class AckGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That the customer saw a cost sheet and confirmed it."""

    digest: HexDigest
    shown_at: Instant
    confirmed_at: Instant


class FeeShown(msgspec.Struct, frozen=True):
    """One cost of performing the contract, who receives it, and whether it counts into the yearly cost."""

    kind: str
    method: str
    rate: str
    payee: str
    is_in_all_in_cost: bool
    upfront_minor: int
    per_term_minor: list[int]
    total_minor: int


class ContingentShown(msgspec.Struct, frozen=True):
    """A cost that arises only if the contract is not performed."""

    kind: str
    method: str
    rate: str
    payee: str


class CostSheetShown(msgspec.Struct, frozen=True):
    """The cost sheet, to be shown in full for *read_seconds_min* before it is confirmed by its digest."""

    plan: PlanCode
    digest: HexDigest
    lender: str
    currency: Currency
    contract_on: date
    principal_minor: int
    terms: int
    first_due_on: date
    last_due_on: date
    items: list[FeeShown]
    contingent: list[ContingentShown]
    annual_rate_compound: str
    annual_rate_simple: str
    policy_digest: str
    read_seconds_min: int


async def shown(call: Asked, sheet: CostSheet, *, plan: str, on: date) -> CostSheetShown:
    """Show a cost sheet; in a customer's own browser, its reading begins now."""
    if call.is_browser:
        async with call.db.begin() as tx:
            real = await call.services.real_moment(tx)
            await sheets_seen.show(tx, real.at, call.caller.subject_id, sheet.digest)
    return _shown(sheet, plan=plan, read_seconds_min=_read_seconds(call, on))


async def read(call: Asked, given: AckGiven | None) -> CostSheetAck | None:
    """Say when a sheet was shown and confirmed: what a script says of a browser's reading counts for nothing.

    None when no sheet was confirmed, or a browser was never shown it.
    """
    if given is None:
        return None
    if not call.is_browser:
        return CostSheetAck(given.digest, given.shown_at, given.confirmed_at)
    async with call.db.begin() as tx:
        real = await call.services.real_moment(tx)
        shown_at = await sheets_seen.shown_at(tx, call.caller.subject_id, given.digest)
    return None if shown_at is None else CostSheetAck(given.digest, shown_at=shown_at, confirmed_at=real.at)


def _shown(sheet: CostSheet, *, plan: str, read_seconds_min: int) -> CostSheetShown:
    """Show a cost sheet on the wire."""
    return CostSheetShown(
        plan=plan,
        digest=sheet.digest,
        lender=sheet.lender,
        currency=sheet.currency,
        contract_on=sheet.contract_on,
        principal_minor=sheet.principal_minor,
        terms=sheet.terms,
        first_due_on=sheet.first_due_on,
        last_due_on=sheet.last_due_on,
        items=[
            FeeShown(
                kind=item.kind,
                method=item.method,
                rate=item.rate,
                payee=item.payee,
                is_in_all_in_cost=bool(item.is_in_all_in_cost),
                upfront_minor=item.upfront_minor,
                per_term_minor=list(item.per_term_minor),
                total_minor=item.total_minor,
            )
            for item in sheet.items
        ],
        contingent=[ContingentShown(each.kind, each.method, each.rate, each.payee) for each in sheet.contingent],
        annual_rate_compound=f"{sheet.annual_rate_compound:.6f}",
        annual_rate_simple=f"{sheet.annual_rate_simple:.6f}",
        policy_digest=sheet.policy_digest,
        read_seconds_min=read_seconds_min,
    )


def _read_seconds(call: Asked, on: date) -> int:
    """Find how long the sheet must be read. Source: policy `disclosure.forced_read_seconds`."""
    book = call.platform.book
    if not book.pack.flag("disclosure.cost_sheet_required", on=on, lender_type=book.lender_type):
        return 0
    return book.pack.integer("disclosure.forced_read_seconds", on=on, lender_type=book.lender_type)
