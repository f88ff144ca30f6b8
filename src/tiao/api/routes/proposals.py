"""What needs two people about a merchant: how it is settled, its discount, whether it may sell, the end of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import AnyMerchant, IdempotencyKey, MerchantId, MerchantInPath, ProposalInPath, Words
from tiao.api.operation import O, makes, reads
from tiao.api.paging import After, ByTime, Limit, Undecided
from tiao.api.refusals import CursorInvalid
from tiao.api.services import Call
from tiao.partners.refusals import MerchantTerminated, MerchantTermsInvalid, MerchantUnknown
from tiao.partners.scenes.refusals import DiscountBelowScene
from tiao.partners.scopes import Scope
from tiao.payments.proposing import actions as proposing
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
from tiao.payments.settling.model import Schedule
from tiao.payments.settling.refusals import SettlementTermsInvalid, ShareInvalid
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

#: From nothing to all, with at most six decimals, as text: a JSON number would be a float.
Rate = Annotated[str, msgspec.Meta(pattern=r"^(0(\.[0-9]{1,6})?|1)$", description="A share, as a decimal string.")]


class TermsAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settle the merchant daily or on demand, and keep a share of its sales back for some days."""

    schedule: Schedule
    from_on: date
    reserve_rate: Rate = "0"
    reserve_days: Annotated[int, msgspec.Meta(ge=0, le=366)] = 0


class ShareAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give a platform a share of the discount that the merchant pays."""

    platform: MerchantId
    share_rate: Rate
    from_on: date


class ProposalGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is proposed, and why."""

    reason: Words
    settlement_terms: TermsAsked | None = None
    income_share: ShareAsked | None = None
    adjustment_minor: Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)] | None = None
    discount_rate: Rate | None = None
    reinstatement: bool = False
    suspension: bool = False
    termination: bool = False
    failure: bool = False


class DecisionGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it was decided so."""

    note: Words | None = None


class ProposalShown(msgspec.Struct, frozen=True):
    """A proposal: who proposed what, and who decided. *content* is what was proposed, as JSON text."""

    id: str
    merchant: MerchantId
    kind: str
    content: str
    reason: str
    state: ProposalState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None


class ProposalPage(msgspec.Struct, frozen=True):
    """Proposals, latest first."""

    data: list[ProposalShown]
    has_more: bool
    next: str | None


@makes(
    "/v1/merchants/{merchant_id:str}/proposals",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    refuses=[MerchantUnknown, ProposalInvalid],
)
async def propose(
    call: Call, merchant_id: MerchantInPath, data: JSONBody[ProposalGiven], key: IdempotencyKey
) -> Response[ProposalShown]:
    """Propose one thing about a merchant; it counts once another operator has agreed."""
    wanted, content = read_id(ids.MERCHANT, merchant_id), _content(data)

    async def work(tx: Tx, now: Moment) -> ProposalShown:
        made = await proposing.propose(tx, now, wanted, content, reason=data.reason, actor=call.person)
        return _shown(made)

    return await once(call, key, data, work)


@reads("/v1/proposals", by=[O], scope=Scope.MERCHANTS_READ, refuses=[CursorInvalid, MerchantUnknown])
async def list_proposals(
    call: Call,
    merchant: AnyMerchant = None,
    is_open: Undecided = False,  # noqa: FBT002  a parameter of the address
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> ProposalPage:
    """List proposals, latest first."""
    place = paging.before(after)
    subject: UUID | None = None if merchant is None else read_id(ids.MERCHANT, merchant)
    async with call.db.begin() as tx:
        found = await proposing.proposals(
            tx, merchant_id=subject, is_open=is_open, before_at=place.at, before_id=place.id, limit=limit + 1
        )
    page = paging.cut(found, limit, lambda each: ByTime(each.proposed_at, each.id))
    return ProposalPage([_shown(each) for each in page.items], page.has_more, page.next)


@makes(
    "/v1/proposals/{proposal_id:str}/agreement",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    status=200,
    refuses=[
        ProposalUnknown,
        ProposalDecided,
        OwnProposal,
        SettlementTermsInvalid,
        ShareInvalid,
        MerchantTermsInvalid,
        MerchantUnknown,
        MerchantTerminated,
        DiscountBelowScene,
    ],
)
async def agree_to_proposal(
    call: Call, proposal_id: ProposalInPath, data: JSONBody[DecisionGiven], key: IdempotencyKey
) -> Response[ProposalShown]:
    """Agree to what another operator proposed: it is done at once."""
    wanted = read_id(ids.PROPOSAL, proposal_id)

    async def work(tx: Tx, now: Moment) -> ProposalShown:
        return _shown(await proposing.agree(tx, now, wanted, actor=call.person, note=data.note))

    answer = await once(call, key, data, work, status=200)
    await call.services.shards.spread()
    return answer


@makes(
    "/v1/proposals/{proposal_id:str}/rejection",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    status=200,
    refuses=[ProposalUnknown, ProposalDecided, OwnProposal],
)
async def reject_proposal(
    call: Call, proposal_id: ProposalInPath, data: JSONBody[DecisionGiven], key: IdempotencyKey
) -> Response[ProposalShown]:
    """Reject a proposal, or take one's own back.

    A merchant that was stopped at once sells again then, so that stopping is rejected by another operator only.
    """
    wanted = read_id(ids.PROPOSAL, proposal_id)

    async def work(tx: Tx, now: Moment) -> ProposalShown:
        return _shown(await proposing.reject(tx, now, wanted, actor=call.person, note=data.note))

    answer = await once(call, key, data, work, status=200)
    await call.services.shards.spread()
    return answer


def _content(data: ProposalGiven) -> Content:
    """Read the one thing that is proposed. Refuses: ProposalInvalid."""
    said: list[Content] = []
    if data.settlement_terms is not None:
        terms = data.settlement_terms
        said.append(TermsProposed(terms.schedule, Decimal(terms.reserve_rate), terms.reserve_days, terms.from_on))
    if data.income_share is not None:
        share = data.income_share
        said.append(ShareProposed(read_id(ids.MERCHANT, share.platform), Decimal(share.share_rate), share.from_on))
    if data.adjustment_minor is not None:
        said.append(AdjustmentProposed(data.adjustment_minor))
    if data.discount_rate is not None:
        said.append(DiscountProposed(Decimal(data.discount_rate)))
    if data.reinstatement:
        said.append(ReinstatementProposed())
    if data.suspension:
        said.append(SuspensionProposed())
    if data.termination:
        said.append(TerminationProposed())
    if data.failure:
        said.append(FailureProposed())
    if len(said) != 1:
        raise ProposalInvalid("a proposal is about one thing")
    return said[0]


def _shown(found: Proposal) -> ProposalShown:
    return ProposalShown(
        id=show_id(ids.PROPOSAL, found.id),
        merchant=show_id(ids.MERCHANT, found.merchant_id),
        kind=found.kind,
        content=found.content,
        reason=found.reason,
        state=found.state,
        proposed_by=found.proposed_by,
        proposed_at=found.proposed_at,
        decided_by=found.decided_by,
        decided_at=found.decided_at,
        note=found.note,
    )


ROUTES = [propose, list_proposals, agree_to_proposal, reject_proposal]
