"""Rows to customers and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tiao.identity.model import Customer
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.identity")


async def insert_customers(tx: Tx, customers: Sequence[Customer]) -> None:
    """Write new customers, all registered at one instant."""
    await tx.execute(
        _QUERIES.register,
        bucket=[customer.bucket for customer in customers],
        id=[customer.id for customer in customers],
        identity_hmac=[customer.identity_hmac for customer in customers],
        name=[customer.name_sealed for customer in customers],
        identity=[customer.identity_sealed for customer in customers],
        phone=[customer.phone_sealed for customer in customers],
        phone_tail=[customer.phone_tail for customer in customers],
        phone_hmac=[customer.phone_hmac for customer in customers],
        born_on=[customer.born_on for customer in customers],
        registered_at=customers[0].registered_at,
    )


async def read_customers(tx: Tx, customer_ids: Sequence[UUID]) -> list[Customer]:
    """Read customers by id."""
    return await tx.rows(
        _QUERIES.customers, Customer, ids=list(customer_ids), buckets=sorted({bucket_of(i) for i in customer_ids})
    )


async def read_customers_of_identities(
    tx: Tx, identity_hmacs: Sequence[bytes], buckets: Sequence[int]
) -> list[Customer]:
    """Read customers by the digest of their identity number."""
    return await tx.rows(
        _QUERIES.customers_of_identities, Customer, identity_hmacs=list(identity_hmacs), buckets=sorted(set(buckets))
    )


async def read_customers_of_phone(tx: Tx, phone_hmac: bytes, phone_tail: str) -> list[Customer]:
    """Read customers who may have a phone, the newest last."""
    return await tx.rows(_QUERIES.customers_of_phone, Customer, phone_hmac=phone_hmac, phone_tail=phone_tail)
