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


Content: TypeAlias = TermsProposed | ShareProposed | AdjustmentProposed | DiscountProposed | ReinstatementProposed


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
