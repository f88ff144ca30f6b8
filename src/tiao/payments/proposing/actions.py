"""What can be done about proposals, inside the caller's transaction at home."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from tiao.partners import actions as partners
from tiao.partners.model import MerchantStatus
from tiao.partners.refusals import MerchantTerminated
from tiao.partners.scenes.rules import check_discount, scene_on, shipped_scenes
from tiao.payments.prepaid import actions as prepaid
from tiao.payments.proposing import store
from tiao.payments.proposing.model import (
    AdjustmentProposed,
    Content,
    DiscountProposed,
    FailureProposed,
    Proposal,
    ProposalState,
    ReinstatementProposed,
    ShareProposed,
    SuspensionProposed,
    TerminationProposed,
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


async def stop(tx: Tx, now: Moment, merchant_id: UUID, *, reason: str, actor: str) -> None:
    """Suspend a merchant at once, by one person; another confirms it later or lifts it. Again changes nothing.

    Refuses: MerchantUnknown, MerchantTerminated.
    """
    if await partners.suspend_merchant(tx, merchant_id):
        await propose(tx, now, merchant_id, SuspensionProposed(is_stopped=True), reason=reason, actor=actor)


async def propose_reinstatement(tx: Tx, now: Moment, merchant_id: UUID, *, reason: str, actor: str) -> None:
    """Propose that a suspended merchant sell again, unless somebody has already.

    Refuses: MerchantUnknown, MerchantTerminated.
    """
    merchant = await partners.merchant(tx, merchant_id)
    if merchant.status is MerchantStatus.TERMINATED:
        raise MerchantTerminated
    is_proposed = await store.read_open_kinds(tx, merchant_id)
    if merchant.status is MerchantStatus.SUSPENDED and "reinstatement" not in is_proposed:
        await propose(tx, now, merchant_id, ReinstatementProposed(), reason=reason, actor=actor)


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
    """Reject a proposal, or take one's own back. A merchant who was stopped meanwhile sells again: that takes another.

    Refuses: ProposalUnknown, ProposalDecided, OwnProposal.
    """
    found = await _open(tx, proposal_id)
    content = content_of(found)
    if isinstance(content, SuspensionProposed) and content.is_stopped:
        if found.proposed_by == actor:
            raise OwnProposal
        if (await partners.merchant(tx, found.merchant_id)).status is MerchantStatus.SUSPENDED:
            await partners.reinstate_merchant(tx, found.merchant_id)
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
            await _agree_discount(tx, now, merchant_id, said.discount_rate)
        case ReinstatementProposed():
            await partners.reinstate_merchant(tx, merchant_id)
            await prepaid.recover(tx, merchant_id)
        case SuspensionProposed():
            await partners.suspend_merchant(tx, merchant_id)
        case TerminationProposed():
            await partners.terminate_merchant(tx, merchant_id)
        case FailureProposed():
            await prepaid.fail(tx, now, merchant_id, people)


async def _agree_discount(tx: Tx, now: Moment, merchant_id: UUID, rate: Decimal) -> None:
    """Agree a discount that the merchant's scene allows. Refuses: DiscountBelowScene, MerchantTermsInvalid."""
    merchant = await partners.merchant(tx, merchant_id)
    check_discount(scene_on(shipped_scenes(), merchant.category, now.today), rate)
    await partners.agree_discount(tx, merchant_id, rate)
