"""Money moved on a line by hand, from an amount on: one operator proposes it, another agrees, and then it is booked."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import AmountMinor, Id, IdempotencyKey, LineInPath, MoneyProposalInPath, Text, Words
from tiao.api.operation import O, makes, reads
from tiao.api.paging import After, ByTime, Limit, Undecided
from tiao.api.refusals import CursorInvalid
from tiao.api.routes.adjustments import refund_policy_of
from tiao.api.services import Call
from tiao.ledger.refusals import LineUnknown
from tiao.lending.life import Component
from tiao.lending.records import ReceiptKind
from tiao.lending.refusals import (
    EffectiveDayInvalid,
    FactAlreadyReversed,
    LoanUnknown,
    NotReversible,
    ReasonNeeded,
    RepaymentUnknown,
    WaiverExceedsOwed,
)
from tiao.lending.seconding import actions as seconding
from tiao.lending.seconding.model import (
    Content,
    MoneyProposal,
    MoneyProposalState,
    ReceiptProposed,
    ReversalProposed,
    WaiverProposed,
)
from tiao.lending.seconding.refusals import (
    MoneyProposalDecided,
    MoneyProposalUnknown,
    OwnMoneyProposal,
    RepaymentAlreadyProposed,
)
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

_STEP_REFUSES = (
    EffectiveDayInvalid,
    FactAlreadyReversed,
    LoanUnknown,
    NotReversible,
    ReasonNeeded,
    RepaymentUnknown,
    WaiverExceedsOwed,
)


class ReceiptWanted(msgspec.Struct, frozen=True, tag="receipt", tag_field="kind", forbid_unknown_fields=True):
    """Put money on the line as of a day: a bank transfer, or goodwill of the lender."""

    receipt: Literal["transfer", "goodwill"]
    amount_minor: AmountMinor
    effective_on: date


class ReversalWanted(msgspec.Struct, frozen=True, tag="reversal", tag_field="kind", forbid_unknown_fields=True):
    """Take a repayment back."""

    repayment: Id


class WaiverWanted(msgspec.Struct, frozen=True, tag="waiver", tag_field="kind", forbid_unknown_fields=True):
    """Let part of a loan's penalty or fee go."""

    loan: Id
    component: Component
    amount_minor: AmountMinor


class MoneyProposalGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is proposed about a line, and why."""

    step: ReceiptWanted | ReversalWanted | WaiverWanted
    reason: Text


class MoneyDecisionGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it was decided so."""

    note: Words | None = None


class MoneyStep(StrEnum):
    """What is proposed about a line."""

    TRANSFER = "transfer"
    GOODWILL = "goodwill"
    REVERSAL = "reversal"
    WAIVER = "waiver"


class MoneyProposalShown(msgspec.Struct, frozen=True):
    """Who proposed what about a line, and who decided. *about*: the repayment or loan; *made*: what came of it."""

    id: str
    line: str
    customer: str
    kind: MoneyStep
    about: str | None
    component: Component | None
    effective_on: date | None
    currency: str
    amount_minor: int
    reason: str
    state: MoneyProposalState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    made: str | None


class MoneyProposalPage(msgspec.Struct, frozen=True):
    """Proposals about lines, latest first."""

    data: list[MoneyProposalShown]
    has_more: bool
    next: str | None


@makes(
    "/v1/lines/{line_id:str}/money_proposals",
    by=[O],
    scope=Scope.LOANS_WRITE,
    refuses=[LineUnknown, RepaymentAlreadyProposed, *_STEP_REFUSES],
)
async def propose_money(
    call: Call, line_id: LineInPath, data: JSONBody[MoneyProposalGiven], key: IdempotencyKey
) -> Response[MoneyProposalShown]:
    """Propose to move money on a line by hand; it is booked once another operator has agreed."""
    wanted, content = read_id(ids.LINE, line_id), _content(data)

    async def work(tx: Tx, now: Moment) -> MoneyProposalShown:
        made = await seconding.propose(
            tx, now, wanted, content, reason=data.reason, actor=call.person, policy_of=refund_policy_of(call)
        )
        return _shown(made)

    return await once(call, key, data, work)


@reads("/v1/money_proposals", by=[O], scope=Scope.LOANS_WRITE, refuses=[CursorInvalid])
async def list_money_proposals(
    call: Call,
    is_open: Undecided = False,  # noqa: FBT002  a parameter of the address
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> MoneyProposalPage:
    """List what is proposed about lines, latest first, on every server."""
    place = paging.before(after)

    async def read(tx: Tx) -> list[MoneyProposal]:
        return await seconding.proposals(tx, is_open=is_open, before_at=place.at, before_id=place.id, limit=limit + 1)

    page = await paging.cut_across(
        call.services.shards.databases(), limit, read, lambda each: ByTime(each.proposed_at, each.id)
    )
    return MoneyProposalPage([_shown(each) for each in page.items], page.has_more, page.next)


@makes(
    "/v1/money_proposals/{proposal_id:str}/agreement",
    by=[O],
    scope=Scope.LOANS_WRITE,
    status=200,
    refuses=[MoneyProposalUnknown, MoneyProposalDecided, OwnMoneyProposal, *_STEP_REFUSES],
)
async def agree_to_money_proposal(
    call: Call, proposal_id: MoneyProposalInPath, data: JSONBody[MoneyDecisionGiven], key: IdempotencyKey
) -> Response[MoneyProposalShown]:
    """Agree to what another operator proposed: it is booked at once."""
    wanted = read_id(ids.MONEY_PROPOSAL, proposal_id)

    async def work(tx: Tx, now: Moment) -> MoneyProposalShown:
        agreed = await seconding.agree(
            tx, now, wanted, actor=call.person, note=data.note, policy_of=refund_policy_of(call)
        )
        return _shown(agreed)

    return await once(call, key, data, work, status=200)


@makes(
    "/v1/money_proposals/{proposal_id:str}/rejection",
    by=[O],
    scope=Scope.LOANS_WRITE,
    status=200,
    refuses=[MoneyProposalUnknown, MoneyProposalDecided],
)
async def reject_money_proposal(
    call: Call, proposal_id: MoneyProposalInPath, data: JSONBody[MoneyDecisionGiven], key: IdempotencyKey
) -> Response[MoneyProposalShown]:
    """Reject what was proposed about a line, or take one's own proposal back."""
    wanted = read_id(ids.MONEY_PROPOSAL, proposal_id)

    async def work(tx: Tx, now: Moment) -> MoneyProposalShown:
        return _shown(await seconding.reject(tx, now, wanted, actor=call.person, note=data.note))

    return await once(call, key, data, work, status=200)


def _content(data: MoneyProposalGiven) -> Content:
    match data.step:
        case ReceiptWanted() as said:
            return ReceiptProposed(ReceiptKind(said.receipt), said.amount_minor, said.effective_on)
        case ReversalWanted() as said:
            return ReversalProposed(read_id(ids.REPAYMENT, said.repayment))
        case WaiverWanted() as said:
            return WaiverProposed(read_id(ids.LOAN, said.loan), said.component, said.amount_minor)


def _shown(found: MoneyProposal) -> MoneyProposalShown:
    content = seconding.content_of(found)
    about: str | None
    match content:
        case ReceiptProposed():
            kind, about, made = MoneyStep(content.receipt.value), None, ids.REPAYMENT
        case ReversalProposed():
            kind, about, made = MoneyStep.REVERSAL, show_id(ids.REPAYMENT, content.repayment_id), ids.ADJUSTMENT
        case WaiverProposed():
            kind, about, made = MoneyStep.WAIVER, show_id(ids.LOAN, content.loan_id), ids.ADJUSTMENT
    return MoneyProposalShown(
        id=show_id(ids.MONEY_PROPOSAL, found.id),
        line=show_id(ids.LINE, found.line_id),
        customer=show_id(ids.CUSTOMER, found.customer_id),
        kind=kind,
        about=about,
        component=content.component if isinstance(content, WaiverProposed) else None,
        effective_on=content.effective_on if isinstance(content, ReceiptProposed) else None,
        currency=found.currency,
        amount_minor=found.amount_minor,
        reason=found.reason,
        state=found.state,
        proposed_by=found.proposed_by,
        proposed_at=found.proposed_at,
        decided_by=found.decided_by,
        decided_at=found.decided_at,
        note=found.note,
        made=ids.shown(made, found.made_id),
    )


ROUTES = [propose_money, list_money_proposals, agree_to_money_proposal, reject_money_proposal]
