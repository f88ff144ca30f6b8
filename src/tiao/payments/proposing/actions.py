"""What can be done about proposals, inside the caller's transaction at home."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from tiao.partners import actions as partners
from tiao.payments.proposing import store
from tiao.payments.proposing.model import (
    AdjustmentProposed,
    Content,
    DiscountProposed,
    Proposal,
    ProposalState,
    ReinstatementProposed,
    ShareProposed,
    TermsProposed,
)
from tiao.payments.proposing.refusals import OwnProposal, ProposalDecided, ProposalInvalid, ProposalUnknown
from tiao.payments.settling import actions as settling
from tiao.payments.settling.model import NewTerms, People
from tiao.runtime.db import Tx
from tiao.values.moment import Moment
from tiao.values.money import AMOUNT_MAX_MINOR

_CONTENT: msgspec.json.Decoder[Content] = msgspec.json.Decoder(Content)


async def propose(tx: Tx, now: Moment, merchant_id: UUID, content: Content, *, reason: str, actor: str) -> Proposal:
    """Propose something about a merchant. Refuses: MerchantUnknown, ProposalInvalid."""
    await partners.merchant(tx, merchant_id)
    if isinstance(content, AdjustmentProposed) and not 0 < abs(content.amount_minor) <= AMOUNT_MAX_MINOR:
        raise ProposalInvalid(pointer="/content/amount_minor")
    made = Proposal(
        id=now.new_id(),
        merchant_id=merchant_id,
        kind=str(type(content).__struct_config__.tag),
        content=msgspec.json.encode(content).decode(),
        reason=reason,
        state=ProposalState.OPEN,
        proposed_by=actor,
        proposed_at=now.at,
        decided_by=None,
        decided_at=None,
        note=None,
    )
    await store.insert_proposal(tx, made)
    return made


async def proposals(
    tx: Tx, *, merchant_id: UUID | None, is_open: bool, before_at: datetime, before_id: UUID, limit: int
) -> list[Proposal]:
    """Read proposals about a merchant, or about all, latest first."""
    return await store.read_proposals(
        tx, merchant_id=merchant_id, is_open=is_open, before_at=before_at, before_id=before_id, limit=limit
    )


async def agree(tx: Tx, now: Moment, proposal_id: UUID, *, actor: str, note: str | None = None) -> Proposal:
    """Agree to what another person proposed: it is done in the same transaction.

    Refuses: ProposalUnknown, ProposalDecided, OwnProposal, and what the proposed step refuses.
    """
    found = await _open(tx, proposal_id)
    if found.proposed_by == actor:
        raise OwnProposal
    await store.decide(tx, proposal_id, ProposalState.AGREED, decided_by=actor, at=now.at, note=note)
    await _do(tx, now, found, People(found.proposed_by, actor))
    return await proposal(tx, proposal_id)


async def reject(tx: Tx, now: Moment, proposal_id: UUID, *, actor: str, note: str | None = None) -> Proposal:
    """Reject a proposal, or take one's own back. Refuses: ProposalUnknown, ProposalDecided."""
    await _open(tx, proposal_id)
    await store.decide(tx, proposal_id, ProposalState.REJECTED, decided_by=actor, at=now.at, note=note)
    return await proposal(tx, proposal_id)


async def proposal(tx: Tx, proposal_id: UUID) -> Proposal:
    """Read a proposal and keep it from changing. Refuses: ProposalUnknown."""
    found = await store.lock_proposal(tx, proposal_id)
    if found is None:
        raise ProposalUnknown
    return found


def content_of(found: Proposal) -> Content:
    """Read what is proposed."""
    return _CONTENT.decode(found.content)


async def _open(tx: Tx, proposal_id: UUID) -> Proposal:
    found = await proposal(tx, proposal_id)
    if found.state is not ProposalState.OPEN:
        raise ProposalDecided
    return found


async def _do(tx: Tx, now: Moment, found: Proposal, people: People) -> None:
    """Do what was proposed."""
    merchant_id = found.merchant_id
    match content_of(found):
        case TermsProposed() as said:
            terms = NewTerms(said.schedule, said.reserve_rate, said.reserve_days)
            await settling.agree_terms(tx, now, merchant_id, terms, from_on=said.from_on, people=people)
        case ShareProposed() as said:
            await settling.agree_share(
                tx,
                now,
                platform_id=said.platform_id,
                merchant_id=merchant_id,
                share_rate=said.share_rate,
                from_on=said.from_on,
                people=people,
            )
        case AdjustmentProposed() as said:
            await settling.adjust(
                tx,
                now,
                now.new_id(0),
                merchant_id,
                amount_minor=said.amount_minor,
                reason=found.reason,
                people=people,
            )
        case DiscountProposed() as said:
            await partners.agree_discount(tx, merchant_id, said.discount_rate)
        case ReinstatementProposed():
            await partners.reinstate_merchant(tx, merchant_id)
