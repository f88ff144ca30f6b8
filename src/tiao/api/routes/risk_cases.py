"""Cases of risk control: the queue, what hangs together with a case, and the verdicts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import CustomerId, HexDigest, IdempotencyKey, MerchantId, RiskCaseInPath, Text
from tiao.api.operation import O, makes, reads
from tiao.api.paging import After, Limit
from tiao.api.refusals import CursorInvalid, SubjectMissing
from tiao.api.routes.risk_case_views import (
    RiskCasePage,
    RiskCaseWhole,
    RiskQueueRow,
    RiskQueueShown,
    StepShown,
    case_shown,
    related_shown,
    step_shown,
)
from tiao.api.services import Asked, Call
from tiao.casework.refusals import (
    CaseClaimed,
    CaseClosed,
    CaseNotClaimed,
    CaseUnknown,
    CheckedBefore,
    MakerIsChecker,
    NothingToClaim,
)
from tiao.checkout import reviewing
from tiao.checkout.refusals import AuthorisationExpired, PurchaseNotSuspended
from tiao.checkout.reviewing import Verdict
from tiao.partners.scopes import Scope
from tiao.risk.cases import actions as cases
from tiao.risk.cases import rules
from tiao.risk.cases.model import RiskCase, Subject, Suspect
from tiao.risk.graph import actions as graph
from tiao.risk.refusals import CaseAssigned, RiskCaseExists
from tiao.runtime.db import Tx
from tiao.values.ids import read_id
from tiao.values.moment import Moment

OfSubject: TypeAlias = Annotated[Subject | None, QueryParameter(name="subject", description="Only such cases.")]
Mine: TypeAlias = Annotated[bool, QueryParameter(name="mine", description="Only the caller's.")]


class CaseGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody wants looked into: a customer or a merchant, and what is at stake."""

    reason: Text
    amount_minor: ids.AmountOrNoneMinor
    customer: CustomerId | None = None
    merchant: MerchantId | None = None


class WantedGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which subject is wanted; any, when none is said."""

    subject: Subject | None = None


class AssignmentGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose the case is to be; nobody's in particular, when none is said."""

    operator: Annotated[str, msgspec.Meta(pattern=f"^{ids.OPERATOR}_[0-9a-f]{{32}}$")] | None


class NoteGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be noted; with a digest, a document that is kept elsewhere."""

    text: Text
    sha256: HexDigest | None = None


class VerdictGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Yes or no, and why."""

    releases: bool
    reason: Text


@reads("/v1/risk_cases", by=[O], scope=Scope.CASES_WRITE, refuses=[CursorInvalid])
async def list_risk_cases(
    call: Call,
    subject: OfSubject = None,
    *,
    is_mine: Mine = False,
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> RiskCasePage:
    """List open cases, the dearest expected loss first."""
    place = paging.place_of(after, paging.ByLoss) or paging.ByLoss(paging.LAST_NUMBER, paging.FIRST_ID)
    actor = call.person if is_mine else None
    async with call.db.begin() as tx:
        at = (await call.platform.moments(tx)).at
        found = await cases.queue(tx, subject, actor, after_loss=place.loss, after_id=place.id, limit=limit + 1)
    page = paging.cut(found, limit, lambda each: paging.ByLoss(each.loss_minor, each.id))
    return RiskCasePage([case_shown(each, at) for each in page.items], page.has_more, page.next)


@reads("/v1/risk_case_queue", by=[O], scope=Scope.CASES_WRITE)
async def read_risk_queue(call: Call) -> RiskQueueShown:
    """Show how many cases wait, how many are late, what they may cost, and how old the oldest is."""
    async with call.db.begin() as tx:
        found = await cases.queue_state(tx, await call.platform.moments(tx))
    return RiskQueueShown([RiskQueueRow(*each) for each in found])


@reads("/v1/risk_cases/{case_id:str}", by=[O], scope=Scope.CASES_WRITE, refuses=[CaseUnknown])
async def read_risk_case(call: Call, case_id: RiskCaseInPath) -> RiskCaseWhole:
    """Show a case, what was done about it, and the payments that hang together with it."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        return await _whole(tx, now, read_id(ids.RISK_CASE, case_id))


@makes("/v1/risk_cases", by=[O], scope=Scope.CASES_WRITE, refuses=[CaseUnknown, RiskCaseExists, SubjectMissing])
async def open_risk_case(call: Call, data: JSONBody[CaseGiven], key: IdempotencyKey) -> Response[RiskCaseWhole]:
    """Have a customer or a merchant looked into by others."""
    if data.customer is not None:
        call = call.about(read_id(ids.CUSTOMER, data.customer))
    elif data.merchant is None:
        raise SubjectMissing("name a customer or a merchant", pointer="/customer")
    about = Suspect(
        Subject.CUSTOMER if data.customer is not None else Subject.MERCHANT,
        data.amount_minor,
        call.platform.programme.currency,
        rules.PRESUMED_PPM,
        [data.reason.replace(",", "，")],
        customer_id=None if data.customer is None else read_id(ids.CUSTOMER, data.customer),
        merchant_id=None if data.merchant is None else read_id(ids.MERCHANT, data.merchant),
        maker=call.person,
    )

    async def opened(tx: Tx, now: Moment) -> RiskCase:
        made = await cases.open_cases(tx, now, [about])
        if not made:
            raise RiskCaseExists
        return made[0]

    return await _changed(call, key, data, opened)


@makes("/v1/risk_case_claims", by=[O], scope=Scope.CASES_WRITE, refuses=[NothingToClaim])
async def claim_next_risk_case(call: Call, data: JSONBody[WantedGiven], key: IdempotencyKey) -> Response[RiskCaseWhole]:
    """Take on what comes next: the caller's own, then what is late, then the dearest; others pass it by."""
    return await _changed(call, key, data, lambda tx, now: cases.claim_next(tx, now, data.subject, actor=call.person))


@makes(
    "/v1/risk_cases/{case_id:str}/claim",
    by=[O],
    scope=Scope.CASES_WRITE,
    refuses=[CaseUnknown, CaseClosed, CaseClaimed, CaseAssigned, MakerIsChecker, CheckedBefore],
)
async def claim_risk_case(call: Call, case_id: RiskCaseInPath, key: IdempotencyKey) -> Response[RiskCaseWhole]:
    """Take a case on for half an hour; claimed again by the same person, it is kept for longer."""
    wanted = read_id(ids.RISK_CASE, case_id)
    return await _changed(call, key, None, lambda tx, now: cases.claim(tx, now, wanted, actor=call.person))


@makes(
    "/v1/risk_cases/{case_id:str}/let_go",
    by=[O],
    scope=Scope.CASES_WRITE,
    refuses=[CaseUnknown, CaseClosed, CaseNotClaimed],
)
async def let_go_risk_case(call: Call, case_id: RiskCaseInPath, key: IdempotencyKey) -> Response[RiskCaseWhole]:
    """Put a case back into the queue."""
    wanted = read_id(ids.RISK_CASE, case_id)
    return await _changed(call, key, None, lambda tx, now: cases.let_go(tx, now, wanted, actor=call.person))


@makes(
    "/v1/risk_cases/{case_id:str}/assignment",
    by=[O],
    scope=Scope.CASES_WRITE,
    refuses=[CaseUnknown, CaseClosed, MakerIsChecker],
)
async def assign_risk_case(
    call: Call, case_id: RiskCaseInPath, data: JSONBody[AssignmentGiven], key: IdempotencyKey
) -> Response[RiskCaseWhole]:
    """Say whose a case is; nobody else then takes it on."""
    wanted = read_id(ids.RISK_CASE, case_id)
    return await _changed(
        call,
        key,
        data,
        lambda tx, now: cases.assign(tx, now, wanted, assignee=data.operator, actor=call.person),
    )


@makes("/v1/risk_cases/{case_id:str}/notes", by=[O], scope=Scope.CASES_WRITE, refuses=[CaseUnknown])
async def note_on_risk_case(
    call: Call, case_id: RiskCaseInPath, data: JSONBody[NoteGiven], key: IdempotencyKey
) -> Response[StepShown]:
    """Note something about a case, or a document by its digest."""
    wanted = read_id(ids.RISK_CASE, case_id)
    digest = None if data.sha256 is None else bytes.fromhex(data.sha256)

    async def work(tx: Tx, now: Moment) -> StepShown:
        return step_shown(await cases.add_note(tx, now, wanted, actor=call.person, said=data.text, digest=digest))

    return await once(call, key, data, work)


@makes(
    "/v1/risk_cases/{case_id:str}/verdicts",
    by=[O],
    scope=Scope.CASES_WRITE,
    refuses=[
        CaseUnknown,
        CaseClosed,
        CaseNotClaimed,
        MakerIsChecker,
        CheckedBefore,
        PurchaseNotSuspended,
        AuthorisationExpired,
    ],
)
async def judge_risk_case(
    call: Call, case_id: RiskCaseInPath, data: JSONBody[VerdictGiven], key: IdempotencyKey
) -> Response[RiskCaseWhole]:
    """Release or refuse. One no refuses; when as many have agreed as the case needs, the purchase goes on at once."""
    wanted, said = read_id(ids.RISK_CASE, case_id), Verdict(call.person, data.releases, data.reason)

    async def judged(tx: Tx, now: Moment) -> RiskCase:
        return (await reviewing.answer(tx, now, call.platform.book, wanted, said)).case

    return await _changed(call, key, data, judged)


async def _changed(
    call: Asked, key: str, said: object, change: Callable[[Tx, Moment], Awaitable[RiskCase]]
) -> Response[RiskCaseWhole]:
    async def work(tx: Tx, now: Moment) -> RiskCaseWhole:
        return await _whole(tx, now, (await change(tx, now)).id)

    return await once(call, key, said, work)


async def _whole(tx: Tx, now: Moment, case_id: UUID) -> RiskCaseWhole:
    case, steps = await cases.case_of(tx, case_id)
    related = await cases.related(tx, now, case)
    of = [] if case.customer_id is None else [case.customer_id]
    found = await graph.indicators_of(tx, of, now.at)
    links = found[of[0]] if of else None
    return RiskCaseWhole(
        case_shown(case, now.at),
        [step_shown(each) for each in steps],
        [related_shown(each) for each in related],
        1 if links is None else links.ring_size,
        links is not None and links.is_ring,
    )


ROUTES = [
    list_risk_cases,
    read_risk_queue,
    read_risk_case,
    open_risk_case,
    claim_next_risk_case,
    claim_risk_case,
    let_go_risk_case,
    assign_risk_case,
    note_on_risk_case,
    judge_risk_case,
]
