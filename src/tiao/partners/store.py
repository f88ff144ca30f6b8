"""Rows to merchants and keys and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from tiao.partners.model import ApiKey, Merchant, MerchantStatus
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.partners")


async def insert_merchant(tx: Tx, merchant: Merchant) -> None:
    """Write a new merchant."""
    await tx.execute(
        _QUERIES.create_merchant,
        id=merchant.id,
        name=merchant.name,
        category=merchant.category,
        currency=merchant.currency,
        discount_rate=merchant.discount_rate,
        payout_account=merchant.payout_account,
        status=merchant.status.value,
        joined_at=merchant.joined_at,
    )


async def read_merchants(tx: Tx, merchant_ids: Sequence[UUID]) -> list[Merchant]:
    """Read merchants by id."""
    return await tx.rows(_QUERIES.merchants, Merchant, ids=list(merchant_ids))


async def read_merchants_after(tx: Tx, after: UUID, count: int) -> list[Merchant]:
    """Read a page of merchants."""
    return await tx.rows(_QUERIES.merchants_after, Merchant, after=after, count=count)


async def update_merchant_status(tx: Tx, merchant_id: UUID, status: MerchantStatus) -> int:
    """Write a merchant's status."""
    return await tx.execute(_QUERIES.set_merchant_status, id=merchant_id, status=status.value)


async def update_discount_rate(tx: Tx, merchant_id: UUID, discount_rate: Decimal) -> int:
    """Write a merchant's discount rate."""
    return await tx.execute(_QUERIES.set_discount_rate, id=merchant_id, discount_rate=discount_rate)


async def insert_key(tx: Tx, key: ApiKey, key_digest: bytes) -> None:
    """Write a new key."""
    await tx.execute(
        _QUERIES.issue_key,
        id=key.id,
        key_digest=key_digest,
        role=key.role.value,
        subject_id=key.subject_id,
        scopes=key.scopes,
        label=key.label,
        created_at=key.created_at,
        expires_at=key.expires_at,
    )


async def read_key_of_digest(tx: Tx, key_digest: bytes) -> ApiKey | None:
    """Read the key of a token's digest."""
    return await tx.maybe(_QUERIES.key_of_digest, ApiKey, key_digest=key_digest)


async def lock_key(tx: Tx, key_id: UUID) -> ApiKey | None:
    """Read a key and lock it."""
    return await tx.maybe(_QUERIES.lock_key, ApiKey, id=key_id)


async def read_keys_of_subject(tx: Tx, subject_id: UUID) -> list[ApiKey]:
    """Read the keys of a subject."""
    return await tx.rows(_QUERIES.keys_of_subject, ApiKey, subject_id=subject_id)


async def update_key_end(tx: Tx, key: ApiKey) -> None:
    """Write when a key ends."""
    await tx.execute(_QUERIES.end_key, id=key.id, revoked_at=key.revoked_at, expires_at=key.expires_at)
