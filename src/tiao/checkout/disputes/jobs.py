"""Deadlines of disputes: what a merchant has not answered in its time is decided for the customer."""

from __future__ import annotations

from uuid import UUID

import structlog

from tiao.checkout.disputes import actions
from tiao.checkout.disputes.model import Dispute
from tiao.checkout.offers import OfferBook
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource
from tiao.values.refusal import Refusal


async def lapse_due(db: Database, moments: MomentSource, book: OfferBook) -> int:
    """Decide what is due, each in a transaction of its own; what cannot be refunded is left for people. Counts them."""
    async with db.begin() as tx:
        due = await actions.undefended(tx, await moments(tx))
    lapsed = 0
    for dispute_id in due:

        async def end(tx: Tx, wanted: UUID = dispute_id) -> Dispute | None:
            return await actions.lapse(tx, await moments(tx), book, wanted)

        try:
            lapsed += await db.retrying(end) is not None
        except Refusal as refusal:
            structlog.get_logger().warning("job", job="lapse_disputes", code=refusal.code, dispute_id=str(dispute_id))
    return lapsed
