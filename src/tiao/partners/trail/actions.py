"""What operators did, written and read inside the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.partners.model import Principal, Role
from tiao.partners.trail import store
from tiao.partners.trail.model import Act, Did
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def note(
    tx: Tx, now: Moment, who: Principal, operation: str, *, did: Did = Did.CHANGED, reason: str | None = None
) -> None:
    """Note what an operator does; what others do stands in their own records."""
    if who.role is Role.OPERATOR:
        await store.insert(tx, Act(now.new_id(), now.at, who.subject_id, who.key_id, did, operation, reason))


async def acts(
    tx: Tx, *, operator_id: UUID | None, did: Did | None, about: str | None, before: tuple[datetime, UUID], limit: int
) -> list[Act]:
    """Read what operators did, latest first."""
    return await store.read(tx, operator_id=operator_id, did=did, about=about, before=before, limit=limit)
