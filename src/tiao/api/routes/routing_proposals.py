"""Channels drained, filled again or closed, other policies: proposed by one operator, agreed to by another."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody, PathParameter

from tiao.api.idempotency import once
from tiao.api.ids import ChannelName, IdempotencyKey, Instant, Text
from tiao.api.operation import O, makes, reads
from tiao.api.paging import Undecided
from tiao.api.routes.routing import chooser_of
from tiao.api.services import Call
from tiao.partners.scopes import Scope
from tiao.payments.proposing.refusals import OwnProposal, ProposalDecided, ProposalUnknown
from tiao.payments.routing.tables import Policies, RoutingTableInvalid
from tiao.payments.steering import actions as steering
from tiao.payments.steering.model import (
    DrainProposed,
    MaintenanceProposed,
    PoliciesProposed,
    RefillProposed,
    RoutingProposal,
    Steer,
    StepKind,
)
from tiao.payments.steering.refusals import (
    ChannelDrainedAlready,
    ChannelIsLast,
    ChannelNotDrained,
    MaintenanceInvalid,
    OneThingProposed,
    RoutingChannelUnknown,
)
from tiao.payments.steering.rules import content_of
from tiao.runtime.db import Tx
from tiao.values.moment import Moment

ProposalNumber = Annotated[
    int, PathParameter(name="number", ge=1, le=2**31 - 1, description="The number of a proposal about routing.")
]
_PROPOSING = [
    RoutingChannelUnknown,
    ChannelDrainedAlready,
    ChannelNotDrained,
    ChannelIsLast,
    MaintenanceInvalid,
    RoutingTableInvalid,
]


class MaintenanceGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A channel that is closed once."""

    channel: ChannelName
    starts_at: Instant
    ends_at: Instant


class RoutingProposalGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is proposed about the choice of channels, and why."""

    reason: Text
    drain: ChannelName | None = None
    refill: ChannelName | None = None
    maintenance: MaintenanceGiven | None = None
    policies: Policies | None = None


class RoutingProposalShown(msgspec.Struct, frozen=True):
    """A proposal about the choice of channels, and what became of it. *content* is what was proposed, as JSON text."""

    number: int
    kind: str
    channel: str | None
    content: str
    reason: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class RoutingProposals(msgspec.Struct, frozen=True):
    """Proposals about the choice of channels, latest first."""

    data: list[RoutingProposalShown]


@reads("/v1/routing/proposals", by=[O], scope=Scope.LEDGER_READ)
async def list_routing_proposals(
    call: Call,
    is_open: Undecided = False,  # noqa: FBT002  a parameter of the address
) -> RoutingProposals:
    """List what was proposed about the choice of channels, latest first."""
    async with call.db.begin() as tx:
        found = await steering.proposals(tx)
    return RoutingProposals([_proposal(each) for each in found if each.decided is None or not is_open])


@makes("/v1/routing/proposals", by=[O], scope=Scope.PAYMENTS_WRITE, refuses=[OneThingProposed, *_PROPOSING])
async def propose_routing(
    call: Call, data: JSONBody[RoutingProposalGiven], key: IdempotencyKey
) -> Response[RoutingProposalShown]:
    """Propose to drain a channel, to use it again, a maintenance, or other policies; another person has to agree."""
    content = _content(data)

    async def work(tx: Tx, now: Moment) -> RoutingProposalShown:
        made = await steering.propose(tx, now, chooser_of(call), content, reason=data.reason, actor=call.person)
        return _proposal(made)

    return await once(call, key, data, work)


@makes(
    "/v1/routing/proposals/{number:int}/agreement",
    by=[O],
    scope=Scope.PAYMENTS_WRITE,
    status=200,
    refuses=[ProposalUnknown, ProposalDecided, OwnProposal, *_PROPOSING],
)
async def agree_routing(call: Call, number: ProposalNumber, key: IdempotencyKey) -> Response[RoutingProposalShown]:
    """Agree to what somebody else proposed; every process follows within a second or so."""

    async def work(tx: Tx, now: Moment) -> RoutingProposalShown:
        return _proposal(await steering.agree(tx, now, chooser_of(call), number, actor=call.person))

    answer = await once(call, key, None, work, status=200)
    async with call.db.begin() as tx:
        await steering.look(tx, chooser_of(call))
    return answer


@makes(
    "/v1/routing/proposals/{number:int}/rejection",
    by=[O],
    scope=Scope.PAYMENTS_WRITE,
    status=200,
    refuses=[ProposalUnknown, ProposalDecided],
)
async def reject_routing(call: Call, number: ProposalNumber, key: IdempotencyKey) -> Response[RoutingProposalShown]:
    """Reject a proposal, or take one's own back."""

    async def work(tx: Tx, now: Moment) -> RoutingProposalShown:
        return _proposal(await steering.reject(tx, now, number, actor=call.person))

    return await once(call, key, None, work, status=200)


def _content(data: RoutingProposalGiven) -> Steer:
    said: list[Steer] = []
    if data.drain is not None:
        said.append(DrainProposed(data.drain))
    if data.refill is not None:
        said.append(RefillProposed(data.refill))
    if data.maintenance is not None:
        closed = data.maintenance
        said.append(MaintenanceProposed(closed.channel, closed.starts_at, closed.ends_at))
    if data.policies is not None:
        said.append(PoliciesProposed(data.policies))
    if len(said) != 1:
        raise OneThingProposed
    return said[0]


def _proposal(found: RoutingProposal) -> RoutingProposalShown:
    made, decided = found
    content = content_of(made)
    state = "open" if decided is None else "agreed" if decided.step is StepKind.AGREED else "rejected"
    return RoutingProposalShown(
        number=made.number,
        kind=str(type(content).__struct_config__.tag),
        channel=None if isinstance(content, PoliciesProposed) else content.channel,
        content=made.content,
        reason=made.reason,
        state=state,
        proposed_by=made.maker,
        proposed_at=made.taken_at,
        decided_by=None if decided is None else decided.actor,
        decided_at=None if decided is None else decided.taken_at,
    )


ROUTES = [list_routing_proposals, propose_routing, agree_routing, reject_routing]
