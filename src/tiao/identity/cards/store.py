"""Rows to cards and back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.identity.cards.model import Card
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.identity.cards")


async def insert_card(tx: Tx, card: Card) -> None:
    """Write a card whose binding begins."""
    await tx.execute(
        _QUERIES.begin_card,
        bucket=card.bucket,
        id=card.id,
        customer=card.customer_id,
        number_sealed=card.number_sealed,
        number_hmac=card.number_hmac,
        tail=card.tail,
        issuer=card.issuer,
        kind=card.kind,
        account_class=card.account_class,
        code_hmac=card.code_hmac,
        code_until=card.code_until,
        at=card.made_at,
    )


async def lock_card(tx: Tx, customer_id: UUID, card_id: UUID) -> Card | None:
    """Lock a customer's card and read it."""
    return await tx.maybe(_QUERIES.lock_card, Card, bucket=bucket_of(customer_id), id=card_id, customer=customer_id)


async def read_cards_of(tx: Tx, customer_id: UUID) -> list[Card]:
    """Read a customer's cards."""
    return await tx.rows(_QUERIES.cards_of, Card, bucket=bucket_of(customer_id), customer=customer_id)


async def update_card(tx: Tx, card: Card) -> None:
    """Write what became of a card."""
    await tx.execute(
        _QUERIES.set_card,
        bucket=card.bucket,
        id=card.id,
        state=card.state,
        source=card.source_id,
        number_sealed=card.number_sealed,
        number_hmac=card.number_hmac,
        code_hmac=card.code_hmac,
        code_until=card.code_until,
        code_tries=card.code_tries,
        bound_at=card.bound_at,
        ended_at=card.ended_at,
    )


async def end_stale(tx: Tx, first: int, last: int, at: datetime) -> int:
    """Forget cards that were never confirmed."""
    return await tx.execute(_QUERIES.end_stale_cards, first=first, last=last, at=at)
