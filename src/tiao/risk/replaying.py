"""Everything that was folded on a server, folded anew in its order, and held against what is remembered."""

from __future__ import annotations

from uuid import UUID

from tiao.risk import store
from tiao.risk.actions import outcome_of
from tiao.risk.deciding import WITHOUT_STATES
from tiao.risk.live import Asked, from_bytes, instant
from tiao.risk.records import Decision, Said
from tiao.risk.states import Remembered, Row
from tiao.runtime.db import Tx

#: Decisions read at a time.
_CHUNK = 1_000


async def remembered(tx: Tx) -> list[Row]:
    """Read everything that is remembered on this server, in the form of today. Refuses: StateUnreadable."""
    return Remembered(await store.read_remembered(tx)).all_rows()


async def replayed(tx: Tx) -> list[Row]:
    """Fold all payments and outcomes of this server anew, in the order in which they were folded."""
    folded = await store.read_folded(tx)
    decisions: dict[UUID, Decision] = {}
    ids = [each.purchase_id for each in folded if each.is_fraud is None]
    for start in range(0, len(ids), _CHUNK):
        decisions |= await store.read_decisions(tx, ids[start : start + _CHUNK])
    said: dict[UUID, Said] = {}
    known = Remembered()
    for each in folded:
        decision = decisions[each.purchase_id]
        if each.is_fraud is None:
            if from_bytes(decision.inputs).fallback not in WITHOUT_STATES:
                known.pay(_asked(decision))
            continue
        before = said.get(each.purchase_id)
        known.learn(outcome_of(decision, each), before=None if before is None else outcome_of(decision, before))
        said[each.purchase_id] = each
    return known.rows()


async def differing(tx: Tx) -> list[tuple[int, str]]:
    """Name whose stored state is not what the replay gives, byte by byte."""
    stored = {(row.place, row.key): row.content for row in await remembered(tx)}
    anew = {(row.place, row.key): row.content for row in await replayed(tx)}
    return sorted(key for key in stored.keys() | anew.keys() if stored.get(key) != anew.get(key))


def _asked(decision: Decision) -> Asked:
    inputs = from_bytes(decision.inputs)
    return Asked(
        at=instant(inputs.at),
        hour=inputs.hour,
        weekday=inputs.weekday,
        entities=decision.entities,
        amount_minor=inputs.amount_minor,
        limit_minor=inputs.limit_minor,
        held_minor=inputs.held_minor,
        used_minor=inputs.used_minor,
        plan=inputs.plan,
        scene=inputs.scene,
        is_captured=inputs.is_captured,
        is_quoted=inputs.is_quoted,
    )
