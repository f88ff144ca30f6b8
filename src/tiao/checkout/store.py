"""Rows to quotes and purchases, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from tiao.checkout.model import Offer, Purchase, Quote
from tiao.runtime.arrays import Bigints, Blobs, Smallints, Texts, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.checkout")
_OFFERS = msgspec.json.Decoder(tuple[Offer, ...])


class _QuoteRow(msgspec.Struct, frozen=True):
    bucket: int
    id: UUID
    merchant_id: UUID
    customer_id: UUID
    line_id: UUID
    currency: str
    amount_minor: int
    plans: bytes
    created_at: datetime
    expires_at: datetime
    accepted_plan: str | None
    accepted_at: datetime | None
    cost_sheet_digest: str | None

    def quote(self) -> Quote:
        values = {name: getattr(self, name) for name in self.__struct_fields__ if name != "plans"}
        return Quote(**values, offers=_OFFERS.decode(self.plans))


async def insert_quote(tx: Tx, quote: Quote) -> None:
    """Write a quote."""
    await tx.execute(
        _QUERIES.insert_quote,
        bucket=quote.bucket,
        id=quote.id,
        merchant=quote.merchant_id,
        customer=quote.customer_id,
        line=quote.line_id,
        currency=quote.currency,
        amount=quote.amount_minor,
        plans=msgspec.json.encode(quote.offers),
        created_at=quote.created_at,
        expires_at=quote.expires_at,
    )


async def read_quotes(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Quote]:
    """Read quotes by id."""
    if not ids:
        return {}
    rows = await tx.rows(_QUERIES.quotes, _QuoteRow, ids=Uuids(ids), buckets=sorted({bucket_of(i) for i in ids}))
    return {row.id: row.quote() for row in rows}


async def lock_quote(tx: Tx, quote_id: UUID) -> Quote | None:
    """Read a quote and lock it."""
    row = await tx.maybe(_QUERIES.lock_quote, _QuoteRow, bucket=bucket_of(quote_id), id=quote_id)
    return None if row is None else row.quote()


async def update_accepted(tx: Tx, quote_id: UUID, *, plan: str, digest: str, at: datetime) -> None:
    """Write which plan was accepted."""
    await tx.execute(_QUERIES.accept_quote, bucket=bucket_of(quote_id), id=quote_id, plan=plan, digest=digest, at=at)


async def read_known(tx: Tx, idempotency_ids: Sequence[UUID]) -> dict[UUID, Purchase]:
    """Read the purchases that keys stand for already."""
    rows = await tx.rows(_QUERIES.known_purchases, Purchase, ids=Uuids(idempotency_ids))
    return {row.idempotency_id: row for row in rows}


async def read_used_quotes(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Tell which quotes were used."""
    if not ids:
        return set()
    return set(await tx.column(_QUERIES.used_quotes, ids=Uuids(ids), buckets=sorted({bucket_of(i) for i in ids})))


async def insert_purchases(tx: Tx, purchases: Sequence[Purchase], *, at: datetime, expires_at: datetime) -> None:
    """Write purchases."""
    await tx.execute(
        _QUERIES.insert_purchases,
        bucket=Smallints(one.bucket for one in purchases),
        id=Uuids(one.id for one in purchases),
        idempotency=Uuids(one.idempotency_id for one in purchases),
        digest=Blobs(one.digest for one in purchases),
        line=Uuids(one.line_id for one in purchases),
        customer=Uuids(one.customer_id for one in purchases),
        merchant=Uuids(one.merchant_id for one in purchases),
        quote=Uuids(one.quote_id for one in purchases),
        plan_code=Texts(one.plan_code for one in purchases),
        fee_payer=Texts(one.fee_payer for one in purchases),
        reference=Texts(one.reference for one in purchases),
        currency=Texts(one.currency for one in purchases),
        amount=Bigints(one.amount_minor for one in purchases),
        captured=Bigints(one.captured_minor for one in purchases),
        outcome=Texts(one.outcome for one in purchases),
        reasons=Texts(",".join(one.decline_reasons) for one in purchases),
        closed_as=Texts(one.closed_as for one in purchases),
        at=at,
        expires_at=expires_at,
    )


async def read_purchase(tx: Tx, purchase_id: UUID) -> Purchase | None:
    """Read one purchase."""
    return await tx.maybe(_QUERIES.purchase, Purchase, bucket=bucket_of(purchase_id), id=purchase_id)


async def read_purchases_of_merchant(
    tx: Tx, merchant_id: UUID, *, before_at: datetime, before_id: UUID, limit: int
) -> list[Purchase]:
    """Read a merchant's purchases, latest first."""
    return await tx.rows(
        _QUERIES.purchases_of_merchant,
        Purchase,
        merchant=merchant_id,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
    )


async def read_purchases_of_customer(
    tx: Tx, customer_id: UUID, *, before_at: datetime, before_id: UUID, limit: int
) -> list[Purchase]:
    """Read a customer's purchases, latest first."""
    return await tx.rows(
        _QUERIES.purchases_of_customer,
        Purchase,
        bucket=bucket_of(customer_id),
        customer=customer_id,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
    )


async def change_purchase(
    tx: Tx,
    purchase_id: UUID,
    *,
    captured_minor: int = 0,
    released_minor: int = 0,
    refunded_minor: int = 0,
    closed_as: str | None = None,
) -> None:
    """Add to what became of a purchase."""
    await tx.execute(
        _QUERIES.change_purchase,
        bucket=bucket_of(purchase_id),
        id=purchase_id,
        captured=captured_minor,
        released=released_minor,
        refunded=refunded_minor,
        closed_as=closed_as,
    )


async def expire(tx: Tx, first: int, last: int, at: datetime) -> int:
    """Let expired authorisations go."""
    return int(await tx.value(_QUERIES.expire, first=first, last=last, at=at))
