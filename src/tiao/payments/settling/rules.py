"""What is decided about settling: which terms hold, what may be agreed, what may be withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from tiao.payments.settling.model import NewTerms, Schedule, Share, Terms
from tiao.payments.settling.refusals import SettlementTermsInvalid, ShareInvalid, WithdrawalExceedsBalance

#: The columns hold numeric(9, 6); more decimals would be rounded away silently.
DECIMALS_MAX = 6
RESERVE_DAYS_MAX = 366
#: How a merchant is settled with whom nothing was agreed.
DEFAULT = NewTerms(Schedule.DAILY, Decimal(0), 0)


def terms_on(known: Sequence[Terms], day: date) -> NewTerms:
    """Find the terms that hold on a day."""
    found = max((each for each in known if each.from_on <= day), key=lambda each: each.from_on, default=None)
    return DEFAULT if found is None else NewTerms(found.schedule, found.reserve_rate, found.reserve_days)


def check_terms(new: NewTerms, *, from_on: date, today: date) -> None:
    """Check terms: a reserve has days, and what counts has not begun. Refuses: SettlementTermsInvalid."""
    if not 0 <= new.reserve_rate < 1 or not _is_exact(new.reserve_rate):
        raise SettlementTermsInvalid(pointer="/reserve_rate")
    if not 0 <= new.reserve_days <= RESERVE_DAYS_MAX or (new.reserve_rate > 0) != (new.reserve_days > 0):
        raise SettlementTermsInvalid("a reserve is kept for some days", pointer="/reserve_days")
    if from_on < today:
        raise SettlementTermsInvalid("days that are over are settled", pointer="/from_on")


def check_share(
    known: Sequence[Share], *, platform_id: UUID, merchant_id: UUID, share_rate: Decimal, from_on: date, today: date
) -> None:
    """Check a platform's share beside those of other platforms. Refuses: ShareInvalid."""
    if platform_id == merchant_id:
        raise ShareInvalid(pointer="/platform")
    if from_on < today:
        raise ShareInvalid("days that are over are settled", pointer="/from_on")
    if not 0 <= share_rate <= 1 or not _is_exact(share_rate):
        raise ShareInvalid(pointer="/share_rate")
    # Any day from then on may be the one on which together they are most.
    for day in {from_on, *(each.from_on for each in known if each.from_on > from_on)}:
        others = {}
        for each in sorted(known, key=lambda share: share.from_on):
            if each.from_on <= day and each.platform_id != platform_id:
                others[each.platform_id] = each.share_rate
        if share_rate + sum(others.values()) > 1:
            raise ShareInvalid("shares together are more than all", pointer="/share_rate")


def check_withdrawal(amount_minor: int, *, available_minor: int) -> None:
    """Check that there is enough. Refuses: WithdrawalExceedsBalance."""
    if not 0 < amount_minor <= available_minor:
        raise WithdrawalExceedsBalance(pointer="/amount_minor", available_minor=max(available_minor, 0))


def _is_exact(rate: Decimal) -> bool:
    exponent = rate.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= DECIMALS_MAX
