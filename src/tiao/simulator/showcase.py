"""Whom to show in a world that has lived: the busiest merchant, and a customer with room to buy."""

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


async def showcase(tx: Tx) -> tuple[ShowMerchant, ShowCustomer]:
    """Find whom to show."""
    merchant = await tx.one(_QUERIES.busiest_merchant, ShowMerchant)
    return merchant, await tx.one(_QUERIES.showable_customer, ShowCustomer)
