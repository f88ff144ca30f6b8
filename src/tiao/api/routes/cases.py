"""What waits for people: the queue, limits that staff propose, and the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Annotated, TypeAlias

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import (
    AmountMinor,
    CaseInPath,
    CustomerId,
    IdempotencyKey,
    LineInPath,
    MerchantId,
    Text,
)
from tiao.api.operation import O, makes, reads
from tiao.api.paging import After, ByTime, Limit
from tiao.api.refusals import CursorInvalid
from tiao.api.routes.credit import AcceptLanguage, DecisionShown, decision_shown
from tiao.api.services import Call
from tiao.casework import rules as casework
from tiao.casework.refusals import (
    CaseClaimed,
    CaseClosed,
    CaseNotClaimed,
    CaseUnknown,
    CheckedBefore,
    MakerIsChecker,
    NothingToClaim,
)
from tiao.credit import answering
from tiao.credit.answering import Said
from tiao.credit.cases import actions as cases
from tiao.credit.cases.model import Case, CaseKind, CaseState, Vote
from tiao.credit.granting import Proposal
from tiao.credit.limits.model import LimitKind, Place
from tiao.credit.refusals import CaseAlreadyOpen, CaseLimitDiffers, CaseLimitInvalid, LineNotFrozen, SublimitInvalid
from tiao.ledger.refusals import LineAlreadyOpen, LineUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.runtime.registry.refusals import ReasonMissing
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)

KindOrNone: TypeAlias = Annotated[CaseKind | None, QueryParameter(name="kind", description="Only cases of this kind.")]


class ProposalGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limit that a member of staff proposes, and why.

    A fixed limit is the line's new one. A temporary or exclusive one is added to it through *ends_on*; an exclusive one
    holds for a merchant or a scene (a merchant's category). One of a scene is the most that may be owed there.
    """

    limit_minor: AmountMinor
    reason: Text
    kind: LimitKind = LimitKind.FIXED
    scene: Text | None = None
    merchant: MerchantId | None = None
    ends_on: date | None = None


class ClaimGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which kind of case is wanted; any, when none is said."""

    kind: CaseKind | None


class AnswerGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person says to a case. The customer reads the reason. Without a limit, the one proposed is meant."""

    agrees: bool
    limit_minor: AmountMinor | None
    reason: Text


class VoteShown(msgspec.Struct, frozen=True):
    """What one person said."""

    actor: str
    agrees: bool
    limit_minor: int | None
    reason: str
    voted_at: datetime


class CaseShown(msgspec.Struct, frozen=True):
    """A case as staff see it; *is_late* when its answer is owed already."""

    id: str
    kind: CaseKind
    state: CaseState
    customer: CustomerId
    application: str | None
    line: str | None
    about: str | None
    maker: str
    reason: str
    limit_kind: LimitKind
    limit_minor: int | None
    scene: str | None
    merchant: str | None
    ends_on: date | None
    approvers_needed: int
    opened_at: datetime
    due_at: datetime
    expires_at: datetime | None
    is_late: bool
    claimed_by: str | None
    claimed_until: datetime | None
    closed_at: datetime | None
    answer: str | None
    votes: list[VoteShown]


class CasePage(msgspec.Struct, frozen=True):
    """Cases, what is owed soonest first."""

    data: list[CaseShown]
    has_more: bool
    next: str | None


class CaseAnswered(msgspec.Struct, frozen=True):
    """A case after somebody spoke, and the decision when that was the last word."""

    case: CaseShown
    decision: DecisionShown | None


class QueueRow(msgspec.Struct, frozen=True):
    """How the queue of one kind of case stands."""

    kind: CaseKind
    open: int
    unclaimed: int
    late: int
    next_due_at: datetime


class QueueShown(msgspec.Struct, frozen=True):
    """How the queue stands."""

    data: list[QueueRow]


@makes(
    "/v1/lines/{line_id:str}/proposals",
    by=[O],
    scope=Scope.CASES_WRITE,
    refuses=[LineUnknown, CaseLimitInvalid, SublimitInvalid, CaseAlreadyOpen, ReasonMissing],
)
async def propose_limit(
    call: Call, line_id: LineInPath, data: JSONBody[ProposalGiven], key: IdempotencyKey
) -> Response[CaseShown]:
    """Propose another limit for a line, for others to agree to."""
    wanted = read_id(ids.LINE, line_id)
    place = Place(data.scene, None if data.merchant is None else read_id(ids.MERCHANT, data.merchant))

    async def work(tx: Tx, now: Moment) -> CaseShown:
        made = await answering.propose_limit(
            tx,
            now,
            call.platform.engine,
            wanted,
            Proposal(data.limit_minor, data.kind, place, data.ends_on),
            actor=call.person,
            reason=data.reason,
        )
        return _case_shown(made, [], now.at)

    return await once(call, key, data, work)


@reads("/v1/cases", by=[O], scope=Scope.CASES_WRITE, refuses=[CursorInvalid])
async def list_cases(
    call: Call, kind: KindOrNone = None, limit: Limit = paging.PAGE_DEFAULT, after: After = None
) -> CasePage:
    """List open cases, what is owed soonest first."""
    place = paging.place_of(after, ByTime) or ByTime(_EARLIEST, paging.FIRST_ID)
    async with call.db.begin() as tx:
        at = (await call.platform.moments(tx)).at
        wanted = None if kind is None else kind.value
        found = await cases.queue(tx, wanted, after_at=place.at, after_id=place.id, limit=limit + 1)
    page = paging.cut(found, limit, lambda each: ByTime(each.due_at, each.id))
    return CasePage([_case_shown(each, [], at) for each in page.items], page.has_more, page.next)


@reads("/v1/case_queue", by=[O], scope=Scope.CASES_WRITE)
async def read_queue(call: Call) -> QueueShown:
    """Show how many cases wait, how many answers are late, and when the next is owed."""
    async with call.db.begin() as tx:
        found = await cases.queue_state(tx, await call.platform.moments(tx))
    return QueueShown(
        [QueueRow(CaseKind(each.kind), each.open, each.unclaimed, each.late, each.next_due_at) for each in found]
    )


@reads("/v1/cases/{case_id:str}", by=[O], scope=Scope.CASES_WRITE, refuses=[CaseUnknown])
async def read_case(call: Call, case_id: CaseInPath) -> CaseShown:
    """Show a case and what was said about it."""
    async with call.db.begin() as tx:
        found, votes = await cases.case_of(tx, read_id(ids.CASE, case_id))
        at = (await call.platform.moments(tx)).at
    return _case_shown(found, votes, at)


@makes("/v1/case_claims", by=[O], scope=Scope.CASES_WRITE, refuses=[NothingToClaim])
async def claim_next_case(call: Call, data: JSONBody[ClaimGiven], key: IdempotencyKey) -> Response[CaseShown]:
    """Take on the case that is owed soonest, among those the caller may answer; others pass it by."""

    async def claim(tx: Tx, now: Moment) -> Case:
        return await cases.claim_next(tx, now, None if data.kind is None else data.kind.value, actor=call.person)

    return await _changed(call, key, data, claim)


@makes(
    "/v1/cases/{case_id:str}/claim",
    by=[O],
    scope=Scope.CASES_WRITE,
    refuses=[CaseUnknown, CaseClosed, CaseClaimed, MakerIsChecker, CheckedBefore],
)
async def claim_case(call: Call, case_id: CaseInPath, key: IdempotencyKey) -> Response[CaseShown]:
    """Take a case on for half an hour; claimed again by the same person, it is kept for longer."""

    async def claim(tx: Tx, now: Moment) -> Case:
        return await cases.claim(tx, now, read_id(ids.CASE, case_id), actor=call.person)

    return await _changed(call, key, None, claim)


@makes(
    "/v1/cases/{case_id:str}/release",
    by=[O],
    scope=Scope.CASES_WRITE,
    refuses=[CaseUnknown, CaseClosed, CaseNotClaimed],
)
async def release_case(call: Call, case_id: CaseInPath, key: IdempotencyKey) -> Response[CaseShown]:
    """Put a case back into the queue."""

    async def let_go(tx: Tx, now: Moment) -> Case:
        return await cases.let_go(tx, now, read_id(ids.CASE, case_id), actor=call.person)

    return await _changed(call, key, None, let_go)


@makes(
    "/v1/cases/{case_id:str}/answers",
    by=[O],
    scope=Scope.CASES_WRITE,
    refuses=[
        CaseUnknown,
        CaseClosed,
        MakerIsChecker,
        CheckedBefore,
        CaseNotClaimed,
        CaseLimitInvalid,
        CaseLimitDiffers,
        ReasonMissing,
        LineAlreadyOpen,
        LineNotFrozen,
    ],
)
async def answer_case(
    call: Call,
    case_id: CaseInPath,
    data: JSONBody[AnswerGiven],
    key: IdempotencyKey,
    accept_language: AcceptLanguage = None,
) -> Response[CaseAnswered]:
    """Agree to a case or refuse it. One refusal ends it; it is agreed to when enough people have."""
    wanted = read_id(ids.CASE, case_id)

    async def work(tx: Tx, now: Moment) -> CaseAnswered:
        said = Said(call.person, data.agrees, data.reason, data.limit_minor)
        done = await answering.answer(tx, now, call.platform.engine, wanted, said)
        _, votes = await cases.case_of(tx, wanted)
        texts = call.platform.engine.texts
        shown = None if done.decision is None else decision_shown(call, done.decision, now.at, accept_language, texts)
        return CaseAnswered(_case_shown(done.case, votes, now.at), shown)

    return await once(call, key, data, work)


async def _changed(
    call: Call, key: str, said: object, change: Callable[[Tx, Moment], Awaitable[Case]]
) -> Response[CaseShown]:
    async def work(tx: Tx, now: Moment) -> CaseShown:
        found = await change(tx, now)
        return _case_shown(found, (await cases.case_of(tx, found.id))[1], now.at)

    return await once(call, key, said, work)


def _case_shown(case: Case, votes: list[Vote], at: datetime) -> CaseShown:
    is_claimed = casework.is_claimed(case, at)
    return CaseShown(
        id=show_id(ids.CASE, case.id),
        kind=case.kind,
        state=case.state,
        customer=show_id(ids.CUSTOMER, case.customer_id),
        application=ids.shown(ids.APPLICATION, case.application_id),
        line=ids.shown(ids.LINE, case.line_id),
        about=ids.shown(ids.DECISION, case.about_id),
        maker=case.maker,
        reason=case.reason,
        limit_kind=case.limit_kind,
        limit_minor=case.limit_minor,
        scene=case.scene,
        merchant=ids.shown(ids.MERCHANT, case.merchant_id),
        ends_on=case.ends_on,
        approvers_needed=case.approvers_needed,
        opened_at=case.opened_at,
        due_at=case.due_at,
        expires_at=case.expires_at,
        is_late=case.state is CaseState.OPEN and case.due_at < at,
        claimed_by=case.claimed_by if is_claimed else None,
        claimed_until=case.claimed_until if is_claimed else None,
        closed_at=case.closed_at,
        answer=ids.shown(ids.DECISION, case.answer_id),
        votes=[VoteShown(vote.actor, vote.agrees, vote.limit_minor, vote.reason, vote.voted_at) for vote in votes],
    )


ROUTES = [
    propose_limit,
    list_cases,
    read_queue,
    read_case,
    claim_next_case,
    claim_case,
    release_case,
    answer_case,
]
