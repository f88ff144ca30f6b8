"""The cost sheet: everything a credit costs, who receives it, and proof that the customer saw it before signing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from tiao.lending.model import CostKind, FeePayer, Plan
from tiao.lending.pricing import AnnualRates, annual_rates, payments_of, rates_of_payments
from tiao.lending.refusals import CostSheetNotAcknowledged, FeeTypeUndecided, FeeWithoutPayee, ReadingTimeNotOver
from tiao.policy.pack import Pack

#: First line of every sheet's canonical form; a change of the form changes the number.
CANONICAL_FORM = "tiao-cost-sheet/1"

#: The closing statement that the rule asks for; the words shown come from the message catalogue under this key.
NOTHING_ELSE_IS_CHARGED = "nothing_else_is_charged"


class FeeItem(Struct, frozen=True):
    """One cost of performing the contract.

    *is_in_all_in_cost* is the recorded decision whether it counts into the yearly cost; None: nobody has decided.
    """

    kind: str
    method: str
    rate: str
    payee: str
    is_in_all_in_cost: bool | None
    upfront_minor: int = 0
    per_term_minor: tuple[int, ...] = ()

    @property
    def total_minor(self) -> int:
        """Add up what the item costs over the plan."""
        return self.upfront_minor + sum(self.per_term_minor)


class ContingentCost(Struct, frozen=True):
    """A cost that arises only if the contract is not performed."""

    kind: str
    method: str
    rate: str
    payee: str


class CostSheet(Struct, frozen=True):
    """What is shown, hashed and confirmed."""

    lender: str
    currency: str
    contract_on: date
    principal_minor: int
    terms: int
    first_due_on: date
    last_due_on: date
    items: tuple[FeeItem, ...]
    contingent: tuple[ContingentCost, ...]
    annual_rate_compound: Decimal
    annual_rate_simple: Decimal
    policy_digest: str

    @property
    def digest(self) -> str:
        """Hash the canonical form."""
        return hashlib.sha256(canonical_bytes(self)).hexdigest()


class CostSheetAck(Struct, frozen=True):
    """What the customer confirmed, when it was shown and when confirmed."""

    digest: str
    shown_at: datetime
    confirmed_at: datetime


def cost_sheet(
    plan: Plan,
    *,
    lender: str,
    fee_payee: str,
    currency: str,
    contract_on: date,
    penalty_ppm_per_day: int,
    policy_digest: str,
    other_items: Sequence[FeeItem] = (),
) -> CostSheet:
    """Write the cost sheet of a plan.

    Refuses: FeeTypeUndecided, FeeWithoutPayee.
    Source: 金规〔2026〕2号: principal, each fee with method, rate, payee, the yearly cost if performed, and apart from
    it the costs of default.
    """
    items = (*_cost_of_plan(plan, fee_payee), *other_items)
    for item in items:
        if item.is_in_all_in_cost is None:
            raise FeeTypeUndecided(rule="price.fee_counts_in_all_in_cost", fee=item.kind)
        if not item.payee.strip():
            raise FeeWithoutPayee(rule="disclosure.cost_sheet_fields", fee=item.kind)
    penalty = ContingentCost("penalty", "overdue principal, a day", _rate_of_ppm(penalty_ppm_per_day), lender)
    rates = all_in_rates(plan, other_items)
    return CostSheet(
        lender=lender,
        currency=currency,
        contract_on=contract_on,
        principal_minor=plan.principal_minor,
        terms=plan.terms.terms,
        first_due_on=plan.instalments[0].due_on,
        last_due_on=plan.instalments[-1].due_on,
        items=items,
        contingent=(penalty,),
        annual_rate_compound=rates.compound,
        annual_rate_simple=rates.simple,
        policy_digest=policy_digest,
    )


def all_in_rates(plan: Plan, other_items: Sequence[FeeItem]) -> AnnualRates:
    """Find the yearly cost of a plan with every other cost that counts into it."""
    counted = [item for item in other_items if item.is_in_all_in_cost]
    if not counted:
        return annual_rates(plan)
    payments = list(payments_of(plan))
    for item in counted:
        for index, minor in enumerate(item.per_term_minor):
            payments[index] += minor
    return rates_of_payments(plan.principal_minor - sum(item.upfront_minor for item in counted), payments)


def canonical_bytes(sheet: CostSheet) -> bytes:
    """Write a sheet the one way it is hashed: a line for each fact in a fixed order, fields parted by tabs, UTF-8."""
    # In one piece and not line by line: it is written for every purchase that is made from a quote.
    fees = [f"fee\t{_tabbed(item)}\n" for item in sheet.items]
    contingent = [f"contingent\t{each.kind}\t{each.method}\t{each.rate}\t{each.payee}\n" for each in sheet.contingent]
    written = (
        f"{CANONICAL_FORM}\n"
        f"lender\t{sheet.lender}\n"
        f"contract_on\t{sheet.contract_on.isoformat()}\n"
        f"principal\t{sheet.principal_minor}\t{sheet.currency}\n"
        f"terms\t{sheet.terms}\t{sheet.first_due_on.isoformat()}\t{sheet.last_due_on.isoformat()}\n"
        f"{''.join(fees)}"
        f"annual_rate_compound\t{sheet.annual_rate_compound:.12f}\n"
        f"annual_rate_simple\t{sheet.annual_rate_simple:.12f}\n"
        f"{''.join(contingent)}"
        f"statement\t{NOTHING_ELSE_IS_CHARGED}\n"
        f"policy\t{sheet.policy_digest}\n"
    )
    # Nine lines and eleven tabs of its own; six and one for each amount of a fee, four for what is contingent.
    amounts = sum([len(item.per_term_minor) for item in sheet.items])
    assert written.count("\t") == 11 + 6 * len(fees) + amounts + 4 * len(contingent), "fields hold no tabs"
    assert written.count("\n") == 9 + len(fees) + len(contingent), "fields hold no line ends"
    return written.encode()


def check_acknowledged(
    sheet: CostSheet, ack: CostSheetAck | None, *, pack: Pack, lender_type: str, contract_on: date
) -> None:
    """Decide whether a contract may be signed: the very sheet was shown, read and confirmed.

    Refuses: CostSheetNotAcknowledged, ReadingTimeNotOver.
    Source: policy `disclosure.cost_sheet_required`, `disclosure.forced_read_seconds`; earlier contracts need none.
    """
    if not pack.flag("disclosure.cost_sheet_required", on=contract_on, lender_type=lender_type):
        return
    if ack is None or ack.digest != sheet.digest:
        raise CostSheetNotAcknowledged(rule="disclosure.cost_sheet_required", digest=sheet.digest)
    seconds = pack.integer("disclosure.forced_read_seconds", on=contract_on, lender_type=lender_type)
    if ack.confirmed_at - ack.shown_at < timedelta(seconds=seconds):
        raise ReadingTimeNotOver(rule="disclosure.popup_and_confirm", seconds=seconds)


def _cost_of_plan(plan: Plan, payee: str) -> tuple[FeeItem, ...]:
    """Name the price of the plan itself: its interest or its instalment fee."""
    if plan.terms.cost_kind is CostKind.INTEREST:
        method = f"outstanding principal, a year, {plan.terms.day_count.value}"
        interest = [0] * plan.terms.terms
        for part in plan.instalments:
            interest[part.number - 1] = part.fee_minor
        rate = str(plan.terms.rate_annual)
        return (FeeItem("interest", method, rate, payee, True, per_term_minor=tuple(interest)),)
    if not plan.terms.fee_rate_per_term or plan.terms.fee_payer is FeePayer.MERCHANT:
        return ()
    fees = tuple(part.fee_minor for part in plan.instalments)
    rate = str(plan.terms.fee_rate_per_term)
    return (FeeItem("instalment_fee", "original principal, a term", rate, payee, True, per_term_minor=fees),)


def _tabbed(item: FeeItem) -> str:
    fields = (item.kind, item.method, item.rate, item.payee, item.is_in_all_in_cost, item.upfront_minor)
    return "\t".join([str(each) for each in (*fields, *item.per_term_minor)])


@lru_cache
def _rate_of_ppm(ppm: int) -> str:
    return f"{Decimal(ppm) / 10**6:.6f}"
