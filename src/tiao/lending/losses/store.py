"""Rows to proposals and back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.lending.losses.model import WriteOffProposal
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.lending.losses")


async def insert_proposal(tx: Tx, new: WriteOffProposal) -> bool:
    """Write a proposal; False when one about the loan is open already."""
    written = await tx.execute(
        _QUERIES.insert_proposal,
        bucket=new.bucket,
        id=new.id,
        loan=new.loan_id,
        reason=new.reason,
        proposed_by=new.proposed_by,
        at=new.proposed_at,
    )
    return written == 1


async def lock_proposal(tx: Tx, proposal_id: UUID) -> WriteOffProposal | None:
    """Read a proposal and keep it from changing."""
    return await tx.maybe(_QUERIES.lock_proposal, WriteOffProposal, bucket=bucket_of(proposal_id), id=proposal_id)


async def read_proposals(
    tx: Tx, *, is_open: bool, before_at: datetime, before_id: UUID, limit: int
) -> list[WriteOffProposal]:
    """Read proposals, latest first."""
    return await tx.rows(
        _QUERIES.proposals, WriteOffProposal, is_open=is_open, before_at=before_at, before_id=before_id, limit=limit
    )


async def update_proposal(tx: Tx, decided: WriteOffProposal) -> None:
    """Write what was decided."""
    await tx.execute(
        _QUERIES.decide_proposal,
        bucket=decided.bucket,
        id=decided.id,
        state=decided.state.value,
        decided_by=decided.decided_by,
        at=decided.decided_at,
        note=decided.note,
    )
