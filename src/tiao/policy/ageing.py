"""Days past due, and the classes and stages that follow from them."""

from __future__ import annotations

from datetime import date
from enum import Enum

from tiao.policy.pack import Pack


class LoanClass(Enum):
    """The five supervisory classes 五级分类, best first."""

    NORMAL = "normal"
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"


def days_past_due(due_on: date, today: date) -> int:
    """Count calendar days past due; the day after the due date is the first. Source: policy `dpd.first_day`."""
    return max(0, (today - due_on).days)


def class_floor(dpd: int, *, pack: Pack, lender_type: str, on: date, is_card: bool = False) -> LoanClass:
    """Find the best class a loan may still be in; a model may worsen it, never improve it.

    Refuses: PolicyValueMissing where no rule classifies this lender's loans on that day.
    Source: policy `class5.from_dpd`, for cards where switched on `class5.card_from_dpd`.
    """
    rule = "class5.card_from_dpd" if is_card else "class5.from_dpd"
    starts = pack.value(rule, on=on, lender_type=lender_type)
    assert isinstance(starts, dict), f"{rule} maps classes to days"
    reached = [LoanClass(name) for name, first_day in starts.items() if dpd >= first_day]
    return max(reached, key=list(LoanClass).index, default=LoanClass.NORMAL)


def impairment_stage(dpd: int, *, pack: Pack, lender_type: str, on: date) -> int:
    """Find the IFRS 9 stage, 1 to 3, that days past due alone put a loan in.

    Source: policy `ecl.stage2_from_dpd`, `ecl.stage3_from_dpd`.
    """
    if dpd >= pack.integer("ecl.stage3_from_dpd", on=on, lender_type=lender_type):
        return 3
    return 2 if dpd >= pack.integer("ecl.stage2_from_dpd", on=on, lender_type=lender_type) else 1
