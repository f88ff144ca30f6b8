"""Rows to proposals and back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.payments.proposing.model import Proposal, ProposalState
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.payments.proposing")


async def insert_proposal(tx: Tx, new: Proposal) -> None:
    """Write a proposal."""
    await tx.execute(
        _QUERIES.insert_proposal,
        id=new.id,
        merchant=new.merchant_id,
        kind=new.kind,
        content=new.content,
        reason=new.reason,
        proposed_by=new.proposed_by,
        at=new.proposed_at,
    )


async def lock_proposal(tx: Tx, proposal_id: UUID) -> Proposal | None:
    """Read a proposal and keep it from changing."""
    return await tx.maybe(_QUERIES.lock_proposal, Proposal, id=proposal_id)


async def read_proposals(
    tx: Tx, *, merchant_id: UUID | None, is_open: bool, before_at: datetime, before_id: UUID, limit: int
) -> list[Proposal]:
    """Read proposals, latest first."""
    return await tx.rows(
        _QUERIES.proposals,
        Proposal,
        merchant=merchant_id,
        is_open=is_open,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
    )


async def decide(
    tx: Tx, proposal_id: UUID, state: ProposalState, *, decided_by: str, at: datetime, note: str | None
) -> None:
    """Write what was decided."""
    await tx.execute(
        _QUERIES.decide_proposal, id=proposal_id, state=state.value, decided_by=decided_by, at=at, note=note
    )


async def read_open_kinds(tx: Tx, merchant_id: UUID) -> list[str]:
    """Read what is proposed about a merchant and not decided."""
    return await tx.column(_QUERIES.open_kinds, merchant=merchant_id)
