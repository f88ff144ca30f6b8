"""What may be proposed about a line: money put on it by hand, a repayment taken back, a claim let go."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

import msgspec

from tiao.lending.life import Component
from tiao.lending.records import ReceiptKind


class ReceiptProposed(msgspec.Struct, frozen=True, tag="receipt", tag_field="kind"):
    """Put money on the line as of a day: a bank transfer, or goodwill of the lender. *Units*: minor units."""

    receipt: ReceiptKind
    amount_minor: int
    effective_on: date


class ReversalProposed(msgspec.Struct, frozen=True, tag="reversal", tag_field="kind"):
    """Take a repayment back."""

    repayment_id: UUID


class WaiverProposed(msgspec.Struct, frozen=True, tag="waiver", tag_field="kind"):
    """Let part of a loan's penalty or fee go. *Units*: minor units."""

    loan_id: UUID
    component: Component
    amount_minor: int


Content: TypeAlias = ReceiptProposed | ReversalProposed | WaiverProposed


class MoneyProposalState(StrEnum):
    """Whether anybody has decided."""

    OPEN = "open"
    AGREED = "agreed"
    REJECTED = "rejected"


class MoneyProposal(msgspec.Struct, frozen=True):
    """A proposal as stored. *made* is the repayment or the adjustment that came of it. *Units*: minor units."""

    bucket: int
    id: UUID
    line_id: UUID
    customer_id: UUID
    kind: str
    content: str
    currency: str
    amount_minor: int
    reason: str
    state: MoneyProposalState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    made_id: UUID | None
