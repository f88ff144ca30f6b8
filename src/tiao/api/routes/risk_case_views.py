"""Cases of risk control as staff see them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tiao.api import ids
from tiao.api.ids import CustomerId, MerchantId
from tiao.casework import rules as casework
from tiao.risk.cases import rules
from tiao.risk.cases.model import CaseState, Related, RiskCase, Step, StepKind, Subject
from tiao.values.ids import show_id


class StepShown(msgspec.Struct, frozen=True):
    """One thing that was done."""

    number: int
    kind: StepKind
    actor: str
    said: str
    sha256: str | None
    made_at: datetime


class RelatedShown(msgspec.Struct, frozen=True):
    """A payment that hangs together with the case. *by*: the customer, a link, or the merchant."""

    by: str
    purchase: str
    customer: CustomerId
    merchant: MerchantId
    currency: str
    amount_minor: int
    outcome: str
    authorised_at: datetime
    is_fraud: bool | None


class RiskCaseShown(msgspec.Struct, frozen=True):
    """A case. Units: *probability_ppm* in parts of a million, *age_minutes* since it was opened."""

    id: str
    subject: Subject
    state: CaseState
    purchase: str | None
    customer: str | None
    merchant: str | None
    maker: str
    reasons: list[str]
    currency: str
    amount_minor: int
    probability_ppm: int
    loss_minor: int
    approvers_needed: int
    opened_at: datetime
    due_at: datetime
    expires_at: datetime | None
    age_minutes: int
    is_late: bool
    assigned_to: str | None
    claimed_by: str | None
    claimed_until: datetime | None
    closed_at: datetime | None


class RiskCaseWhole(msgspec.Struct, frozen=True):
    """A case with all that was done about it and hangs together with it."""

    case: RiskCaseShown
    steps: list[StepShown]
    related: list[RelatedShown]
    ring_size: int
    is_ring: bool


class RiskCasePage(msgspec.Struct, frozen=True):
    """Cases, the dearest expected loss first."""

    data: list[RiskCaseShown]
    has_more: bool
    next: str | None


class RiskQueueRow(msgspec.Struct, frozen=True):
    """How the queue stands for one subject. Units: *oldest_minutes* since the oldest was opened."""

    subject: Subject
    open: int
    unclaimed: int
    late: int
    loss_minor: int
    oldest_minutes: int
    next_due_at: datetime


class RiskQueueShown(msgspec.Struct, frozen=True):
    """How the queue stands."""

    data: list[RiskQueueRow]


def step_shown(step: Step) -> StepShown:
    """Show one thing that was done."""
    digest = None if step.digest is None else step.digest.hex()
    return StepShown(step.number, step.kind, step.actor, step.said, digest, step.made_at)


def related_shown(each: Related) -> RelatedShown:
    """Show a payment that hangs together with a case."""
    return RelatedShown(
        each.by,
        show_id(ids.PURCHASE, each.purchase_id),
        show_id(ids.CUSTOMER, each.customer_id),
        show_id(ids.MERCHANT, each.merchant_id),
        each.currency,
        each.amount_minor,
        each.outcome,
        each.authorised_at,
        each.is_fraud,
    )


def case_shown(case: RiskCase, at: datetime) -> RiskCaseShown:
    """Show a case as it stands at an instant."""
    is_claimed = casework.is_claimed(case, at)
    return RiskCaseShown(
        id=show_id(ids.RISK_CASE, case.id),
        subject=case.subject,
        state=case.state,
        purchase=ids.shown(ids.PURCHASE, case.purchase_id),
        customer=ids.shown(ids.CUSTOMER, case.customer_id),
        merchant=ids.shown(ids.MERCHANT, case.merchant_id),
        maker=case.maker,
        reasons=case.reasons,
        currency=case.currency,
        amount_minor=case.amount_minor,
        probability_ppm=case.probability_ppm,
        loss_minor=case.loss_minor,
        approvers_needed=case.approvers_needed,
        opened_at=case.opened_at,
        due_at=case.due_at,
        expires_at=case.expires_at,
        age_minutes=int(((case.closed_at or at) - case.opened_at).total_seconds() // 60),
        is_late=rules.is_late(case, at),
        assigned_to=case.assigned_to,
        claimed_by=case.claimed_by if is_claimed else None,
        claimed_until=case.claimed_until if is_claimed else None,
        closed_at=case.closed_at,
    )
