"""What can be done with sublimits: read, grant, end when their last day is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from tiao.credit.limits import rules, store
from tiao.credit.limits.model import LimitKind, Sublimit
from tiao.credit.strategy import LimitPolicy
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def of_lines(tx: Tx, lines: Iterable[CreditLine]) -> dict[UUID, list[Sublimit]]:
    """Read the sublimits of lines, by line; lines that have none are not asked about."""
    return await of_ids(tx, [line.id for line in lines if line.sublimits])


async def of_ids(tx: Tx, line_ids: Sequence[UUID]) -> dict[UUID, list[Sublimit]]:
    """Read the sublimits of lines that have any, by line."""
    found: dict[UUID, list[Sublimit]] = defaultdict(list)
    if line_ids:
        for each in await store.read(tx, line_ids):
            found[each.line_id].append(each)
    return found


async def extras_of(tx: Tx, lines: Iterable[CreditLine]) -> dict[UUID, int]:
    """Add up what sublimits add to lines, by line; the rest of a line's limit is its fixed one."""
    return {line_id: rules.extras(found) for line_id, found in (await of_lines(tx, lines)).items()}


async def grant(tx: Tx, line: CreditLine, sublimit: Sublimit) -> None:
    """Put a sublimit into force: the line's limit holds what it adds."""
    await store.insert(tx, [sublimit])
    await ledger.set_limits(tx, [(line.id, line.limit_target_minor + sublimit.extra_minor)])


async def bound_scenes(tx: Tx, now: Moment, policy: LimitPolicy, lines: Sequence[CreditLine]) -> None:
    """Bound what new lines may owe in the scenes that the policy names."""
    bounds = [
        Sublimit(
            bucket=line.bucket,
            id=now.new_id(line.bucket),
            line_id=line.id,
            customer_id=line.customer_id,
            kind=LimitKind.SCENE,
            scene=scene.scene,
            merchant_id=None,
            amount_minor=max(1, int(line.limit_minor * scene.share)),
            ends_on=None,
            granted_id=line.id,
            granted_at=now.at,
        )
        for line in lines
        for scene in policy.scenes
    ]
    if bounds:
        await store.insert(tx, bounds)


async def end_over(tx: Tx, now: Moment, first: int, last: int, day: date) -> list[Sublimit]:
    """Take back what ends with a day; below what is in use the line's limit is reached as the use falls."""
    over = await store.read_over(tx, first, last, day)
    if over:
        await _take_back(tx, now, over)
    return over


async def _take_back(tx: Tx, now: Moment, over: Sequence[Sublimit]) -> None:
    lines = await ledger.lock_lines(tx, sorted({each.line_id for each in over}))
    less: dict[UUID, int] = defaultdict(int)
    for each in over:
        less[each.line_id] += each.extra_minor
    await store.end(tx, over, now.at)
    await ledger.set_limits(tx, [(line.id, line.limit_target_minor - less[line.id]) for line in lines.values()])
