"""Rows to accounts and keys and back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.partners.accounts.model import Account, KeyPair
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.partners.accounts")
#: One number for "somebody makes the platform's key"; the ASCII codes of `pkey`.
_KEY_LOCK = 0x706B6579


async def insert_account(tx: Tx, account: Account, token_digest: bytes | None) -> None:
    """Write an account."""
    await tx.execute(
        _QUERIES.insert_account,
        id=account.id,
        merchant=account.merchant_id,
        app_id=account.app_id,
        mchid=account.mchid,
        appid=account.appid,
        public_key=account.public_key,
        serial=account.certificate_serial,
        secret=account.secret_key_sealed,
        allow=account.notify_allow,
        payer=account.test_payer_id,
        token=token_digest,
        at=account.opened_at,
    )


async def read_account_of_number(tx: Tx, number: str) -> Account | None:
    """Read the account of an app_id or a mchid."""
    return await tx.maybe(_QUERIES.account_of_number, Account, number=number)


async def read_account(tx: Tx, account_id: UUID) -> Account | None:
    """Read one account."""
    return await tx.maybe(_QUERIES.account, Account, id=account_id)


async def read_accounts(tx: Tx, merchant_id: UUID) -> list[Account]:
    """Read a merchant's accounts."""
    return await tx.rows(_QUERIES.accounts_of, Account, merchant=merchant_id)


async def read_account_of_token(tx: Tx, digest: bytes) -> Account | None:
    """Read the account that a test token opens."""
    return await tx.maybe(_QUERIES.account_of_token, Account, digest=digest)


async def insert_platform_key(tx: Tx, pair: KeyPair) -> None:
    """Write the platform's key."""
    await tx.execute(
        _QUERIES.insert_platform_key,
        id=pair.id,
        private_key=pair.private_key_sealed,
        certificate=pair.certificate,
        serial=pair.certificate_serial,
        public_key_id=pair.public_key_id,
        at=pair.made_at,
    )


async def read_platform_key(tx: Tx) -> KeyPair | None:
    """Read the platform's newest key."""
    return await tx.maybe(_QUERIES.platform_key, KeyPair)


async def lock_platform_key(tx: Tx) -> None:
    """Let nobody else make a key until this transaction ends."""
    await tx.execute(_QUERIES.lock_platform_key, lock=_KEY_LOCK)


async def insert_payment_code(tx: Tx, account_id: UUID, *, code: str, behaviour: str, expires_at: datetime) -> None:
    """Write a payment code."""
    await tx.execute(
        _QUERIES.insert_payment_code, code=code, account=account_id, behaviour=behaviour, expires_at=expires_at
    )


async def is_payment_code(tx: Tx, account_id: UUID, code: str) -> bool:
    """Tell whether a code was written for an account."""
    return bool(await tx.value(_QUERIES.is_payment_code, code=code, account=account_id))


async def burn_payment_code(tx: Tx, account_id: UUID, *, code: str, at: datetime) -> str | None:
    """Use a payment code up and give its payer's behaviour; None when it is none, used or old."""
    found: str | None = await tx.value(_QUERIES.burn_payment_code, code=code, account=account_id, at=at)
    return found


async def insert_nonce(tx: Tx, account_id: UUID, nonce: str, at: datetime) -> bool:
    """Write what a request was numbered; False when it was seen before."""
    return await tx.execute(_QUERIES.insert_nonce, account=account_id, nonce=nonce, at=at) == 1


async def delete_nonces(tx: Tx, before: datetime) -> int:
    """Forget numbers seen before an instant, and count them."""
    return await tx.execute(_QUERIES.delete_nonces, before=before)
