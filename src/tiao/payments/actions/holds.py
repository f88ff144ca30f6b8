"""Settlements that wait: computed and booked as ever, and not paid out until somebody frees them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tiao.payments import store
from tiao.payments.model import SettlementHold
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def hold_settlements(tx: Tx, now: Moment, reasons: Mapping[UUID, str], *, actor: str) -> set[UUID]:
    """Let merchants wait for their money, each with its reason; answers who did not wait before."""
    return await store.hold_settlements(tx, reasons, actor, now.at) if reasons else set()


async def free_settlements(tx: Tx, now: Moment, merchant_id: UUID, *, actor: str) -> bool:
    """Let a merchant be paid again on the next morning; answers whether it waited."""
    return await store.free_settlements(tx, merchant_id, actor, now.at) > 0


async def settlements_held(tx: Tx, merchant_id: UUID) -> SettlementHold | None:
    """Tell since when a merchant waits for its money, and why; None when it does not."""
    return await store.read_settlement_hold(tx, merchant_id)
