"""Loans written off: one operator proposes it, another agrees, and only then the loss is booked."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import IdempotencyKey, LoanInPath, Words, WriteOffProposalInPath
from tiao.api.operation import O, makes, reads
from tiao.api.paging import After, ByTime, Limit, Undecided
from tiao.api.refusals import CursorInvalid
from tiao.api.routes.loans import LoanShown, loan_shown
from tiao.api.services import Call
from tiao.lending import daily
from tiao.lending.losses import actions as losses
from tiao.lending.losses.model import WriteOffProposal, WriteOffState
from tiao.lending.losses.refusals import (
    OwnWriteOff,
    WriteOffAlreadyProposed,
    WriteOffDecided,
    WriteOffProposalUnknown,
)
from tiao.lending.refusals import LoanNotActive, LoanUnknown, ReasonNeeded
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment


class WriteOffAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the loan is held for lost."""

    reason: Words


class WriteOffDecisionGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it was decided so."""

    note: Words | None = None


class WriteOffProposalShown(msgspec.Struct, frozen=True):
    """That a loan is held for lost: who says so, and who decided."""

    id: str
    loan: str
    reason: str
    state: WriteOffState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None


class WriteOffProposalPage(msgspec.Struct, frozen=True):
    """Proposals to write loans off, latest first."""

    data: list[WriteOffProposalShown]
    has_more: bool
    next: str | None


class WriteOffDone(msgspec.Struct, frozen=True):
    """A loan taken off the books as a loss, and the proposal it followed from."""

    id: str
    loan: LoanShown
    proposal: WriteOffProposalShown


@makes(
    "/v1/loans/{loan_id:str}/write_off",
    by=[O],
    scope=Scope.LOANS_WRITE,
    refuses=[LoanUnknown, LoanNotActive, ReasonNeeded, WriteOffAlreadyProposed],
)
async def propose_write_off(
    call: Call, loan_id: LoanInPath, data: JSONBody[WriteOffAsked], key: IdempotencyKey
) -> Response[WriteOffProposalShown]:
    """Propose to take a loan off the books as a loss; it is booked once another operator has agreed."""
    wanted = read_id(ids.LOAN, loan_id)

    async def work(tx: Tx, now: Moment) -> WriteOffProposalShown:
        return _shown(await losses.propose(tx, now, wanted, reason=data.reason, actor=call.person))

    return await once(call, key, data, work)


@reads("/v1/write_off_proposals", by=[O], scope=Scope.BILLS_READ, refuses=[CursorInvalid])
async def list_write_off_proposals(
    call: Call,
    is_open: Undecided = False,  # noqa: FBT002  a parameter of the address
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> WriteOffProposalPage:
    """List which loans are held for lost, latest first, on every server."""
    place = paging.before(after)

    async def read(tx: Tx) -> list[WriteOffProposal]:
        return await losses.proposals(tx, is_open=is_open, before_at=place.at, before_id=place.id, limit=limit + 1)

    page = await paging.cut_across(
        call.services.shards.databases(), limit, read, lambda each: ByTime(each.proposed_at, each.id)
    )
    return WriteOffProposalPage([_shown(each) for each in page.items], page.has_more, page.next)


@makes(
    "/v1/write_off_proposals/{proposal_id:str}/agreement",
    by=[O],
    scope=Scope.LOANS_WRITE,
    status=200,
    refuses=[WriteOffProposalUnknown, WriteOffDecided, OwnWriteOff, LoanNotActive],
)
async def agree_to_write_off(
    call: Call, proposal_id: WriteOffProposalInPath, data: JSONBody[WriteOffDecisionGiven], key: IdempotencyKey
) -> Response[WriteOffDone]:
    """Agree that a loan is lost: it is written off at once. What the customer owes is not forgiven by it."""
    wanted = read_id(ids.WRITE_OFF_PROPOSAL, proposal_id)

    async def work(tx: Tx, now: Moment) -> WriteOffDone:
        agreed, write_off_id = await losses.agree(tx, now, wanted, actor=call.person, note=data.note)
        found, _ = await daily.loan(tx, agreed.loan_id)
        return WriteOffDone(show_id(ids.WRITE_OFF, write_off_id), loan_shown(found), _shown(agreed))

    return await once(call, key, data, work, status=200)


@makes(
    "/v1/write_off_proposals/{proposal_id:str}/rejection",
    by=[O],
    scope=Scope.LOANS_WRITE,
    status=200,
    refuses=[WriteOffProposalUnknown, WriteOffDecided],
)
async def reject_write_off(
    call: Call, proposal_id: WriteOffProposalInPath, data: JSONBody[WriteOffDecisionGiven], key: IdempotencyKey
) -> Response[WriteOffProposalShown]:
    """Say that a loan is not lost, or take one's own proposal back."""
    wanted = read_id(ids.WRITE_OFF_PROPOSAL, proposal_id)

    async def work(tx: Tx, now: Moment) -> WriteOffProposalShown:
        return _shown(await losses.reject(tx, now, wanted, actor=call.person, note=data.note))

    return await once(call, key, data, work, status=200)


def _shown(found: WriteOffProposal) -> WriteOffProposalShown:
    return WriteOffProposalShown(
        id=show_id(ids.WRITE_OFF_PROPOSAL, found.id),
        loan=show_id(ids.LOAN, found.loan_id),
        reason=found.reason,
        state=found.state,
        proposed_by=found.proposed_by,
        proposed_at=found.proposed_at,
        decided_by=found.decided_by,
        decided_at=found.decided_at,
        note=found.note,
    )


ROUTES = [propose_write_off, list_write_off_proposals, agree_to_write_off, reject_write_off]
