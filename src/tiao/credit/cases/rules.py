"""What is decided about cases: who may claim one, who may say yes, and when enough have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tiao.credit.cases.model import Case, CaseKind, CaseState, Vote
from tiao.credit.model import Decision
from tiao.credit.refusals import CaseLimitDiffers
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment


def new_case(
    now: Moment,
    kind: CaseKind,
    *,
    customer_id: UUID,
    maker: str,
    reason: str,
    due_at: datetime,
    approvers_needed: int,
    about: Decision | None = None,
) -> Case:
    """Make a case of a customer's; *about* is the decision it is about."""
    bucket = bucket_of(customer_id)
    return Case(
        bucket=bucket,
        id=now.new_id(bucket),
        kind=kind,
        customer_id=customer_id,
        application_id=about.application_id if about else None,
        line_id=about.line_id if about else None,
        about_id=about.id if about else None,
        maker=maker,
        reason=reason,
        limit_minor=None,
        approvers_needed=approvers_needed,
        state=CaseState.OPEN,
        opened_at=now.at,
        due_at=due_at,
        expires_at=None,
        claimed_by=None,
        claimed_until=None,
        closed_at=None,
        answer_id=None,
    )


def check_same_limit(case: Case, votes: Sequence[Vote], limit_minor: int | None) -> None:
    """Demand that all who agree agree to the same. Refuses: CaseLimitDiffers."""
    if any(vote.limit_minor != limit_minor for vote in votes if vote.agrees):
        raise CaseLimitDiffers(pointer="/limit_minor", limit_minor=case.limit_minor)


def is_agreed(votes: Sequence[Vote], needed: int) -> bool:
    """Tell whether enough people agreed."""
    return sum(vote.agrees for vote in votes) >= needed
