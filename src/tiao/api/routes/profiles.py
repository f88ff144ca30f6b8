"""What is known of a customer, what the customer allows to be read, and what others tell."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody, PathParameter

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import AnyCustomer, CustomerId, IdempotencyKey, Instant
from tiao.api.operation import C, O, ends, makes, reads, sets
from tiao.api.refusals import SubjectMissing
from tiao.api.services import Call
from tiao.identity import actions as identity
from tiao.identity.refusals import CustomerUnknown
from tiao.partners.scopes import Scope
from tiao.privacy import actions as privacy
from tiao.privacy.model import Purpose
from tiao.profile import actions as profile
from tiao.profile.catalogue import FEATURES
from tiao.profile.model import Source
from tiao.profile.refusals import ConsentMissing, SignalAheadOfTime
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

PurposeInPath: TypeAlias = Annotated[
    Purpose, PathParameter(description="What is allowed: social_data or partner_data.")
]
SignalName: TypeAlias = Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]{1,64}$", description="What is told.")]
SignalValue: TypeAlias = Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12, description="A whole number.")]


class FeatureShown(msgspec.Struct, frozen=True):
    """One feature: its value, or what it means that there is none."""

    name: str
    source: Source
    value: int | None
    says: str
    null_means: str


class ProfileShown(msgspec.Struct, frozen=True):
    """What is known of a customer at an instant. *is_thin*: little is, which refuses nothing."""

    customer: CustomerId
    as_of: datetime
    version: str
    is_thin: bool
    absent: list[Source]
    features: list[FeatureShown]


class ConsentShown(msgspec.Struct, frozen=True):
    """A consent, from giving to revoking."""

    purpose: Purpose
    given_at: datetime
    revoked_at: datetime | None


class ConsentList(msgspec.Struct, frozen=True):
    """A customer's consents, oldest first."""

    data: list[ConsentShown]


class SignalGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a partner or a social network tells of a customer."""

    customer: CustomerId
    source: Literal["social", "partner"]
    name: SignalName
    value: SignalValue
    observed_at: Instant


class SignalShown(msgspec.Struct, frozen=True):
    """What was taken in."""

    customer: CustomerId
    source: Source
    name: str
    value: int
    observed_at: datetime
    received_at: datetime


@reads("/v1/profile", by=[C, O], scope=Scope.DECISIONS_READ, refuses=[CustomerUnknown, SubjectMissing])
async def read_profile(call: Call, customer: AnyCustomer = None) -> ProfileShown:
    """Show what is known of a customer now, as a decision would see it."""
    subject = call.customer(customer)
    async with call.db.begin() as tx:
        await identity.customer(tx, subject)
        found = (await profile.profiles(tx, await call.platform.moments(tx), [subject]))[subject]
    return ProfileShown(
        customer=show_id(ids.CUSTOMER, subject),
        as_of=found.as_of,
        version=found.version,
        is_thin=found.is_thin,
        absent=list(found.absent),
        features=[
            FeatureShown(each.name, each.source, found.values[each.name], each.says, each.null_means)
            for each in FEATURES
        ],
    )


@reads("/v1/consents", by=[C, O], scope=Scope.CUSTOMERS_READ, refuses=[CustomerUnknown, SubjectMissing])
async def list_consents(call: Call, customer: AnyCustomer = None) -> ConsentList:
    """List what a customer allows and allowed."""
    subject = call.customer(customer)
    async with call.db.begin() as tx:
        return await _consents(tx, subject)


@sets("/v1/consents/{purpose:str}", by=[C], scope=Scope.APPLICATIONS_WRITE)
async def give_consent(call: Call, purpose: PurposeInPath) -> ConsentList:
    """Allow data to be read for credit decisions; it can be taken back at any time."""
    async with call.db.begin() as tx:
        await privacy.give(tx, await call.platform.moments(tx), call.caller.subject_id, purpose)
        return await _consents(tx, call.caller.subject_id)


@ends("/v1/consents/{purpose:str}", by=[C], scope=Scope.APPLICATIONS_WRITE)
async def revoke_consent(call: Call, purpose: PurposeInPath) -> ConsentList:
    """Take a consent back: from now on nothing of it is read. No line is lost and no application refused by it."""
    async with call.db.begin() as tx:
        await privacy.revoke(tx, await call.platform.moments(tx), call.caller.subject_id, purpose)
        return await _consents(tx, call.caller.subject_id)


@makes(
    "/v1/signals",
    by=[O],
    scope=Scope.CUSTOMERS_WRITE,
    refuses=[CustomerUnknown, ConsentMissing, SignalAheadOfTime],
)
async def note_signal(call: Call, data: JSONBody[SignalGiven], key: IdempotencyKey) -> Response[SignalShown]:
    """Take in what a partner or a social network tells of a customer who allows it."""
    subject, source = read_id(ids.CUSTOMER, data.customer), Source(data.source)

    async def work(tx: Tx, now: Moment) -> SignalShown:
        await identity.customer(tx, subject)
        await profile.note_signal(
            tx, now, subject, source=source, name=data.name, value=data.value, observed_at=data.observed_at
        )
        return SignalShown(data.customer, source, data.name, data.value, data.observed_at, now.at)

    return await once(call, key, data, work)


async def _consents(tx: Tx, customer_id: UUID) -> ConsentList:
    found = await privacy.consents_of(tx, customer_id)
    return ConsentList([ConsentShown(each.purpose, each.given_at, each.revoked_at) for each in found])


ROUTES = [read_profile, list_consents, give_consent, revoke_consent, note_signal]
