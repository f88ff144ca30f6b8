"""What one person may move on a line alone. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from tiao.lending.archive import AdjustmentKind, LineFacts
from tiao.lending.records import ReceiptKind
from tiao.lending.seconding.refusals import AmountTakesTwoPeople

#: What was moved alone counts for so long: an amount that two people see is not moved in parts within a day.
COUNTED = timedelta(days=1)
_BY_HAND = (ReceiptKind.TRANSFER, ReceiptKind.GOODWILL)


def check_alone(facts: LineFacts, made_id: UUID, *, since: datetime, agreed: Collection[UUID], from_minor: int) -> None:
    """Demand that what was just done is small enough for one person, with all that was done alone since an instant.

    What was put on the line or let go counts together, and so does what was taken back.
    Refuses: AmountTakesTwoPeople.
    """
    for moved in (_given(facts, since), _taken(facts, since)):
        if made_id not in moved:
            continue
        alone_minor = sum(amount for each, amount in moved.items() if each not in agreed and each != made_id)
        if alone_minor + moved[made_id] >= from_minor:
            raise AmountTakesTwoPeople(
                f"from {from_minor} on, within a day, another person agrees: propose it",
                from_minor=from_minor,
                left_minor=max(0, from_minor - 1 - alone_minor),
            )


def _given(facts: LineFacts, since: datetime) -> dict[UUID, int]:
    put = [one for one in facts.repayments if one.kind in _BY_HAND and one.recorded_at > since]
    let_go = [one for one in facts.adjustments if one.kind is AdjustmentKind.WAIVER and one.recorded_at > since]
    return {one.id: one.amount_minor for one in put} | {one.id: one.amount_minor for one in let_go}


def _taken(facts: LineFacts, since: datetime) -> dict[UUID, int]:
    amounts = {one.id: one.amount_minor for one in facts.repayments}
    return {
        one.id: amounts[one.undoes_id]
        for one in facts.adjustments
        if one.kind is AdjustmentKind.REVERSAL and one.recorded_at > since and one.undoes_id in amounts
    }
