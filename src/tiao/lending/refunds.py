"""Refunds: what comes off the debt, what becomes of its fee, and what goes back to whoever paid.

Every refund splits into what is taken off the debt and what is returned, to the last fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from tiao.lending.interest import Bearing, kept_after_refund_minor
from tiao.lending.refusals import RefundExceedsCaptured, RefundWindowClosed
from tiao.policy.pack import Pack


class OffsetOrder(Enum):
    """Which instalments a refund takes principal off first."""

    LAST_INSTALMENT_FIRST = "last_instalment_first"
    SPREAD_EQUALLY = "spread_equally"


class UnpaidFeeRule(Enum):
    """What the unpaid fee falls in proportion to."""

    FOLLOWS_OFFSET_PRINCIPAL = "follows_offset_principal"
    SHARE_OF_ORDER = "share_of_order"


class PlanKind(Enum):
    """Whether instalments were made from one order or from a bill."""

    ORDER = "order"
    BILL = "bill"


class RefundPolicy(Struct, frozen=True):
    """The dated parameters of refunds; read from a policy pack by `refund_policy`."""

    window_days: int
    offset_order: OffsetOrder
    unpaid_fee_rule: UnpaidFeeRule
    is_paid_fee_returned: bool
    is_bill_plan_fee_returned: bool


class InterestOf(NamedTuple):
    """What the interest of an instalment ran on; *is_begun*: its term runs or has run."""

    on_minor: int
    is_begun: bool


def interest_of(part: Bearing, day: date) -> InterestOf | None:
    """See an instalment's interest as a refund of *day* does, if it bears any."""
    return None if part.from_on is None else InterestOf(part.on_minor, part.from_on < day)


class RefundableInstalment(Struct, frozen=True):
    """An instalment as agreed, and what repayments and earlier refunds have done to it."""

    principal_minor: int
    fee_minor: int
    principal_paid_minor: int = 0
    fee_paid_minor: int = 0
    principal_refunded_minor: int = 0
    #: Which loan of the purchase it belongs to, and where its fee is interest, what that ran on.
    loan_id: UUID | None = None
    interest: InterestOf | None = None

    @property
    def open_principal_minor(self) -> int:
        """Give the principal that is neither paid nor refunded."""
        return self.principal_minor - self.principal_paid_minor - self.principal_refunded_minor


class RefundablePurchase(Struct, frozen=True):
    """A captured purchase on instalments as it stands before a refund, with what earlier refunds took."""

    captured_minor: int
    instalments: tuple[RefundableInstalment, ...]
    refunded_minor: int = 0
    subsidy_minor: int = 0
    subsidy_reversed_minor: int = 0
    paid_fee_returned_minor: int = 0
    kind: PlanKind = PlanKind.ORDER


class OpenAfter(Struct, frozen=True):
    """What is open of an instalment after a refund."""

    principal_minor: int
    fee_minor: int


class PlanRefund(Struct, frozen=True):
    """What a refund does to a plan.

    *offset_minor* and *fee_written_off_minor* have one entry for each instalment; *returned_minor* of principal and
    *paid_fee_returned_minor* go back to the sources that paid. The limit grows by what came off the debt.
    """

    offset_minor: tuple[int, ...]
    fee_written_off_minor: tuple[int, ...]
    open_after: tuple[OpenAfter, ...]
    returned_minor: int
    paid_fee_returned_minor: int
    subsidy_reversed_minor: int

    @property
    def limit_restored_minor(self) -> int:
        """Give the principal that came off the debt."""
        return sum(self.offset_minor)


class Repayment(Struct, frozen=True):
    """A repayment that money can go back to, up to what it paid."""

    source: str
    paid_minor: int
    returned_minor: int = 0


class Returned(Struct, frozen=True):
    """Money back to one source."""

    source: str
    minor: int


def refund_policy(pack: Pack, *, on: date, lender_type: str) -> RefundPolicy:
    """Read the parameters of refunds of contracts made on a day. Refuses: PolicyValueMissing."""
    return RefundPolicy(
        window_days=pack.integer("refund.window_days", on=on, lender_type=lender_type),
        offset_order=OffsetOrder(pack.text("refund.offset_order", on=on, lender_type=lender_type)),
        unpaid_fee_rule=UnpaidFeeRule(pack.text("refund.unpaid_fee_rule", on=on, lender_type=lender_type)),
        is_paid_fee_returned=pack.flag("refund.paid_fee_returned", on=on, lender_type=lender_type),
        is_bill_plan_fee_returned=pack.flag("refund.bill_plan_fee_returned", on=on, lender_type=lender_type),
    )


def check_refund(
    refund_minor: int,
    *,
    captured_minor: int,
    refunded_minor: int,
    captured_on: date,
    today: date,
    policy: RefundPolicy,
    is_decided: bool = False,
) -> None:
    """Decide whether a refund may be taken. Refuses: RefundExceedsCaptured, RefundWindowClosed.

    What people decided about a claim, *is_decided*, is not late: the claim was made in time, the decision took its own.
    """
    assert refund_minor > 0, "a refund is positive"
    left = captured_minor - refunded_minor
    if refund_minor > left:
        raise RefundExceedsCaptured(pointer="/amount_minor", refundable_minor=left)
    closes_on = captured_on + timedelta(days=policy.window_days)
    if today > closes_on and not is_decided:
        raise RefundWindowClosed(rule="refund.window_days", closed_on=closes_on.isoformat())


def refund_plan(purchase: RefundablePurchase, refund_minor: int, policy: RefundPolicy) -> PlanRefund:
    """Take a refund off an instalment plan; what exceeds open principal goes back to the sources that paid.

    Interest falls as if what is refunded had never been lent; what was paid of it is kept like a fee.
    Rounds: a remaining fee down, always from the original figures, so several refunds end where one would.
    Source: guides to 白条 refunds; a fee already paid is kept, an unpaid fee falls in proportion, a full refund clears
    it, a bill's fee is not touched by one order's refund.
    """
    refunded_after = purchase.refunded_minor + refund_minor
    assert 0 < refund_minor <= purchase.captured_minor - purchase.refunded_minor, "check_refund comes first"
    opens = [part.open_principal_minor for part in purchase.instalments]
    offsets = _offsets(opens, refund_minor, policy.offset_order)
    fees_before = _fees_open(purchase, [0] * len(opens), purchase.refunded_minor, policy)
    fees_after = list(map(min, fees_before, _fees_open(purchase, offsets, refunded_after, policy)))
    return PlanRefund(
        offset_minor=tuple(offsets),
        fee_written_off_minor=tuple(before - after for before, after in zip(fees_before, fees_after, strict=True)),
        open_after=tuple(
            OpenAfter(principal - offset, fee)
            for principal, offset, fee in zip(opens, offsets, fees_after, strict=True)
        ),
        returned_minor=refund_minor - sum(offsets),
        paid_fee_returned_minor=_paid_fee_returned(purchase, refunded_after, policy),
        subsidy_reversed_minor=purchase.subsidy_minor * refunded_after // purchase.captured_minor
        - purchase.subsidy_reversed_minor,
    )


def return_to_sources(
    amount_minor: int, repayments_latest_first: Sequence[Repayment]
) -> tuple[tuple[Returned, ...], int]:
    """Send money back along the repayments, latest first, to each no more than it paid; say what found no source."""
    left, returned = amount_minor, []
    for repayment in repayments_latest_first:
        part = min(left, repayment.paid_minor - repayment.returned_minor)
        if part > 0:
            returned.append(Returned(repayment.source, part))
            left -= part
    return tuple(returned), left


def merchant_debit(
    refund_minor: int, *, price_minor: int, merchant_fee_minor: int, refunded_minor: int = 0, is_fee_returned: bool
) -> int:
    """Find what a refund takes from the merchant: all of it, less the fee's share where the agreement gives it back.

    Rounds: the fee's share down, on the running total. Source: policy `mdr.returned_on_refund`.
    """
    if not is_fee_returned:
        return refund_minor
    after = merchant_fee_minor * (refunded_minor + refund_minor) // price_minor
    return refund_minor - (after - merchant_fee_minor * refunded_minor // price_minor)


def _offsets(opens: Sequence[int], refund_minor: int, order: OffsetOrder) -> list[int]:
    offsets = [0] * len(opens)
    left = min(refund_minor, sum(opens))
    if order is OffsetOrder.SPREAD_EQUALLY:
        count = sum(1 for principal in opens if principal)
        each = left // count if count else 0
        offsets = [min(each, principal) for principal in opens]
        left -= sum(offsets)
    # What an even spread leaves over comes off from the end too.
    for index in range(len(opens) - 1, -1, -1):
        part = min(left, opens[index] - offsets[index])
        offsets[index] += part
        left -= part
    return offsets


def _fees_open(
    purchase: RefundablePurchase, offsets: Sequence[int], refunded_minor: int, policy: RefundPolicy
) -> list[int]:
    """Say what of each instalment's fee is still to be paid with *offsets* off its principal and so much refunded."""
    captured = purchase.captured_minor
    fees = []
    for index, (part, offset) in enumerate(zip(purchase.instalments, offsets, strict=True)):
        kept = part.fee_minor
        if purchase.kind is PlanKind.ORDER or policy.is_bill_plan_fee_returned:
            if refunded_minor == captured:
                kept = 0
            elif policy.unpaid_fee_rule is UnpaidFeeRule.SHARE_OF_ORDER:
                kept = part.fee_minor * (captured - refunded_minor) // captured
            elif part.interest is not None:
                balance = _balance(purchase.instalments, offsets, index)
                kept = kept_after_refund_minor(part.fee_minor, part.interest.on_minor, balance)
            elif part.principal_minor:
                remaining = part.principal_minor - part.principal_refunded_minor - offset
                kept = part.fee_minor * remaining // part.principal_minor
        fees.append(max(0, kept - part.fee_paid_minor))
    return fees


def _balance(parts: Sequence[RefundableInstalment], offsets: Sequence[int], index: int) -> int:
    """Find what the interest of an instalment runs on: its own principal and what is open of later ones of its loan."""
    part = parts[index]
    assert part.interest is not None, "it bears interest"
    paid_early = 0 if part.interest.is_begun else part.principal_paid_minor
    own = part.principal_minor - part.principal_refunded_minor - offsets[index] - paid_early
    later = zip(parts[index + 1 :], offsets[index + 1 :], strict=True)
    return own + sum(each.open_principal_minor - offset for each, offset in later if each.loan_id == part.loan_id)


def _paid_fee_returned(purchase: RefundablePurchase, refunded_after: int, policy: RefundPolicy) -> int:
    if not policy.is_paid_fee_returned or (purchase.kind is PlanKind.BILL and not policy.is_bill_plan_fee_returned):
        return 0
    paid = sum(part.fee_paid_minor for part in purchase.instalments)
    return max(0, paid * refunded_after // purchase.captured_minor - purchase.paid_fee_returned_minor)
