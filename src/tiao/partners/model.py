"""What a merchant and an API key are."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class MerchantStatus(StrEnum):
    """Whether new purchases may be made at a merchant and it is paid; refunds go on either way.

    One whose contract has ended sells nothing more and is paid what it is owed.
    """

    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class NewMerchant(msgspec.Struct, frozen=True):
    """What is agreed with a merchant. *discount_rate* is its exact share of every price (MDR)."""

    name: str
    category: str
    currency: str
    discount_rate: Decimal
    payout_account: str


class Merchant(msgspec.Struct, frozen=True):
    """A merchant on the platform."""

    id: UUID
    name: str
    category: str
    currency: str
    discount_rate: Decimal
    payout_account: str
    status: MerchantStatus
    joined_at: datetime


class Role(StrEnum):
    """In whose name a key calls."""

    CONSUMER = "consumer"
    MERCHANT = "merchant"
    OPERATOR = "operator"


class ApiKey(msgspec.Struct, frozen=True):
    """A key as it is kept: without its token, of which only the digest is stored."""

    id: UUID
    role: Role
    subject_id: UUID
    scopes: list[str]
    label: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    #: The operator who issued it in another operator's name, and who else confirmed that it is theirs.
    issued_by: UUID | None = None
    confirmed_by: UUID | None = None


class IssuedKey(NamedTuple):
    """A new key and its token, which nobody can read again."""

    key: ApiKey
    token: str

    def __repr__(self) -> str:
        """Leave the token out."""
        return f"IssuedKey({self.key.id})"


class Principal(NamedTuple):
    """Who is calling, and what it may do."""

    key_id: UUID
    role: Role
    subject_id: UUID
    scopes: frozenset[str]
    #: An operator's key that another issued and nobody else has confirmed: it changes nothing.
    is_waiting: bool = False
