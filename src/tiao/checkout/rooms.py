"""What of a line a purchase may not use: temporary, exclusive and scene limits, asked only of lines that have any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from tiao.checkout import store
from tiao.checkout.model import Facts, Order
from tiao.credit.limits import actions as limits
from tiao.credit.limits import rules
from tiao.credit.limits.model import Use
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def with_rooms(tx: Tx, now: Moment, orders: Sequence[Order], facts: Sequence[Facts]) -> list[Facts]:
    """Say of each order whose line has sublimits what the order may not use of it."""
    wanted = [order.line_id for order, seen in zip(orders, facts, strict=True) if seen.sublimits]
    sublimits = await limits.of_ids(tx, wanted)
    uses: dict[UUID, list[Use]] = defaultdict(list)
    for line_id, use in await store.read_uses(tx, wanted):
        uses[line_id].append(use)
    found = []
    for order, seen in zip(orders, facts, strict=True):
        kept = rules.withheld(
            sublimits.get(order.line_id, ()),
            uses[order.line_id],
            scene=seen.scene,
            merchant_id=order.merchant_id,
            today=now.today,
            available_minor=(seen.limit_minor - seen.held_minor - seen.used_minor) if seen.has_line else 0,
        )
        found.append(msgspec.structs.replace(seen, withheld_minor=kept))
    return found
