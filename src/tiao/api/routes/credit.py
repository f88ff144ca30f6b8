"""Applications and decisions, told in the customer's own words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import HeaderParameter, JSONBody

from tiao.api import ids, paging
from tiao.api.idempotency import asked_before, once
from tiao.api.ids import (
    AmountOrNoneMinor,
    AnyCustomer,
    ApplicationInPath,
    Currency,
    CustomerId,
    DecisionInPath,
    IdempotencyKey,
)
from tiao.api.operation import C, O, makes, reads
from tiao.api.paging import After, ById, Limit
from tiao.api.refusals import CursorInvalid, SubjectMissing
from tiao.api.services import Call
from tiao.credit import actions as credit
from tiao.credit.answering import contestable_until, is_contestable
from tiao.credit.explanations import explain
from tiao.credit.hinting import hints_of
from tiao.credit.model import Application, Decision, DecisionKind, DecisionOutcome
from tiao.credit.refusals import (
    ApplicantUnderAge,
    ApplicationUnderWay,
    AppliedTooSoon,
    CurrencyNotOffered,
    DecisionOfOtherVersion,
    DecisionUnknown,
    IncomeInvalid,
)
from tiao.credit.registry import actions as registry
from tiao.identity.refusals import CustomerUnknown
from tiao.learning.forms import Reason
from tiao.ledger.refusals import LineAlreadyOpen
from tiao.partners.scopes import Scope
from tiao.policy.conduct import check_bureau_query
from tiao.policy.refusals import BureauQueryWithoutConsent
from tiao.privacy import actions as privacy
from tiao.privacy.model import BureauConsent, ConsentChannel
from tiao.privacy.refusals import ConsentTextUnknown
from tiao.privacy.texts import BUREAU_QUERY, text_of
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of, read_id, show_id
from tiao.values.language import prefers_english
from tiao.values.moment import Moment
from tiao.values.refusal import Kind, Refusal


class ApplicationUnknown(Refusal):
    """There is no such application."""

    kind = Kind.NOT_FOUND


class BureauConsentGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer was shown and agreed to before the bureau is asked: which wording, in which language, where."""

    text_version: date
    channel: ConsentChannel
    language: Literal["zh-CN", "en"] = "zh-CN"


class ApplicationGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a customer asks for; the income is a month's.

    *bureau_consent* is needed where rule `bureau.query_requires_consent` holds, as it does in China.
    """

    currency: Currency
    income_minor: AmountOrNoneMinor
    bureau_consent: BureauConsentGiven | None = None


class ReasonShown(msgspec.Struct, frozen=True):
    """One reason for a decision, in the caller's language."""

    code: str
    text: str


class DecisionShown(msgspec.Struct, frozen=True):
    """A credit decision: what was decided, why, by which versions, and until when a person can be asked for.

    *text* is the notice, *words* what a member of staff wrote; *is_contestable* tells by the programme's own time
    whether a person can be asked for still.
    """

    id: str
    customer: CustomerId
    application: str | None
    line: str | None
    kind: DecisionKind
    outcome: DecisionOutcome
    currency: Currency
    limit_before_minor: int
    limit_after_minor: int
    language: str
    text: str
    words: str | None
    reasons: list[ReasonShown]
    model_version: str
    policy_version: str
    decided_at: datetime
    contestable_until: datetime
    is_contestable: bool


class HintsShown(msgspec.Struct, frozen=True):
    """What would have been enough, each by itself with everything else as it was; it promises nothing for later."""

    language: str
    hints: list[ReasonShown]


class DecisionPage(msgspec.Struct, frozen=True):
    """Decisions, newest first."""

    data: list[DecisionShown]
    has_more: bool
    next: str | None


class BureauConsentShown(msgspec.Struct, frozen=True):
    """What the customer agreed to before the bureau was asked, and when."""

    text_version: date
    language: str
    channel: ConsentChannel
    given_at: datetime


class ApplicationShown(msgspec.Struct, frozen=True):
    """An application and what was decided about it."""

    id: str
    customer: CustomerId
    currency: Currency
    income_minor: int
    received_at: datetime
    bureau_consent: BureauConsentShown | None
    decision: DecisionShown


AcceptLanguage = Annotated[
    str | None,
    HeaderParameter(
        name="Accept-Language", max_length=200, description="zh-CN (the default) or en: what reasons are told in."
    ),
]


@makes(
    "/v1/applications",
    by=[C],
    scope=Scope.APPLICATIONS_WRITE,
    refuses=[
        AppliedTooSoon,
        ApplicantUnderAge,
        ApplicationUnderWay,
        BureauQueryWithoutConsent,
        ConsentTextUnknown,
        CurrencyNotOffered,
        CustomerUnknown,
        IncomeInvalid,
        LineAlreadyOpen,
    ],
)
async def apply(
    call: Call, data: JSONBody[ApplicationGiven], key: IdempotencyKey, accept_language: AcceptLanguage = None
) -> Response[ApplicationShown]:
    """Apply for a credit line; the answer is the decision. The bureau is asked once for each key, with consent only."""
    async with call.db.statements() as tx:
        given: Response[ApplicationShown] | None
        given, asked = await asked_before(tx, call, key, data)
        if given is not None:
            return given
        application, consent = consented(call, asked, data)
        # Who will be refused anyway is not asked about.
        applicant = await credit.check_applicant(tx, asked, call.platform.engine, application)
        if consent is not None:
            await privacy.note_bureau_consents(tx, [consent])
    report = await call.platform.bureau.report(applicant.identity_hmac, at=asked.at)

    async def work(tx: Tx, now: Moment) -> ApplicationShown:
        made = await credit.apply(tx, now, call.platform.engine, application, report)
        assert made.application_id is not None, "an application's decision names it"
        texts = await registry.texts_of(tx, call.platform.engine, [made])
        return ApplicationShown(
            id=show_id(ids.APPLICATION, made.application_id),
            customer=show_id(ids.CUSTOMER, application.customer_id),
            currency=data.currency,
            income_minor=data.income_minor,
            received_at=now.at,
            bureau_consent=_consent_shown(consent),
            decision=decision_shown(call, made, now.at, accept_language, texts),
        )

    return await once(call, key, data, work)


@reads(
    "/v1/applications/{application_id:str}",
    by=[C, O],
    scope=Scope.DECISIONS_READ,
    refuses=[ApplicationUnknown, CustomerUnknown, SubjectMissing],
)
async def read_application(
    call: Call, application_id: ApplicationInPath, customer: AnyCustomer = None, accept_language: AcceptLanguage = None
) -> ApplicationShown:
    """Show an application and its decision."""
    wanted = read_id(ids.APPLICATION, application_id)
    subject = call.customer(customer)
    async with call.db.begin() as tx:
        applications = {each.id: each for each in await credit.applications_of(tx, subject)}
        # Newest first: the last word on an application is the one that stays.
        decisions = {each.application_id: each for each in reversed(await credit.decisions_of(tx, subject))}
        texts = await registry.texts_of(tx, call.platform.engine, list(decisions.values()))
        consents = await privacy.bureau_consents_of(tx, subject)
        at = (await call.platform.moments(tx)).at
    if wanted not in applications:
        raise ApplicationUnknown
    application = applications[wanted]
    return ApplicationShown(
        id=show_id(ids.APPLICATION, application.id),
        customer=show_id(ids.CUSTOMER, application.customer_id),
        currency=application.currency,
        income_minor=application.income_minor,
        received_at=application.received_at,
        bureau_consent=_consent_shown(consents.get(application.id)),
        decision=decision_shown(call, decisions[wanted], at, accept_language, texts),
    )


@reads(
    "/v1/decisions",
    by=[C, O],
    scope=Scope.DECISIONS_READ,
    refuses=[CustomerUnknown, SubjectMissing, CursorInvalid],
)
async def list_decisions(
    call: Call,
    customer: AnyCustomer = None,
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
    accept_language: AcceptLanguage = None,
) -> DecisionPage:
    """List what was decided about a customer, newest first."""
    place = paging.place_of(after, ById)
    subject = call.customer(customer)
    async with call.db.begin() as tx:
        found = await credit.decisions_of(tx, subject)
        texts = await registry.texts_of(tx, call.platform.engine, found)
        at = (await call.platform.moments(tx)).at
    page = paging.cut_after(found, place.id if place else None, limit, _id_of)
    shown = [decision_shown(call, each, at, accept_language, texts) for each in page.items]
    return DecisionPage(shown, page.has_more, page.next)


@reads("/v1/decisions/{decision_id:str}", by=[C, O], scope=Scope.DECISIONS_READ, refuses=[DecisionUnknown])
async def read_decision(
    call: Call, decision_id: DecisionInPath, accept_language: AcceptLanguage = None
) -> DecisionShown:
    """Show a decision with its reasons."""
    async with call.db.begin() as tx:
        found = await credit.decision(tx, read_id(ids.DECISION, decision_id))
        texts = await registry.texts_of(tx, call.platform.engine, [found])
        at = (await call.platform.moments(tx)).at
    call.require_own(DecisionUnknown, customer_id=found.customer_id)
    return decision_shown(call, found, at, accept_language, texts)


@reads(
    "/v1/decisions/{decision_id:str}/hints",
    by=[C, O],
    scope=Scope.DECISIONS_READ,
    refuses=[DecisionUnknown, DecisionOfOtherVersion],
)
async def read_hints(call: Call, decision_id: DecisionInPath, accept_language: AcceptLanguage = None) -> HintsShown:
    """Say which one change would have led to a pass, or to a higher limit where the grade bound it."""
    async with call.db.begin() as tx:
        found = await credit.decision(tx, read_id(ids.DECISION, decision_id))
        call.require_own(DecisionUnknown, customer_id=found.customer_id)
        given = await hints_of(tx, call.platform.engine, found)
    is_english = prefers_english(accept_language)
    hints = [ReasonShown(each.hint.code, each.en if is_english else each.zh) for each in given]
    return HintsShown("en" if is_english else "zh-CN", hints)


def consented(call: Call, now: Moment, data: ApplicationGiven) -> tuple[Application, BureauConsent | None]:
    """Name an application, and the consent to ask a bureau for it.

    Refuses: BureauQueryWithoutConsent, ConsentTextUnknown.
    """
    platform, customer_id, given = call.platform, call.caller.subject_id, data.bureau_consent
    check_bureau_query(
        has_consent=given is not None,
        on=now.today,
        pack=platform.book.pack,
        lender_type=platform.programme.lender_type,
    )
    bucket = bucket_of(customer_id)
    application_id = now.new_id(bucket)
    application = Application(customer_id, data.currency, data.income_minor, application_id)
    if given is None:
        return application, None
    text_of(BUREAU_QUERY, given.text_version)
    consent = BureauConsent(
        bucket=bucket,
        application_id=application_id,
        customer_id=customer_id,
        text_version=given.text_version,
        language=given.language,
        channel=given.channel,
        given_at=now.at,
    )
    return application, consent


def _consent_shown(given: BureauConsent | None) -> BureauConsentShown | None:
    if given is None:
        return None
    return BureauConsentShown(given.text_version, given.language, given.channel, given.given_at)


def decision_shown(
    call: Call, made: Decision, at: datetime, accept_language: str | None, texts: Mapping[str, Reason]
) -> DecisionShown:
    """Tell a decision in the caller's language."""
    is_english = prefers_english(accept_language)
    told = explain(made, texts, currency=call.platform.programme.currency)
    return DecisionShown(
        id=show_id(ids.DECISION, made.id),
        customer=show_id(ids.CUSTOMER, made.customer_id),
        application=ids.shown(ids.APPLICATION, made.application_id),
        line=ids.shown(ids.LINE, made.line_id),
        kind=made.kind,
        outcome=made.outcome,
        currency=call.platform.programme.currency,
        limit_before_minor=made.limit_before_minor,
        limit_after_minor=made.limit_after_minor,
        language="en" if is_english else "zh-CN",
        text=told.en if is_english else told.zh,
        words=told.words,
        reasons=[ReasonShown(each.code, each.en if is_english else each.zh) for each in told.reasons],
        model_version=made.model_version,
        policy_version=made.policy_version,
        decided_at=made.decided_at,
        contestable_until=contestable_until(call.platform.engine, made),
        is_contestable=is_contestable(call.platform.engine, made, at),
    )


def _id_of(made: Decision) -> UUID:
    return made.id


ROUTES = [apply, read_application, list_decisions, read_decision, read_hints]
