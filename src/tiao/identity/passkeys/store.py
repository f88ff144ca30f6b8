"""Rows to passkeys and back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.identity.passkeys.model import Challenge, EndedAs, Passkey
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.identity.passkeys")


async def insert_passkey(tx: Tx, passkey: Passkey) -> None:
    """Write a new passkey."""
    await tx.execute(
        _QUERIES.add_passkey,
        bucket=passkey.bucket,
        id=passkey.id,
        customer=passkey.customer_id,
        rp_id=passkey.rp_id,
        credential=passkey.credential_id,
        public_key=passkey.public_key,
        sign_count=passkey.sign_count,
        name=passkey.name,
        is_synced=passkey.is_synced,
        at=passkey.added_at,
    )


async def read_passkeys_of(tx: Tx, customer_id: UUID) -> list[Passkey]:
    """Read a customer's passkeys, ended ones too."""
    return await tx.rows(_QUERIES.passkeys_of, Passkey, bucket=bucket_of(customer_id), customer=customer_id)


async def lock_passkey(tx: Tx, customer_id: UUID, credential_id: bytes) -> Passkey | None:
    """Lock a customer's passkey that is in use, and read it."""
    return await tx.maybe(
        _QUERIES.lock_passkey, Passkey, bucket=bucket_of(customer_id), customer=customer_id, credential=credential_id
    )


async def note_use(tx: Tx, passkey: Passkey, sign_count: int, at: datetime) -> None:
    """Write what a passkey's device has counted."""
    await tx.execute(_QUERIES.use_passkey, bucket=passkey.bucket, id=passkey.id, sign_count=sign_count, at=at)


async def update_name(tx: Tx, customer_id: UUID, passkey_id: UUID, name: str) -> int:
    """Write a passkey's name; counts what was found."""
    return await tx.execute(
        _QUERIES.name_passkey, bucket=bucket_of(customer_id), id=passkey_id, customer=customer_id, name=name
    )


async def end_passkey(tx: Tx, customer_id: UUID, passkey_id: UUID, ended_as: EndedAs, at: datetime) -> int:
    """Write that a passkey is over; counts what was found."""
    return await tx.execute(
        _QUERIES.end_passkey,
        bucket=bucket_of(customer_id),
        id=passkey_id,
        customer=customer_id,
        ended_as=ended_as,
        at=at,
    )


async def insert_challenge(tx: Tx, challenge: Challenge, at: datetime) -> None:
    """Write what a device is asked to sign."""
    await tx.execute(
        _QUERIES.ask_passkey,
        bucket=challenge.bucket,
        id=challenge.id,
        customer=challenge.customer_id,
        purpose=challenge.purpose,
        nonce=challenge.nonce,
        about=challenge.about_id,
        amount_minor=challenge.amount_minor,
        currency=challenge.currency,
        expires_at=challenge.expires_at,
        at=at,
    )


async def take_challenge(tx: Tx, customer_id: UUID, challenge_id: UUID, at: datetime) -> Challenge | None:
    """Take away what a device was asked to sign."""
    return await tx.maybe(
        _QUERIES.take_challenge,
        Challenge,
        bucket=bucket_of(customer_id),
        id=challenge_id,
        customer=customer_id,
        at=at,
    )
