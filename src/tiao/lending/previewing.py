"""Where money would go if it came today, before anybody pays it."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from tiao.lending import actions, store
from tiao.lending.allocation import allocate
from tiao.lending.model import AllocatedPart
from tiao.lending.records import LoanInstalment
from tiao.lending.refusals import NothingOwed, RepaymentExceedsOwed
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


class Preview(NamedTuple):
    """What each instalment would get, in the order in which it is met, and the instalments as they stand."""

    parts: list[AllocatedPart]
    open_now: dict[tuple[UUID, int], LoanInstalment]
    owed_minor: int


async def preview(tx: Tx, now: Moment, line_id: UUID, amount_minor: int, *, cause: UUID) -> Preview:
    """Put an amount against what a line owes as a repayment of today would be, and write nothing down of it.

    Refuses: NothingOwed, RepaymentExceedsOwed.
    """
    await actions.bring_up_to_date(tx, now, [line_id], cause=cause)
    owed = await store.read_open_instalments(tx, [line_id])
    total = sum(part.open_minor for part in owed)
    if total == 0:
        raise NothingOwed
    if amount_minor > total:
        raise RepaymentExceedsOwed(pointer="/amount_minor", owed_minor=total)
    parts, _ = allocate(amount_minor, [part.as_open(now.today) for part in owed])
    return Preview(parts, {part.key: part for part in owed}, total)
