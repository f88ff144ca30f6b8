"""What collections teach: nothing was ever paid, so most likely nobody meant to; or somebody did after all."""

from __future__ import annotations

from datetime import date

from tiao.lending import outcomes
from tiao.risk.labels import actions as labels
from tiao.risk.labels.model import NewLabel, Source
from tiao.runtime.db import Tx
from tiao.values.moment import Moment

COLLECTIONS = "collections"


async def label_day(tx: Tx, now: Moment, first: int, last: int, day: date) -> int:
    """Say what a day's ageing shows of purchases in a range of buckets; said already, nothing is said again."""
    found = await outcomes.never_paid(tx, first, last, day)
    said = await labels.labels_of(tx, [each.purchase_id for each in found]) if found else []
    known = {each.purchase_id for each in said if each.source is Source.COLLECTIONS}
    new = [
        NewLabel(each.purchase_id, each.customer_id, Source.COLLECTIONS, is_fraud=True, actor=COLLECTIONS)
        for each in found
        if each.purchase_id not in known
    ]
    unpaid = await labels.unpaid(tx, first, last)
    paid = await outcomes.have_paid(tx, first, last, [each.customer_id for each in unpaid]) if unpaid else set()
    new += [
        NewLabel(each.purchase_id, each.customer_id, Source.COLLECTIONS, is_fraud=False, actor=COLLECTIONS)
        for each in unpaid
        if each.customer_id in paid
    ]
    await labels.tell(tx, now, new)
    return len(new)
