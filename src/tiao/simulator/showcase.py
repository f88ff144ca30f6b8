"""Whom to show in a world that has lived: the busiest merchant, a customer with room to buy, an eventful line."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.simulator")


class ShowMerchant(NamedTuple):
    """A merchant to look at."""

    id: UUID
    name: str


class ShowCustomer(NamedTuple):
    """A customer to look at, with the line and the account."""

    customer_id: UUID
    line_id: UUID
    funding_source_id: UUID


class Showcase(NamedTuple):
    """Whom to show. About *eventful_line_id* people decided the most kinds of things."""

    merchant: ShowMerchant
    customer: ShowCustomer
    eventful_line_id: UUID


async def showcase(tx: Tx) -> Showcase:
    """Find whom to show."""
    return Showcase(
        await tx.one(_QUERIES.busiest_merchant, ShowMerchant),
        await tx.one(_QUERIES.showable_customer, ShowCustomer),
        await tx.value(_QUERIES.eventful_line),
    )
