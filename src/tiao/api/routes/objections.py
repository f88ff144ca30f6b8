"""A customer asks for a person to look at a decision again, and reads the answer (PIPL, art. 24)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import AnyCustomer, DecisionInPath, IdempotencyKey, Text
from tiao.api.operation import C, O, makes, reads
from tiao.api.paging import After, ById, Limit
from tiao.api.refusals import CursorInvalid, SubjectMissing
from tiao.api.routes.credit import AcceptLanguage, DecisionShown, decision_shown
from tiao.api.services import Call
from tiao.credit import actions as credit
from tiao.credit import answering
from tiao.credit.cases import actions as cases
from tiao.credit.cases.model import Case, CaseKind, CaseState
from tiao.credit.refusals import (
    ApplicationUnderWay,
    CaseAlreadyOpen,
    ContestedBefore,
    ContestedTooLate,
    DecisionUnknown,
)
from tiao.identity.refusals import CustomerUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.runtime.registry.refusals import ReasonMissing
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

#: The rule that says within how many days a person's answer is owed.
_ANSWER_RULE = "decision.human_review_sla_days"


class ObjectionGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a customer wants a person to look at a decision again."""

    reason: Text


class ObjectionShown(msgspec.Struct, frozen=True):
    """An objection as its customer sees it, with the answer in words."""

    id: str
    decision: str
    state: CaseState
    reason: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    answer: DecisionShown | None


class ObjectionPage(msgspec.Struct, frozen=True):
    """A customer's objections, latest first."""

    data: list[ObjectionShown]
    has_more: bool
    next: str | None


@makes(
    "/v1/decisions/{decision_id:str}/objections",
    by=[C],
    scope=Scope.APPLICATIONS_WRITE,
    refuses=[DecisionUnknown, ApplicationUnderWay, ContestedBefore, ContestedTooLate, CaseAlreadyOpen, ReasonMissing],
)
async def contest_decision(
    call: Call,
    decision_id: DecisionInPath,
    data: JSONBody[ObjectionGiven],
    key: IdempotencyKey,
    accept_language: AcceptLanguage = None,
) -> Response[ObjectionShown]:
    """Ask for a person to look at a decision again; the answer is owed by *due_at*."""
    wanted = read_id(ids.DECISION, decision_id)
    platform = call.platform

    async def work(tx: Tx, now: Moment) -> ObjectionShown:
        days = platform.book.pack.integer(_ANSWER_RULE, on=now.today, lender_type=platform.programme.lender_type)
        made = await answering.contest(
            tx,
            now,
            platform.engine,
            wanted,
            customer_id=call.caller.subject_id,
            reason=data.reason,
            answer_days=days,
        )
        return await _objection_shown(call, tx, made, now.at, accept_language)

    return await once(call, key, data, work)


@reads(
    "/v1/objections",
    by=[C, O],
    scope=Scope.DECISIONS_READ,
    refuses=[CustomerUnknown, SubjectMissing, CursorInvalid],
)
async def list_objections(
    call: Call,
    customer: AnyCustomer = None,
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
    accept_language: AcceptLanguage = None,
) -> ObjectionPage:
    """List a customer's objections with their answers, latest first."""
    place = paging.place_of(after, ById)
    subject = call.customer(customer)
    async with call.db.begin() as tx:
        found = [each for each in await cases.cases_of(tx, subject) if each.kind is CaseKind.OBJECTION]
        page = paging.cut_after(found, place.id if place else None, limit, _id_of)
        at = (await call.platform.moments(tx)).at
        shown = [await _objection_shown(call, tx, each, at, accept_language) for each in page.items]
    return ObjectionPage(shown, page.has_more, page.next)


async def _objection_shown(call: Call, tx: Tx, case: Case, at: datetime, accept_language: str | None) -> ObjectionShown:
    assert case.about_id is not None, "an objection is about a decision"
    answer = None if case.answer_id is None else await credit.decision(tx, case.answer_id)
    texts = call.platform.engine.texts
    return ObjectionShown(
        id=show_id(ids.CASE, case.id),
        decision=show_id(ids.DECISION, case.about_id),
        state=case.state,
        reason=case.reason,
        opened_at=case.opened_at,
        due_at=case.due_at,
        closed_at=case.closed_at,
        answer=None if answer is None else decision_shown(call, answer, at, accept_language, texts),
    )


def _id_of(case: Case) -> UUID:
    return case.id


ROUTES = [contest_decision, list_objections]
