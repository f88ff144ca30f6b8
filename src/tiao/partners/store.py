"""Rows to merchants and keys and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from tiao.partners.model import ApiKey, Merchant, MerchantStatus, Role
from tiao.runtime.arrays import Blobs
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.partners")


class MerchantVersion(msgspec.Struct, frozen=True):
    """A merchant as one version of the directory has it."""

    id: UUID
    name: str
    category: str
    currency: str
    discount_rate: Decimal
    payout_account: str
    status: MerchantStatus
    joined_at: datetime
    version: int


class KeyVersion(msgspec.Struct, frozen=True):
    """A key of a merchant or operator as one version of the directory has it."""

    id: UUID
    key_digest: bytes
    role: Role
    subject_id: UUID
    scopes: list[str]
    label: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    issued_by: UUID | None
    confirmed_by: UUID | None
    version: int


class _Kept(ApiKey, frozen=True, kw_only=True):
    key_digest: bytes


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
        issued_by=key.issued_by,
        confirmed_by=key.confirmed_by,
    )


async def read_keys_of_digests(tx: Tx, key_digests: Sequence[bytes]) -> dict[bytes, ApiKey]:
    """Read the keys of tokens' digests."""
    if not key_digests:
        return {}
    rows = await tx.rows(_QUERIES.keys_of_digests, _Kept, key_digests=Blobs(key_digests))
    return {row.key_digest: row for row in rows}


async def lock_key(tx: Tx, key_id: UUID) -> ApiKey | None:
    """Read a key and lock it."""
    return await tx.maybe(_QUERIES.lock_key, ApiKey, id=key_id)


async def read_keys_of_subject(tx: Tx, subject_id: UUID) -> list[ApiKey]:
    """Read the keys of a subject."""
    return await tx.rows(_QUERIES.keys_of_subject, ApiKey, subject_id=subject_id)


async def lock_operator_name(tx: Tx, name: str) -> None:
    """Let nobody else give this name to an operator until this is done."""
    await tx.execute(_QUERIES.lock_operator_name, name=name)


async def read_operator_named(tx: Tx, name: str) -> UUID | None:
    """Read who goes by a name."""
    found: UUID | None = await tx.value(_QUERIES.operator_named, name=name)
    return found


async def read_operator_names(tx: Tx) -> dict[UUID, str]:
    """Read the names of operators."""
    _, rows = await tx.table(_QUERIES.operator_names)
    return dict(rows)


async def update_key_end(tx: Tx, key: ApiKey) -> None:
    """Write when a key ends, and with it what was opened with it."""
    await tx.execute(_QUERIES.end_key, id=key.id, revoked_at=key.revoked_at, expires_at=key.expires_at)
    await tx.execute(_QUERIES.end_sessions, key=key.id, revoked_at=key.revoked_at, expires_at=key.expires_at)


async def update_key_confirmed(tx: Tx, key_id: UUID, by: UUID) -> None:
    """Write who confirmed a key, and with it what was opened with it."""
    await tx.execute(_QUERIES.confirm_key, key=key_id, by=by)


async def insert_session(tx: Tx, session_id: UUID, key_id: UUID) -> None:
    """Write which key a session was opened with."""
    await tx.execute(_QUERIES.note_session, session=session_id, key=key_id)


async def read_version(tx: Tx) -> int:
    """Read how far the directory of this server has come."""
    return int(await tx.value(_QUERIES.directory_version))


async def read_changed(tx: Tx, after: int, limit: int) -> list[MerchantVersion | KeyVersion]:
    """Read what was written after a version, in order; at most *limit*, and none left out before the last one."""
    found: list[MerchantVersion | KeyVersion] = [
        *await tx.rows(_QUERIES.merchants_changed, MerchantVersion, after=after, limit=limit),
        *await tx.rows(_QUERIES.keys_changed, KeyVersion, after=after, limit=limit),
    ]
    return sorted(found, key=lambda each: each.version)[:limit]


async def follow(tx: Tx, change: MerchantVersion | KeyVersion) -> None:
    """Write one merchant or key as it is at home."""
    values = {field: getattr(change, field) for field in change.__struct_fields__}
    if isinstance(change, MerchantVersion):
        await tx.execute(_QUERIES.follow_merchant, **values | {"status": change.status.value})
    else:
        await tx.execute(_QUERIES.follow_key, **values | {"role": change.role.value})
