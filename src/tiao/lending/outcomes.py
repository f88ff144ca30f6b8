"""What became of customers, for whoever judges the models that let them in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.lending", "facts.sql")

#: An outcome is ripe this long after a customer's first loan. The same for good and bad: else the young are all bad.
RIPE_DAYS = 180
#: Bad is 61 or more days late in that time.
BAD_FROM_STAGE = 3
#: Who is 31 days late with the first payment and never made one most likely never meant to. Source: the usual mark of
#: first-payment default.
NEVER_PAID_STAGE = 2


async def outcomes(tx: Tx, *, today: date, ripe_days: int = RIPE_DAYS) -> dict[UUID, bool]:
    """Tell of each customer whose first loan is *ripe_days* old whether they turned bad in that time.

    Who never took a loan, or not long enough ago, is not named: nothing is known of them.
    """
    _, rows = await tx.table(_QUERIES.outcomes, today=today, days=ripe_days, stage=BAD_FROM_STAGE)
    return {customer: bool(is_bad) for customer, is_bad in rows}


class NeverPaid(NamedTuple):
    """A purchase on a line on which nothing was ever paid."""

    purchase_id: UUID
    customer_id: UUID


async def never_paid(tx: Tx, first: int, last: int, day: date) -> list[NeverPaid]:
    """Tell the purchases of a range of buckets that became 31 days late on a day, where nobody ever paid anything."""
    return await tx.rows(_QUERIES.never_paid, NeverPaid, first=first, last=last, day=day, stage=NEVER_PAID_STAGE)


async def have_paid(tx: Tx, first: int, last: int, customer_ids: Sequence[UUID]) -> set[UUID]:
    """Tell which of some customers have paid something."""
    return set(await tx.column(_QUERIES.have_paid, first=first, last=last, customers=list(customer_ids)))
