"""What staff decide about companies that apply: look them up, grade, propose, approve, refuse, make them merchants."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import given_before, once
from tiao.api.ids import IdempotencyKey, MerchantApplicationInPath, MerchantId, Text, Words
from tiao.api.operation import M, O, makes, reads
from tiao.api.routes.merchant_applications import (
    MerchantApplicationShown,
    actor_of,
    application_shown,
    own_application,
)
from tiao.api.services import Asked, Call
from tiao.partners.onboarding import actions as onboarding
from tiao.partners.onboarding import deciding
from tiao.partners.onboarding.model import Application, Check, CheckState, Grade, Reason, Record, Standing
from tiao.partners.onboarding.refusals import (
    CheckMissing,
    ContractNotSigned,
    GradeMissing,
    GradeNotApprovable,
    MerchantApplicationNotOpen,
    MerchantApplicationUnknown,
    OwnMerchantProposal,
    RegistryMissing,
)
from tiao.partners.scenes.rules import shipped_scenes
from tiao.partners.scopes import Scope
from tiao.payments.proposing import admitting
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldUnreadable
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

_STANDS = (MerchantApplicationUnknown, MerchantApplicationNotOpen)
_GRADED = (CheckMissing, GradeMissing, GradeNotApprovable)


class RecordShown(msgspec.Struct, frozen=True):
    """What the register says of a company."""

    company: str
    representative: str
    standing: Standing
    registered_on: date
    capital_minor: int
    scope: str


class CheckShown(msgspec.Struct, frozen=True):
    """A question to the register, what it said, and what does not agree."""

    state: CheckState
    asked_by: str
    asked_at: datetime
    answered_at: datetime | None
    record: RecordShown | None
    findings: list[str]


class CheckList(msgspec.Struct, frozen=True):
    """What the register was asked, latest first."""

    data: list[CheckShown]


class ReasonShown(msgspec.Struct, frozen=True):
    """One thing that counts against a company, and how much."""

    finding: str
    points: int


class GradeShown(msgspec.Struct, frozen=True):
    """A grade by rule, with every reason; *rules_version* says by which rules."""

    number: int
    grade: str
    points: int
    reasons: list[ReasonShown]
    rules_version: str
    actor: str
    at: datetime


class GradeList(msgspec.Struct, frozen=True):
    """An application's grades, latest first."""

    data: list[GradeShown]


class OnboardingNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it is decided so; staff read it."""

    note: Words


class OnboardingRefusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a company is refused: *reasons* it reads, *note* staff do."""

    reasons: Annotated[list[Text], msgspec.Meta(min_length=1, max_length=10)]
    note: Words


class NewMerchantShown(msgspec.Struct, frozen=True):
    """A merchant that a company became, its scene and discount, and its first key, shown this once."""

    id: MerchantId
    scene: str
    name: str
    discount_rate: str
    reserve_rate: str
    reserve_days: int
    token: str


class ActivationShown(msgspec.Struct, frozen=True):
    """What a company became: one merchant for each scene."""

    merchants: list[NewMerchantShown]


@makes(
    "/v1/merchant_applications/{application_id:str}/checks",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    refuses=[*_STANDS, RegistryMissing],
)
async def check_company(
    call: Call, application_id: MerchantApplicationInPath, key: IdempotencyKey
) -> Response[CheckShown]:
    """Look a company up in the register. No answer is an answer, `unavailable`: ask again with another key."""
    before: Response[CheckShown] | None = await given_before(call, key, None)
    if before is not None:
        return before
    registry = call.platform.registry
    if registry is None:
        raise RegistryMissing
    wanted = read_id(ids.MERCHANT_APPLICATION, application_id)
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        found, check_id = await deciding.begin_check(tx, now, wanted, actor=actor_of(call))
    answer = await registry.look_up(found.credit_code, at=now.at)

    async def work(tx: Tx, now: Moment) -> CheckShown:
        check = await deciding.record_check(
            tx, now, call.platform.vault, wanted, check_id, answer, actor=actor_of(call)
        )
        return _check_shown(check)

    return await once(call, key, None, work)


@reads(
    "/v1/merchant_applications/{application_id:str}/checks",
    by=[O],
    scope=Scope.MERCHANTS_READ,
    refuses=[MerchantApplicationUnknown],
)
async def list_company_checks(call: Call, application_id: MerchantApplicationInPath) -> CheckList:
    """List what the register was asked about a company, latest first."""
    async with call.db.begin() as tx:
        found = await onboarding.application(tx, read_id(ids.MERCHANT_APPLICATION, application_id))
        return CheckList([_check_shown(each) for each in await deciding.checks_of(tx, found.id)])


@makes(
    "/v1/merchant_applications/{application_id:str}/grades",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    refuses=[*_STANDS, CheckMissing, FieldUnreadable],
)
async def grade_company(
    call: Call, application_id: MerchantApplicationInPath, key: IdempotencyKey
) -> Response[GradeShown]:
    """Grade a company by the rules of today, from what the register last said; as often as wanted."""
    wanted = read_id(ids.MERCHANT_APPLICATION, application_id)

    async def work(tx: Tx, now: Moment) -> GradeShown:
        vault = call.platform.vault
        return _grade_shown(await deciding.grade(tx, now, vault, shipped_scenes(), wanted, actor=actor_of(call)))

    return await once(call, key, None, work)


@reads(
    "/v1/merchant_applications/{application_id:str}/grades",
    by=[O],
    scope=Scope.MERCHANTS_READ,
    refuses=[MerchantApplicationUnknown],
)
async def list_company_grades(call: Call, application_id: MerchantApplicationInPath) -> GradeList:
    """List an application's grades, latest first, with their reasons."""
    async with call.db.begin() as tx:
        found = await onboarding.application(tx, read_id(ids.MERCHANT_APPLICATION, application_id))
        return GradeList([_grade_shown(each) for each in await deciding.grades_of(tx, found.id)])


@makes(
    "/v1/merchant_applications/{application_id:str}/proposal",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    status=200,
    refuses=[*_STANDS, *_GRADED],
)
async def propose_company(
    call: Call, application_id: MerchantApplicationInPath, data: JSONBody[OnboardingNote], key: IdempotencyKey
) -> Response[MerchantApplicationShown]:
    """Propose that a company be approved; another operator agrees, sends it back, or refuses."""
    wanted = read_id(ids.MERCHANT_APPLICATION, application_id)

    async def work(tx: Tx, now: Moment) -> Application:
        return await deciding.propose(tx, now, wanted, actor=actor_of(call), note=data.note)

    return await _decided(call, key, data, work)


@makes(
    "/v1/merchant_applications/{application_id:str}/return",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    status=200,
    refuses=_STANDS,
)
async def send_company_back(
    call: Call, application_id: MerchantApplicationInPath, data: JSONBody[OnboardingNote], key: IdempotencyKey
) -> Response[MerchantApplicationShown]:
    """Do not agree to a proposal, or take one's own back: somebody looks again."""
    wanted = read_id(ids.MERCHANT_APPLICATION, application_id)

    async def work(tx: Tx, now: Moment) -> Application:
        return await deciding.send_back(tx, now, wanted, actor=actor_of(call), note=data.note)

    return await _decided(call, key, data, work)


@makes(
    "/v1/merchant_applications/{application_id:str}/approval",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    status=200,
    refuses=[*_STANDS, *_GRADED, OwnMerchantProposal],
)
async def approve_company(
    call: Call, application_id: MerchantApplicationInPath, data: JSONBody[OnboardingNote], key: IdempotencyKey
) -> Response[MerchantApplicationShown]:
    """Agree to what another operator proposed: the company may sign."""
    wanted = read_id(ids.MERCHANT_APPLICATION, application_id)

    async def work(tx: Tx, now: Moment) -> Application:
        return await deciding.approve(tx, now, wanted, actor=actor_of(call), note=data.note)

    return await _decided(call, key, data, work)


@makes(
    "/v1/merchant_applications/{application_id:str}/refusal",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    status=200,
    refuses=_STANDS,
)
async def refuse_company(
    call: Call, application_id: MerchantApplicationInPath, data: JSONBody[OnboardingRefusal], key: IdempotencyKey
) -> Response[MerchantApplicationShown]:
    """Refuse an application, with the reasons that the company reads."""
    wanted = read_id(ids.MERCHANT_APPLICATION, application_id)

    async def work(tx: Tx, now: Moment) -> Application:
        return await deciding.refuse(tx, now, wanted, actor=actor_of(call), reasons=data.reasons, note=data.note)

    return await _decided(call, key, data, work)


@makes(
    "/v1/merchant_applications/{application_id:str}/activation",
    by=[M, O],
    scope=Scope.ONBOARDING_WRITE,
    refuses=[*_STANDS, ContractNotSigned],
)
async def activate_company(
    call: Call, application_id: MerchantApplicationInPath, key: IdempotencyKey
) -> Response[ActivationShown]:
    """Make a company that is approved and has signed a merchant for each of its scenes, each with its first key."""

    async def work(tx: Tx, now: Moment) -> ActivationShown:
        found = await own_application(tx, call, application_id)
        made = await admitting.admit(
            tx,
            now,
            call.platform.vault,
            shipped_scenes(),
            found.id,
            actor=actor_of(call),
            real=await call.services.real_moment(tx),
            random_bytes=call.services.random_bytes,
        )
        shown = [
            NewMerchantShown(
                id=show_id(ids.MERCHANT, each.merchant.id),
                scene=each.merchant.category,
                name=each.merchant.name,
                discount_rate=f"{each.merchant.discount_rate.normalize():f}",
                reserve_rate=f"{each.terms.reserve_rate.normalize():f}",
                reserve_days=each.terms.reserve_days,
                token=each.issued.token,
            )
            for each in made
        ]
        return ActivationShown(shown)

    answer = await once(call, key, None, work)
    await call.services.shards.spread()
    return answer


async def _decided(
    call: Asked, key: str, said: object, work: Callable[[Tx, Moment], Awaitable[Application]]
) -> Response[MerchantApplicationShown]:
    async def shown(tx: Tx, now: Moment) -> MerchantApplicationShown:
        return application_shown(call, await work(tx, now))

    return await once(call, key, said, shown, status=200)


def _check_shown(check: Check) -> CheckShown:
    record = None
    if check.record is not None:
        found = msgspec.json.decode(check.record, type=Record)
        record = RecordShown(
            found.company, found.representative, found.standing, found.registered_on, found.capital_minor, found.scope
        )
    return CheckShown(check.state, check.asked_by, check.asked_at, check.answered_at, record, check.findings)


def _grade_shown(grade: Grade) -> GradeShown:
    reasons = msgspec.json.decode(grade.reasons, type=list[Reason])
    return GradeShown(
        number=grade.number,
        grade=grade.grade,
        points=grade.points,
        reasons=[ReasonShown(each.finding, each.points) for each in reasons],
        rules_version=grade.rules_version,
        actor=grade.actor,
        at=grade.at,
    )


ROUTES = [
    check_company,
    list_company_checks,
    grade_company,
    list_company_grades,
    propose_company,
    send_company_back,
    approve_company,
    refuse_company,
    activate_company,
]
