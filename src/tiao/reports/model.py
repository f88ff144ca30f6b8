"""What a report holds. *Units*: amounts in minor units; shares are exact fractions written as decimals."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct


class Applications(Struct, frozen=True):
    """What became of applications, and how much credit was granted."""

    received: int
    approved: int
    declined: int
    granted_minor: int
    raised: int
    frozen: int


class Purchases(Struct, frozen=True):
    """What became of purchases. GMV is what was captured, refunds not taken off."""

    asked: int
    asked_minor: int
    authorised: int
    authorised_minor: int
    declined: int
    declined_minor: int
    suspended: int
    suspended_minor: int
    captured_minor: int
    refunded_minor: int
    held_minor: int


class Reason(Struct, frozen=True):
    """How often purchases were declined for a reason; one purchase may have several."""

    reason: str
    purchases: int
    amount_minor: int


class StageRow(Struct, frozen=True):
    """What loans of one stage of days past due still owe. Stage 0 is current, 1 is 1 to 30 days, 7 more than 180."""

    stage: int
    loans: int
    principal_minor: int
    fee_minor: int
    penalty_minor: int


class RollRow(Struct, frozen=True):
    """Where loans went that entered a stage: to a worse or a better one, paid off, written off, or nowhere yet.

    The roll rate is worse and written off over all that left.
    """

    stage: int
    entered: int
    worse: int
    better: int
    paid: int
    written_off: int
    still: int


class AccountRow(Struct, frozen=True):
    """An account of the books. *Units*: a balance on the account's normal side is positive."""

    code: int
    name: str
    name_zh: str
    account_class: str
    debit_minor: int
    credit_minor: int
    balance_minor: int


class SettlementTotals(Struct, frozen=True):
    """What merchants were settled for, all days together."""

    settlements: int
    merchants: int
    gross_minor: int
    discount_minor: int
    subsidy_minor: int
    refunded_minor: int
    net_minor: int


class PayoutRow(Struct, frozen=True):
    """Payouts of one kind in one state."""

    kind: str
    state: str
    payouts: int
    amount_minor: int


class DebitRow(Struct, frozen=True):
    """Debits of one purpose in one state."""

    purpose: str
    state: str
    debits: int
    amount_minor: int


class DayRow(Struct, frozen=True):
    """One business day in the books. Outstanding is principal, fees and penalties owed at its end."""

    day: date
    purchases: int
    captured_minor: int
    received_minor: int
    paid_out_minor: int
    outstanding_minor: int


class Term(Struct, frozen=True):
    """One side's part of an equation, and where the figure is read from."""

    what: str
    source: str
    amount_minor: int


class Equation(Struct, frozen=True):
    """Two sums that must be the same, each read from its own place."""

    name: str
    left: tuple[Term, ...]
    right: tuple[Term, ...]
    left_minor: int
    right_minor: int
    difference_minor: int


class FileTotals(Struct, frozen=True):
    """What a replay took from its file. Who has no credit line cannot ask; refused orders were wrong as such."""

    rows: int
    bad_rows: int
    void_rows: int
    offered: int
    offered_minor: int
    without_line: int
    without_line_minor: int
    refused: int


class Report(Struct, frozen=True):
    """Everything a replay or a simulated year came to, as it stands in the books."""

    programme: str
    currency: str
    opened_on: date
    closed_through: date
    now_at: datetime | None
    customers: int
    merchants: int
    applications: Applications
    purchases: Purchases
    authorisation_rate: str | None
    decline_reasons: tuple[Reason, ...]
    stages: tuple[StageRow, ...]
    written_off: StageRow
    roll_rates: tuple[RollRow, ...]
    income: tuple[AccountRow, ...]
    accounts: tuple[AccountRow, ...]
    settlement: SettlementTotals
    payouts: tuple[PayoutRow, ...]
    debits: tuple[DebitRow, ...]
    days: tuple[DayRow, ...]
    equations: tuple[Equation, ...]
    file: FileTotals | None = None

    @property
    def is_balanced(self) -> bool:
        """Tell whether every equation holds."""
        return all(equation.difference_minor == 0 for equation in self.equations)


class Figures(NamedTuple):
    """The sums that the equations compare, each read from one place: records, or the books."""

    captured: int
    lent: int
    arranged_anew: int
    discounts: int
    subsidies: int
    outstanding: int
    fees_fallen: int
    paid_in_cash: int
    paid_by_goodwill: int
    paid_from_balances: int
    paid_by_new_plans: int
    fees_fallen_by_payments: int
    debits: int
    transfers: int
    recoveries: int
    taken_back: int
    goodwill: int
    balances_used: int
    refunds_used: int
    replaced: int
    overpaid: int
    recovered: int
    settling: int
    payoffs_quoted: int
    fees_waived: int
    penalties_waived: int
    balances_paid_out: int
    written_off: int
    refunded: int
    refunded_off_plans: int
    refund_shortfall: int
    recovered_by_refunds: int
    refunds_returned: int
    fees_fallen_by_refunds: int
    subsidies_returned: int
    paid_to_merchants: int
    paid_to_customers: int
    on_way_to_merchants: int
    on_way_to_customers: int
    line_use: int
    penalties_charged: int
    booked_lent: int
    booked_kept_as_credit: int


class Happening(Struct, frozen=True):
    """Something that happened to a customer, about *ref_id*; *key* orders what happened at one instant."""

    at: datetime
    key: str
    kind: str
    what: str
    prefix: str
    ref_id: UUID
    amount_minor: int | None
    currency: str | None
    detail: str
