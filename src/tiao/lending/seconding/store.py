"""Rows to proposals about lines and back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.lending.seconding.model import MoneyProposal
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.lending.seconding")


async def insert_proposal(tx: Tx, new: MoneyProposal, about_id: UUID | None) -> bool:
    """Write a proposal; False while the same repayment is proposed to be taken back."""
    written = await tx.execute(
        _QUERIES.insert_money_proposal,
        bucket=new.bucket,
        id=new.id,
        line=new.line_id,
        customer=new.customer_id,
        kind=new.kind,
        content=new.content,
        about=about_id,
        currency=new.currency,
        amount=new.amount_minor,
        reason=new.reason,
        proposed_by=new.proposed_by,
        at=new.proposed_at,
    )
    return written == 1


async def lock_proposal(tx: Tx, proposal_id: UUID) -> MoneyProposal | None:
    """Read a proposal and keep it from changing."""
    return await tx.maybe(_QUERIES.lock_money_proposal, MoneyProposal, bucket=bucket_of(proposal_id), id=proposal_id)


async def read_proposals(
    tx: Tx, *, is_open: bool, before_at: datetime, before_id: UUID, limit: int
) -> list[MoneyProposal]:
    """Read proposals, latest first."""
    return await tx.rows(
        _QUERIES.money_proposals, MoneyProposal, is_open=is_open, before_at=before_at, before_id=before_id, limit=limit
    )


async def update_proposal(tx: Tx, decided: MoneyProposal) -> None:
    """Write what was decided."""
    await tx.execute(
        _QUERIES.decide_money_proposal,
        bucket=decided.bucket,
        id=decided.id,
        state=decided.state.value,
        decided_by=decided.decided_by,
        at=decided.decided_at,
        note=decided.note,
        made=decided.made_id,
    )


async def read_made(tx: Tx, line_id: UUID) -> set[UUID]:
    """Read what came of a line's proposals that were agreed to."""
    return set(await tx.column(_QUERIES.made_by_two, bucket=bucket_of(line_id), line=line_id))
