"""What can be done about loans that will not be paid, inside the caller's transaction on the customer's server."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from tiao.lending import actions as lending
from tiao.lending import daily
from tiao.lending.losses import store
from tiao.lending.losses.model import WriteOffProposal, WriteOffState
from tiao.lending.losses.refusals import (
    OwnWriteOff,
    WriteOffAlreadyProposed,
    WriteOffDecided,
    WriteOffProposalUnknown,
)
from tiao.lending.records import LoanStatus
from tiao.lending.refusals import LoanNotActive, ReasonNeeded
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment


async def propose(tx: Tx, now: Moment, loan_id: UUID, *, reason: str, actor: str) -> WriteOffProposal:
    """Propose to take a loan off the books as a loss. Nothing is booked by it.

    Refuses: LoanUnknown, LoanNotActive, ReasonNeeded, WriteOffAlreadyProposed.
    """
    if not reason.strip():
        raise ReasonNeeded(pointer="/reason")
    loan, _ = await daily.loan(tx, loan_id)
    if loan.status != LoanStatus.ACTIVE:
        raise LoanNotActive
    bucket = bucket_of(loan_id)
    made = WriteOffProposal(
        bucket=bucket,
        id=now.new_id(bucket),
        loan_id=loan_id,
        reason=reason,
        state=WriteOffState.OPEN,
        proposed_by=actor,
        proposed_at=now.at,
        decided_by=None,
        decided_at=None,
        note=None,
    )
    if not await store.insert_proposal(tx, made):
        raise WriteOffAlreadyProposed
    return made


async def agree(
    tx: Tx, now: Moment, proposal_id: UUID, *, actor: str, note: str | None = None
) -> tuple[WriteOffProposal, UUID]:
    """Agree to what another person proposed: the loan is written off in the same transaction. Gives the write-off's id.

    Refuses: WriteOffProposalUnknown, WriteOffDecided, OwnWriteOff, LoanNotActive.
    """
    found = await _open(tx, proposal_id)
    if found.proposed_by == actor:
        raise OwnWriteOff
    agreed = await _decided(tx, now, found, WriteOffState.AGREED, actor=actor, note=note)
    write_off_id = await lending.write_off(tx, now, found.loan_id, proposed_by=found.proposed_by, agreed_by=actor)
    return agreed, write_off_id


async def reject(tx: Tx, now: Moment, proposal_id: UUID, *, actor: str, note: str | None = None) -> WriteOffProposal:
    """Reject a proposal, or take one's own back. Refuses: WriteOffProposalUnknown, WriteOffDecided."""
    return await _decided(tx, now, await _open(tx, proposal_id), WriteOffState.REJECTED, actor=actor, note=note)


async def proposals(
    tx: Tx, *, is_open: bool, before_at: datetime, before_id: UUID, limit: int
) -> list[WriteOffProposal]:
    """Read what is proposed on this server, latest first."""
    return await store.read_proposals(tx, is_open=is_open, before_at=before_at, before_id=before_id, limit=limit)


async def _open(tx: Tx, proposal_id: UUID) -> WriteOffProposal:
    found = await store.lock_proposal(tx, proposal_id)
    if found is None:
        raise WriteOffProposalUnknown
    if found.state is not WriteOffState.OPEN:
        raise WriteOffDecided
    return found


async def _decided(
    tx: Tx, now: Moment, found: WriteOffProposal, state: WriteOffState, *, actor: str, note: str | None
) -> WriteOffProposal:
    decided = msgspec.structs.replace(found, state=state, decided_by=actor, decided_at=now.at, note=note)
    await store.update_proposal(tx, decided)
    return decided
