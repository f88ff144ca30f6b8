"""What can be done about money that takes two people, inside the caller's transaction on the customer's server."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.ledger.refusals import LineUnknown
from tiao.lending import adjusting, archive, daily
from tiao.lending.adjusting import Decision
from tiao.lending.records import Receipt
from tiao.lending.refusals import EffectiveDayInvalid, ReasonNeeded
from tiao.lending.replaying import PolicyOf
from tiao.lending.seconding import rules, store
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
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment

_CONTENT: msgspec.json.Decoder[Content] = msgspec.json.Decoder(Content)


async def check_alone(tx: Tx, now: Moment, line_id: UUID, made_id: UUID, *, from_minor: int) -> None:
    """Demand that what was just done to a line is small enough for one person; else the caller's transaction ends.

    It is asked afterwards: what is wrong with a step is told first, and the line is locked by it.
    Refuses: AmountTakesTwoPeople.
    """
    facts, agreed = await archive.facts_of_line(tx, line_id), await store.read_made(tx, line_id)
    rules.check_alone(facts, made_id, since=now.at - rules.COUNTED, agreed=agreed, from_minor=from_minor)


async def propose(
    tx: Tx, now: Moment, line_id: UUID, content: Content, *, reason: str, actor: str, policy_of: PolicyOf
) -> MoneyProposal:
    """Propose a step about a line, of any amount; what would be refused is refused now. Nothing is booked by it.

    Refuses: LineUnknown, RepaymentAlreadyProposed, and what the step refuses.
    """
    line = await ledger.line(tx, line_id)
    made = MoneyProposal(
        bucket=bucket_of(line_id),
        id=now.new_id(bucket_of(line_id)),
        line_id=line_id,
        customer_id=line.customer_id,
        kind=str(type(content).__struct_config__.tag),
        content=msgspec.json.encode(content).decode(),
        currency=line.currency,
        amount_minor=await _amount(tx, content),
        reason=reason,
        state=MoneyProposalState.OPEN,
        proposed_by=actor,
        proposed_at=now.at,
        decided_by=None,
        decided_at=None,
        note=None,
        made_id=None,
    )
    async with tx.rehearsal():
        await _do(tx, now, line, made, policy_of)
    about = content.repayment_id if isinstance(content, ReversalProposed) else None
    if not await store.insert_proposal(tx, made, about):
        raise RepaymentAlreadyProposed
    return made


async def agree(
    tx: Tx, now: Moment, proposal_id: UUID, *, actor: str, note: str | None = None, policy_of: PolicyOf
) -> MoneyProposal:
    """Agree to what another person proposed: it is done in the same transaction.

    Refuses: MoneyProposalUnknown, MoneyProposalDecided, OwnMoneyProposal, and what the step refuses.
    """
    found = await _open(tx, proposal_id)
    if found.proposed_by == actor:
        raise OwnMoneyProposal
    made_id = await _do(tx, now, await ledger.line(tx, found.line_id), found, policy_of)
    return await _decided(tx, now, found, MoneyProposalState.AGREED, actor=actor, note=note, made_id=made_id)


async def reject(tx: Tx, now: Moment, proposal_id: UUID, *, actor: str, note: str | None = None) -> MoneyProposal:
    """Reject a proposal, or take one's own back. Refuses: MoneyProposalUnknown, MoneyProposalDecided."""
    found = await _open(tx, proposal_id)
    return await _decided(tx, now, found, MoneyProposalState.REJECTED, actor=actor, note=note, made_id=None)


async def proposals(tx: Tx, *, is_open: bool, before_at: datetime, before_id: UUID, limit: int) -> list[MoneyProposal]:
    """Read what is proposed on this server, latest first."""
    return await store.read_proposals(tx, is_open=is_open, before_at=before_at, before_id=before_id, limit=limit)


def content_of(found: MoneyProposal) -> Content:
    """Read what is proposed."""
    return _CONTENT.decode(found.content)


async def _amount(tx: Tx, content: Content) -> int:
    """Say what a step is about. Refuses: RepaymentUnknown."""
    if isinstance(content, ReversalProposed):
        repayment, _ = await daily.repayment(tx, content.repayment_id)
        return repayment.amount_minor
    return content.amount_minor


async def _do(tx: Tx, now: Moment, line: CreditLine, found: MoneyProposal, policy_of: PolicyOf) -> UUID:
    """Do what is proposed, in the name of whoever proposed it; gives what came of it."""
    decision = Decision(now.new_id(line.bucket), line.id, line.currency, found.proposed_by, found.reason)
    match content_of(found):
        case ReceiptProposed() as said:
            await _receive(tx, now, line, said, decision, policy_of)
        case ReversalProposed() as said:
            repayment, _ = await daily.repayment(tx, said.repayment_id)
            if repayment.line_id != line.id:
                raise LineUnknown
            await adjusting.reverse(tx, now, decision, said.repayment_id, effective_on=now.today, policy_of=policy_of)
        case WaiverProposed() as said:
            await adjusting.waive(
                tx,
                now,
                decision,
                loan_id=said.loan_id,
                component=said.component,
                amount_minor=said.amount_minor,
                policy_of=policy_of,
            )
    return decision.id


async def _receive(
    tx: Tx, now: Moment, line: CreditLine, said: ReceiptProposed, decision: Decision, policy_of: PolicyOf
) -> None:
    if not decision.reason.strip():
        raise ReasonNeeded(pointer="/reason")
    if said.effective_on < line.opened_on:
        raise EffectiveDayInvalid(pointer="/effective_on", opened_on=line.opened_on.isoformat())
    receipt = Receipt(
        id=decision.id,
        line_id=line.id,
        customer_id=line.customer_id,
        kind=said.receipt,
        currency=line.currency,
        amount_minor=said.amount_minor,
        effective_on=said.effective_on,
        actor=decision.actor,
        reason=decision.reason,
    )
    await adjusting.receive(tx, now, receipt, policy_of=policy_of)


async def _open(tx: Tx, proposal_id: UUID) -> MoneyProposal:
    found = await store.lock_proposal(tx, proposal_id)
    if found is None:
        raise MoneyProposalUnknown
    if found.state is not MoneyProposalState.OPEN:
        raise MoneyProposalDecided
    return found


async def _decided(
    tx: Tx,
    now: Moment,
    found: MoneyProposal,
    state: MoneyProposalState,
    *,
    actor: str,
    note: str | None,
    made_id: UUID | None,
) -> MoneyProposal:
    decided = msgspec.structs.replace(
        found, state=state, decided_by=actor, decided_at=now.at, note=note, made_id=made_id
    )
    await store.update_proposal(tx, decided)
    return decided
