"""What became of customers, for whoever judges the models that let them in."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.lending", "facts.sql")

#: An outcome is ripe this long after a customer's first loan. The same for good and bad: else the young are all bad.
RIPE_DAYS = 180
#: Bad is 61 or more days late in that time.
BAD_FROM_STAGE = 3


async def outcomes(tx: Tx, *, today: date, ripe_days: int = RIPE_DAYS) -> dict[UUID, bool]:
    """Tell of each customer whose first loan is *ripe_days* old whether they turned bad in that time.

    Who never took a loan, or not long enough ago, is not named: nothing is known of them.
    """
    _, rows = await tx.table(_QUERIES.outcomes, today=today, days=ripe_days, stage=BAD_FROM_STAGE)
    return {customer: bool(is_bad) for customer, is_bad in rows}
