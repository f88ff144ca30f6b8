"""What may be proposed about a merchant."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

import msgspec

from tiao.payments.settling.model import Schedule


class TermsProposed(msgspec.Struct, frozen=True, tag="settlement_terms", tag_field="kind"):
    """Settle the merchant so from a day on."""

    schedule: Schedule
    reserve_rate: Decimal
    reserve_days: int
    from_on: date


class ShareProposed(msgspec.Struct, frozen=True, tag="income_share", tag_field="kind"):
    """Give a platform a share of the discount that the merchant pays, from a day on."""

    platform_id: UUID
    share_rate: Decimal
    from_on: date


class AdjustmentProposed(msgspec.Struct, frozen=True, tag="adjustment", tag_field="kind"):
    """Book an amount to the merchant, or from it when negative. *Units*: minor units."""

    amount_minor: int


class DiscountProposed(msgspec.Struct, frozen=True, tag="discount", tag_field="kind"):
    """Agree another discount rate for sales to come."""

    discount_rate: Decimal


class ReinstatementProposed(msgspec.Struct, frozen=True, tag="reinstatement", tag_field="kind"):
    """Let a suspended merchant sell again, and be paid what was kept."""


class SuspensionProposed(msgspec.Struct, frozen=True, tag="suspension", tag_field="kind"):
    """Let the merchant sell nothing new. One that *is_stopped* already waits for a second person to say so too."""

    is_stopped: bool = False


class TerminationProposed(msgspec.Struct, frozen=True, tag="termination", tag_field="kind"):
    """End the contract with the merchant, for good."""


class FailureProposed(msgspec.Struct, frozen=True, tag="failure", tag_field="kind"):
    """Say that the merchant gives its service no more: what it has not given goes back to its customers."""


Content: TypeAlias = (
    TermsProposed
    | ShareProposed
    | AdjustmentProposed
    | DiscountProposed
    | ReinstatementProposed
    | SuspensionProposed
    | TerminationProposed
    | FailureProposed
)


class ProposalState(StrEnum):
    """Whether anybody has decided."""

    OPEN = "open"
    AGREED = "agreed"
    REJECTED = "rejected"


class Proposal(msgspec.Struct, frozen=True):
    """A proposal as stored."""

    id: UUID
    merchant_id: UUID
    kind: str
    content: str
    reason: str
    state: ProposalState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
