"""Companies that want to become merchants: what they say, hand in, take back, and how far they have come."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import Currency, IdempotencyKey, MerchantApplicationInPath, MerchantId, Text
from tiao.api.operation import M, O, makes, reads, sets
from tiao.api.paging import After, ByTime, Limit
from tiao.api.refusals import CursorInvalid
from tiao.api.services import Asked, Call
from tiao.partners.model import Role
from tiao.partners.onboarding import actions as onboarding
from tiao.partners.onboarding import contracting
from tiao.partners.onboarding.model import Admission, Application, ApplicationState, Private, Said, Step, StepKind
from tiao.partners.onboarding.refusals import (
    CompanyAppliesAlready,
    CreditCodeInvalid,
    MerchantApplicationInvalid,
    MerchantApplicationNotOpen,
    MerchantApplicationUnknown,
    PaperMissing,
)
from tiao.partners.scenes.refusals import SceneUnknown
from tiao.partners.scenes.rules import shipped_scenes
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldUnreadable
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

_SAID_REFUSES = (CreditCodeInvalid, MerchantApplicationInvalid, SceneUnknown, CompanyAppliesAlready)

SceneName = Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,40}$", description="A scene, as `/v1/scenes` names it.")]
Texts = Annotated[list[Text], msgspec.Meta(max_length=20)]
StateAsked = Annotated[ApplicationState | None, QueryParameter(name="state", description="Only those that stand so.")]


class CompanyGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a company says of itself. *credit_code*: 统一社会信用代码; *account*: digits, where it is paid."""

    company: Text
    credit_code: Text
    trade_name: Text
    representative: Text
    phone: Text
    account_holder: Text
    account: Text
    scenes: Annotated[list[SceneName], msgspec.Meta(min_length=1, max_length=5)]
    websites: Texts = []
    stores: Texts = []
    currency: Currency = "CNY"


class AdmissionShown(msgspec.Struct, frozen=True):
    """A merchant that a company became, for one scene."""

    scene: str
    merchant: MerchantId
    discount_rate: str
    grade: str
    at: datetime


class ApplicationStepShown(msgspec.Struct, frozen=True):
    """One thing that was done about an application."""

    number: int
    kind: StepKind
    actor: str
    said: str
    at: datetime


class MerchantApplicationShown(msgspec.Struct, frozen=True):
    """A company's application. Of phone and account only the last four signs; *reasons* say why it was refused."""

    id: str
    state: ApplicationState
    company: str
    credit_code: str
    trade_name: str
    representative: str
    phone_tail: str
    account_holder: str
    account_tail: str
    currency: Currency
    scenes: list[str]
    websites: list[str]
    stores: list[str]
    opened_at: datetime
    submitted_at: datetime | None
    proposed_by: str | None
    proposed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    grade: str | None
    reasons: list[str]


class MerchantApplicationInFull(msgspec.Struct, frozen=True):
    """An application with what was done about it, and what it became."""

    application: MerchantApplicationShown
    steps: list[ApplicationStepShown]
    merchants: list[AdmissionShown]


class MerchantApplicationOpened(msgspec.Struct, frozen=True):
    """A new application, and the token with which the company goes on; it is shown this once, for ninety days."""

    application: MerchantApplicationShown
    token: str


class MerchantApplicationPage(msgspec.Struct, frozen=True):
    """Applications, latest first."""

    data: list[MerchantApplicationShown]
    has_more: bool
    next: str | None


@makes("/v1/merchant_applications", by=[O], scope=Scope.MERCHANTS_WRITE, refuses=_SAID_REFUSES)
async def open_merchant_application(
    call: Call, data: JSONBody[CompanyGiven], key: IdempotencyKey
) -> Response[MerchantApplicationOpened]:
    """Open a company's application, and get the token with which the company itself goes on."""

    async def work(tx: Tx, now: Moment) -> MerchantApplicationOpened:
        made, issued = await onboarding.open_application(
            tx,
            now,
            call.platform.vault,
            shipped_scenes(),
            _said(data),
            actor=actor_of(call),
            real=await call.services.real_moment(tx),
            random_bytes=call.services.random_bytes,
        )
        return MerchantApplicationOpened(application_shown(call, made), issued.token)

    answer = await once(call, key, data, work)
    await call.services.shards.spread()
    return answer


@reads("/v1/merchant_applications", by=[O], scope=Scope.MERCHANTS_READ, refuses=[CursorInvalid, FieldUnreadable])
async def list_merchant_applications(
    call: Call, standing: StateAsked = None, limit: Limit = paging.PAGE_DEFAULT, after: After = None
) -> MerchantApplicationPage:
    """List applications, latest first."""
    place = paging.before(after)
    async with call.db.begin() as tx:
        found = await onboarding.applications(
            tx, state=standing, before_at=place.at, before_id=place.id, limit=limit + 1
        )
    page = paging.cut(found, limit, lambda each: ByTime(each.opened_at, each.id))
    return MerchantApplicationPage([application_shown(call, each) for each in page.items], page.has_more, page.next)


@reads(
    "/v1/merchant_applications/current",
    by=[M],
    scope=Scope.ONBOARDING_WRITE,
    refuses=[MerchantApplicationUnknown, FieldUnreadable],
)
async def read_own_merchant_application(call: Call) -> MerchantApplicationInFull:
    """Show a company its application, or a merchant the one it came from."""
    async with call.db.begin() as tx:
        found = await onboarding.application_of(tx, call.caller.subject_id)
        return await _in_full(tx, call, found)


@reads(
    "/v1/merchant_applications/{application_id:str}",
    by=[M, O],
    scope=Scope.ONBOARDING_WRITE,
    refuses=[MerchantApplicationUnknown, FieldUnreadable],
)
async def read_merchant_application(call: Call, application_id: MerchantApplicationInPath) -> MerchantApplicationInFull:
    """Show an application with what was done about it; a company sees its own only."""
    async with call.db.begin() as tx:
        return await _in_full(tx, call, await own_application(tx, call, application_id))


@sets(
    "/v1/merchant_applications/{application_id:str}",
    by=[M, O],
    scope=Scope.ONBOARDING_WRITE,
    refuses=[MerchantApplicationUnknown, MerchantApplicationNotOpen, *_SAID_REFUSES],
)
async def change_merchant_application(
    call: Call, application_id: MerchantApplicationInPath, data: JSONBody[CompanyGiven]
) -> MerchantApplicationShown:
    """Say something else instead, before the application is handed in."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        found = await own_application(tx, call, application_id)
        vault = call.platform.vault
        changed = await onboarding.change(tx, now, vault, shipped_scenes(), found.id, _said(data), actor=actor_of(call))
        return application_shown(call, changed)


@makes(
    "/v1/merchant_applications/{application_id:str}/submission",
    by=[M, O],
    scope=Scope.ONBOARDING_WRITE,
    status=200,
    refuses=[MerchantApplicationUnknown, MerchantApplicationNotOpen, PaperMissing, SceneUnknown],
)
async def submit_merchant_application(
    call: Call, application_id: MerchantApplicationInPath, key: IdempotencyKey
) -> Response[MerchantApplicationShown]:
    """Hand an application in, with every document that its scenes ask for."""

    async def work(tx: Tx, now: Moment) -> MerchantApplicationShown:
        found = await own_application(tx, call, application_id)
        done = await onboarding.submit(tx, now, shipped_scenes(), found.id, actor=actor_of(call))
        return application_shown(call, done)

    return await once(call, key, None, work, status=200)


@makes(
    "/v1/merchant_applications/{application_id:str}/withdrawal",
    by=[M, O],
    scope=Scope.ONBOARDING_WRITE,
    status=200,
    refuses=[MerchantApplicationUnknown, MerchantApplicationNotOpen],
)
async def withdraw_merchant_application(
    call: Call, application_id: MerchantApplicationInPath, key: IdempotencyKey
) -> Response[MerchantApplicationShown]:
    """Take an application back, until it is active."""

    async def work(tx: Tx, now: Moment) -> MerchantApplicationShown:
        found = await own_application(tx, call, application_id)
        return application_shown(call, await onboarding.withdraw(tx, now, found.id, actor=actor_of(call)))

    return await once(call, key, None, work, status=200)


async def own_application(tx: Tx, call: Asked, application_id: str) -> Application:
    """Read an application: an operator any, a company its own. Refuses: MerchantApplicationUnknown."""
    wanted = read_id(ids.MERCHANT_APPLICATION, application_id)
    if call.caller.role is Role.MERCHANT:
        own = await onboarding.application_of(tx, call.caller.subject_id)
        if own.id != wanted:
            raise MerchantApplicationUnknown
        return own
    return await onboarding.application(tx, wanted)


def actor_of(call: Asked) -> str:
    """Say who does something, as it is written down."""
    return show_id(ids.OPERATOR if call.is_operator else ids.MERCHANT, call.caller.subject_id)


def application_shown(call: Asked, found: Application) -> MerchantApplicationShown:
    """Show an application on the wire. Refuses: FieldUnreadable."""
    private = onboarding.said_of(call.platform.vault, found).private
    return MerchantApplicationShown(
        id=show_id(ids.MERCHANT_APPLICATION, found.id),
        state=found.state,
        company=found.company,
        credit_code=found.credit_code,
        trade_name=found.trade_name,
        representative=private.representative,
        phone_tail=private.phone[-4:],
        account_holder=private.account_holder,
        account_tail=private.account[-4:],
        currency=found.currency,
        scenes=found.scenes,
        websites=found.websites,
        stores=found.stores,
        opened_at=found.opened_at,
        submitted_at=found.submitted_at,
        # Who decided what is the staff's own affair.
        proposed_by=found.proposed_by if call.is_operator else None,
        proposed_at=found.proposed_at if call.is_operator else None,
        decided_by=found.decided_by if call.is_operator else None,
        decided_at=found.decided_at,
        grade=found.grade if call.is_operator else None,
        reasons=found.reasons,
    )


async def _in_full(tx: Tx, call: Asked, found: Application) -> MerchantApplicationInFull:
    admissions = await contracting.admissions_of(tx, found.id)
    steps = await onboarding.steps_of(tx, found.id)
    shown = [_step_shown(each, is_staff=call.is_operator) for each in steps if call.is_operator or _is_theirs(each)]
    return MerchantApplicationInFull(
        application_shown(call, found), shown, [_admission_shown(each) for each in admissions]
    )


def _is_theirs(step: Step) -> bool:
    """Tell whether a company reads of a step: not how it was looked at."""
    hidden = {StepKind.CHECKED, StepKind.GRADED, StepKind.PROPOSED, StepKind.SENT_BACK}
    return step.kind not in hidden


def _step_shown(step: Step, *, is_staff: bool) -> ApplicationStepShown:
    # A note of staff is for staff.
    said = step.said if is_staff or step.kind in {StepKind.PAPER_SHOWN, StepKind.SIGNED} else ""
    actor = step.actor if is_staff or step.actor.startswith(ids.MERCHANT) else ids.OPERATOR
    return ApplicationStepShown(step.number, step.kind, actor, said, step.at)


def _admission_shown(each: Admission) -> AdmissionShown:
    merchant: UUID = each.merchant_id
    rate = f"{each.discount_rate.normalize():f}"
    return AdmissionShown(each.scene, show_id(ids.MERCHANT, merchant), rate, each.grade, each.at)


def _said(data: CompanyGiven) -> Said:
    return Said(
        company=data.company,
        credit_code=data.credit_code,
        trade_name=data.trade_name,
        currency=data.currency,
        scenes=data.scenes,
        websites=data.websites,
        stores=data.stores,
        private=Private(data.representative, data.phone, data.account_holder, data.account),
    )


ROUTES = [
    open_merchant_application,
    list_merchant_applications,
    read_own_merchant_application,
    read_merchant_application,
    change_merchant_application,
    submit_merchant_application,
    withdraw_merchant_application,
]
