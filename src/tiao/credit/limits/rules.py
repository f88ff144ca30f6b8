"""What is decided about sublimits: what of a line a purchase may not use, and what may be granted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from tiao.credit.limits.model import LimitKind, Sublimit, Use
from tiao.credit.refusals import SublimitInvalid
from tiao.credit.strategy import LimitPolicy


def withheld(
    sublimits: Sequence[Sublimit],
    uses: Sequence[Use],
    *,
    scene: str,
    merchant_id: UUID,
    today: date,
    available_minor: int,
) -> int:
    """Find what of a line's available limit a purchase may not use. *Shape*: never negative.

    The line's limit holds every extra. What is over is withheld as far as it is not in use; what is for another place,
    as far as purchases there do not use it yet (they use it first); beyond a scene's own limit everything is withheld.
    """
    kept = 0
    for each in sublimits:
        used = sum(use.amount_minor for use in uses if each.place.covers(use.scene, use.merchant_id))
        match each.kind:
            case LimitKind.TEMPORARY:
                kept += each.amount_minor if each.is_over(today) else 0
            case LimitKind.EXCLUSIVE:
                if each.is_over(today) or not each.place.covers(scene, merchant_id):
                    kept += max(0, each.amount_minor - used)
            case _:
                if each.place.covers(scene, merchant_id):
                    room = max(0, each.amount_minor - used)
                    kept = max(kept, available_minor - room)
    return kept


def extras(sublimits: Sequence[Sublimit]) -> int:
    """Add up what sublimits add to a line."""
    return sum(each.extra_minor for each in sublimits)


def check_grant(
    policy: LimitPolicy, kind: LimitKind, amount_minor: int, *, fixed_minor: int, ends_on: date | None, today: date
) -> None:
    """Decide whether a sublimit may be proposed. Refuses: SublimitInvalid."""
    if amount_minor <= 0 or amount_minor % policy.limit_step_minor:
        raise SublimitInvalid("the amount is whole steps, above nothing", pointer="/amount_minor")
    if kind is LimitKind.SCENE:
        return
    days = policy.temporary_days_max if kind is LimitKind.TEMPORARY else policy.exclusive_days_max
    if ends_on is None or not today <= ends_on <= today + timedelta(days=days):
        raise SublimitInvalid(f"it ends within {days} days", pointer="/ends_on")
    if kind is LimitKind.TEMPORARY and amount_minor > fixed_minor * policy.temporary_share_max:
        raise SublimitInvalid("a temporary limit is at most a share of the fixed one", pointer="/amount_minor")
    if kind is LimitKind.EXCLUSIVE and amount_minor > policy.exclusive_max_minor:
        raise SublimitInvalid("an exclusive limit has a maximum", pointer="/amount_minor")
