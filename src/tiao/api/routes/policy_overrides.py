"""Departures from the dated rules: proposed by one person, approved by another, withdrawn; with who, why and when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import IdempotencyKey, OverrideInPath, Text
from tiao.api.operation import O, makes, reads
from tiao.api.routes.adjustments import actor
from tiao.api.services import Call
from tiao.lending.refusals import ReasonNeeded
from tiao.partners.scopes import Scope
from tiao.policy.pack import Pack
from tiao.policy.refusals import (
    ConsumerLimitAboveRule,
    PolicyOverrideDecided,
    PolicyOverrideRefused,
    PolicyOverrideUnknown,
    SecondPersonNeeded,
)
from tiao.runtime import overrides
from tiao.runtime.db import Tx
from tiao.runtime.overrides import OverrideKind, Proposal, StoredOverride, Who
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment
from tiao.wiring import check_engine

Name = Annotated[str, msgspec.Meta(pattern="^[a-z0-9_.-]{1,80}$", description="As the policy pack names it.")]
Count = Annotated[int, msgspec.Meta(ge=0, le=10**15)]
Written = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_.-]{1,80}$")]


class OverrideAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A departure from a rule, from *from_on*, tomorrow at the earliest, until the day before *expires_on*.

    *value*: the source of the row to switch on, the option to choose, or a stricter number: an amount, a count, or an
    exact decimal in quotes.
    """

    rule: Name
    kind: OverrideKind
    value: bool | Count | Written
    reason: Text
    from_on: date
    review_on: date
    expires_on: date
    #: A kind of lender or other party; the programme's lender if left out.
    applies_to: Name | None = None


class OverrideDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an override is approved or withdrawn."""

    reason: Text


class OverrideStepShown(msgspec.Struct, frozen=True):
    """A decision about an override, and the first day it counts."""

    by: str
    key: str
    reason: str
    counts_from_on: date


class OverrideShown(msgspec.Struct, frozen=True):
    """An override, who stands behind it, and how it stands today."""

    id: str
    rule: str
    applies_to: str
    kind: OverrideKind
    value: bool | int | str
    reason: str
    state: str
    proposed_by: str
    proposed_key: str
    from_on: date
    review_on: date
    expires_on: date
    recorded_at: datetime
    approval: OverrideStepShown | None
    withdrawal: OverrideStepShown | None


class OverrideList(msgspec.Struct, frozen=True):
    """The overrides of the programme in the order of their approval, and the digest of the rules that they make."""

    data: list[OverrideShown]
    rules_digest: str


_DECIDING = [PolicyOverrideUnknown, PolicyOverrideDecided, SecondPersonNeeded, ReasonNeeded]


@reads("/v1/policy_overrides", by=[O], scope=Scope.POLICY_WRITE)
async def list_policy_overrides(call: Call) -> OverrideList:
    """List every departure from the policy pack: proposed, in force, withdrawn, expired."""
    async with call.db.snapshot() as tx:
        today = (await call.platform.moments(tx)).today
        found = await overrides.overrides(tx)
        pack = await overrides.rules_of(tx)
    return OverrideList([_shown(one, today) for one in found], pack.digest)


@makes(
    "/v1/policy_overrides",
    by=[O],
    scope=Scope.POLICY_WRITE,
    refuses=[PolicyOverrideRefused, ConsumerLimitAboveRule, ReasonNeeded],
)
async def propose_policy_override(
    call: Call, data: JSONBody[OverrideAsked], key: IdempotencyKey
) -> Response[OverrideShown]:
    """Propose a departure from a rule that the pack lets be switched, chosen or made stricter.

    A second person approves it. One that is only stricter needs nobody else and stands at once.
    """

    async def work(tx: Tx, now: Moment) -> UUID:
        zone = call.platform.programme.zone
        override_id, after = await overrides.propose(tx, now, zone, proposal_of(call, data), who_asks(call))
        check_rules(call, after, max(data.from_on, overrides.earliest_on(now, zone)))
        return override_id

    return await _decided(call, key, data, data.reason, work)


@makes(
    "/v1/policy_overrides/{override_id:str}/approval",
    by=[O],
    scope=Scope.POLICY_WRITE,
    refuses=[*_DECIDING, PolicyOverrideRefused, ConsumerLimitAboveRule],
)
async def approve_policy_override(
    call: Call, override_id: OverrideInPath, data: JSONBody[OverrideDecision], key: IdempotencyKey
) -> Response[OverrideShown]:
    """Approve what somebody else proposed: it holds from its day, tomorrow at the earliest."""
    wanted = read_id(ids.OVERRIDE, override_id)

    async def work(tx: Tx, now: Moment) -> UUID:
        zone = call.platform.programme.zone
        after = await overrides.approve(tx, now, zone, wanted, who_asks(call), data.reason)
        check_rules(call, after, after.overrides[-1].starts_on)
        return wanted

    return await _decided(call, key, data, data.reason, work)


@makes(
    "/v1/policy_overrides/{override_id:str}/withdrawal",
    by=[O],
    scope=Scope.POLICY_WRITE,
    refuses=_DECIDING,
)
async def withdraw_policy_override(
    call: Call, override_id: OverrideInPath, data: JSONBody[OverrideDecision], key: IdempotencyKey
) -> Response[OverrideShown]:
    """End an override from tomorrow on; one that was stricter is lifted by somebody else than who set it."""
    wanted = read_id(ids.OVERRIDE, override_id)

    async def work(tx: Tx, now: Moment) -> UUID:
        await overrides.withdraw(tx, now, call.platform.programme.zone, wanted, who_asks(call), data.reason)
        return wanted

    return await _decided(call, key, data, data.reason, work)


async def _decided(
    call: Call, key: str, said: object, reason: str, work: Callable[[Tx, Moment], Awaitable[UUID]]
) -> Response[OverrideShown]:
    """Do it once, and go on under the rules as they are then."""

    async def attempt(tx: Tx, now: Moment) -> OverrideShown:
        if not reason.strip():
            raise ReasonNeeded(pointer="/reason")
        return _shown(await overrides.override(tx, await work(tx, now)), now.today)

    answer = await once(call, key, said, attempt)
    await call.platform.adopt_rules()
    return answer


def proposal_of(call: Call, data: OverrideAsked) -> Proposal:
    """Read what is proposed; for the programme's own lender when nobody else is named."""
    return Proposal(
        data.rule,
        data.applies_to or call.platform.programme.lender_type,
        data.kind,
        data.value,
        data.reason,
        data.from_on,
        data.review_on,
        data.expires_on,
    )


def check_rules(call: Call, pack: Pack, on: date) -> None:
    """Hold the limit policy that is in use against the rules as they would be. Refuses: ConsumerLimitAboveRule."""
    check_engine(call.platform.engine, pack, lender_type=call.platform.programme.lender_type, on=on)


def who_asks(call: Call) -> Who:
    """Say which person asks, with which key."""
    return Who(call.person, actor(call))


def _shown(one: StoredOverride, today: date) -> OverrideShown:
    return OverrideShown(
        id=show_id(ids.OVERRIDE, one.id),
        rule=one.rule,
        applies_to=one.applies_to,
        kind=OverrideKind(one.kind),
        value=msgspec.json.decode(one.value),
        reason=one.reason,
        state=one.state_on(today),
        proposed_by=one.person,
        proposed_key=one.actor,
        from_on=one.from_on,
        review_on=one.review_on,
        expires_on=one.expires_on,
        recorded_at=one.recorded_at,
        approval=_step(one.approved_by, one.approved_with, one.approval_reason, one.starts_on),
        withdrawal=_step(one.withdrawn_by, one.withdrawn_with, one.withdrawal_reason, one.ends_on),
    )


def _step(by: str | None, key: str | None, reason: str | None, on: date | None) -> OverrideStepShown | None:
    if by is None or key is None or reason is None or on is None:
        return None
    return OverrideStepShown(by, key, reason, on)


ROUTES = [list_policy_overrides, propose_policy_override, approve_policy_override, withdraw_policy_override]
