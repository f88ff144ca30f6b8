"""Rows to consents and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from tiao.privacy.model import BureauConsent, Consent, Purpose
from tiao.runtime.arrays import Smallints, Texts, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.privacy")


class _Allowed(NamedTuple):
    customer_id: UUID
    purpose: str


async def insert(tx: Tx, consent_id: UUID, customer_id: UUID, purpose: Purpose, at: datetime) -> None:
    """Write a consent."""
    await tx.execute(
        _QUERIES.give, bucket=bucket_of(customer_id), id=consent_id, customer=customer_id, purpose=purpose.value, at=at
    )


async def insert_agreement(tx: Tx, customer_id: UUID, text: str, version_on: date, at: datetime) -> None:
    """Write that a text was agreed to."""
    await tx.execute(
        _QUERIES.agree, bucket=bucket_of(customer_id), customer=customer_id, text=text, version_on=version_on, at=at
    )


async def end(tx: Tx, customer_id: UUID, purpose: Purpose, at: datetime) -> None:
    """Take a consent back."""
    await tx.execute(_QUERIES.revoke, bucket=bucket_of(customer_id), customer=customer_id, purpose=purpose.value, at=at)


async def read(tx: Tx, customer_id: UUID) -> list[Consent]:
    """Read a customer's consents."""
    return await tx.rows(_QUERIES.consents, Consent, bucket=bucket_of(customer_id), customer=customer_id)


async def read_in_force(tx: Tx, customer_ids: Sequence[UUID], at: datetime) -> list[tuple[UUID, Purpose]]:
    """Read what customers allow."""
    buckets = sorted({bucket_of(each) for each in customer_ids})
    rows = await tx.rows(_QUERIES.in_force, _Allowed, customers=list(customer_ids), buckets=buckets, at=at)
    return [(row.customer_id, Purpose(row.purpose)) for row in rows]


async def insert_bureau_consents(tx: Tx, given: Sequence[BureauConsent]) -> None:
    """Write consents to queries."""
    await tx.execute(
        _QUERIES.give_bureau_consents,
        bucket=Smallints(each.bucket for each in given),
        application=Uuids(each.application_id for each in given),
        customer=Uuids(each.customer_id for each in given),
        text_version=[each.text_version for each in given],
        language=Texts(each.language for each in given),
        channel=Texts(each.channel.value for each in given),
        given_at=[each.given_at for each in given],
    )


async def read_bureau_consents(tx: Tx, customer_id: UUID) -> list[BureauConsent]:
    """Read a customer's consents to queries."""
    return await tx.rows(_QUERIES.bureau_consents, BureauConsent, bucket=bucket_of(customer_id), customer=customer_id)
