"""Bank accounts that customers bind to pay from. Their numbers pass through to the bank and are kept nowhere."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import given_before, once
from tiao.api.ids import AmountMinor, AnyCustomer, CustomerId, IdempotencyKey, SourceId, SourceInPath
from tiao.api.operation import C, O, ends, makes, reads, sets
from tiao.api.refusals import BankUnavailable, SubjectMissing
from tiao.api.services import Call
from tiao.identity import actions as identity
from tiao.identity.refusals import CustomerUnknown
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.mandate import MandateLimits
from tiao.payments.model import FundingSource, SourceStatus
from tiao.payments.providers.channel import BindOrder, BindRefused
from tiao.payments.refusals import (
    BindingRefused,
    FundingSourceAlreadyBound,
    FundingSourceInUse,
    FundingSourceUnbound,
    FundingSourceUnknown,
)
from tiao.risk.entities import EntityKind
from tiao.risk.graph import actions as graph
from tiao.risk.refusals import EntityInvalid
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldUnreadable
from tiao.values.ids import bucket_of, derived_id, read_id, show_id
from tiao.values.moment import Moment
from tiao.wiring import MAIN_CHANNEL


class SourceGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account to bind, in the customer's own name."""

    account_no: Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z-]{4,34}$", description="Account or card number.")]
    is_autopay_agreed: bool = False


class AutopayGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether what is due may be taken from an account without being asked each time, and up to how much.

    The text that is agreed to stands at GET /v1/mandates; without limits it is what is due.
    """

    funding_source: SourceId
    is_autopay_agreed: bool
    single_max_minor: AmountMinor | None = None
    daily_max_minor: AmountMinor | None = None


class SourceShown(msgspec.Struct, frozen=True):
    """A bound account, as the customer recognises it."""

    id: SourceId
    customer: CustomerId
    channel: str
    display: str
    status: SourceStatus
    autopay_agreed_at: datetime | None
    bound_at: datetime


class MandateShown(msgspec.Struct, frozen=True):
    """What was agreed: by version and digest of its text, up to how much, from when until when."""

    funding_source: SourceId
    text_version: str
    text_sha256: str
    single_max_minor: int | None
    daily_max_minor: int | None
    agreed_at: datetime
    revoked_at: datetime | None


class MandateList(msgspec.Struct, frozen=True):
    """A customer's mandates, latest first, and the text that whoever agrees now agrees to, by language."""

    text_version: str
    texts: dict[str, str]
    data: list[MandateShown]


class SourceList(msgspec.Struct, frozen=True):
    """The accounts a customer has bound now, newest first."""

    data: list[SourceShown]


@makes(
    "/v1/funding_sources",
    by=[C],
    scope=Scope.FUNDING_WRITE,
    refuses=[BindingRefused, BankUnavailable, FundingSourceAlreadyBound, CustomerUnknown],
)
async def bind_source(call: Call, data: JSONBody[SourceGiven], key: IdempotencyKey) -> Response[SourceShown]:
    """Bind a bank account: the bank is asked for an agreement to debit it."""
    given: Response[SourceShown] | None = await given_before(call, key, data)
    if given is not None:
        return given
    customer_id = call.caller.subject_id
    async with call.db.begin() as tx:
        at = (await call.platform.moments(tx)).at
        holder = identity.revealed(call.platform.vault, await identity.customer(tx, customer_id))
    number = derived_id("binding", customer_id, key, bucket=bucket_of(customer_id)).hex
    answer = await call.platform.channels[MAIN_CHANNEL].bind(BindOrder(number, data.account_no, holder.name, at))
    if isinstance(answer, BindRefused):
        raise BankUnavailable(code=answer.code) if answer.is_retryable else BindingRefused(code=answer.code)

    async def work(tx: Tx, now: Moment) -> SourceShown:
        bound = await payments.bind_source(
            tx,
            now,
            customer_id=customer_id,
            channel=MAIN_CHANNEL,
            agreement=answer.agreement,
            display=answer.display,
            is_autopay_agreed=data.is_autopay_agreed,
        )
        with suppress(EntityInvalid):  # an account that is no card tells nothing of whom it is shared with
            await graph.see(tx, now, call.platform.vault, customer_id, {EntityKind.CARD: data.account_no})
        return source_shown(bound)

    return await once(call, key, data, work)


@reads(
    "/v1/funding_sources",
    by=[C, O],
    scope=Scope.FUNDING_WRITE,
    refuses=[CustomerUnknown, SubjectMissing, FieldUnreadable],
)
async def list_sources(call: Call, customer: AnyCustomer = None) -> SourceList:
    """List the accounts a customer has bound now, newest first."""
    subject = call.customer(customer)
    async with call.db.begin() as tx:
        return SourceList([source_shown(each) for each in await payments.sources_of(tx, subject)])


@ends(
    "/v1/funding_sources/{source_id:str}",
    by=[C],
    scope=Scope.FUNDING_WRITE,
    refuses=[FundingSourceUnknown, FundingSourceInUse],
)
async def unbind_source(call: Call, source_id: SourceInPath) -> SourceShown:
    """Unbind an account; the agreement to automatic payment ends with it."""
    async with call.db.begin() as tx:
        unbound = await payments.unbind(
            tx,
            await call.platform.moments(tx),
            customer_id=call.caller.subject_id,
            source_id=read_id(ids.SOURCE, source_id),
        )
    return source_shown(unbound)


@sets(
    "/v1/autopay",
    by=[C],
    scope=Scope.REPAYMENTS_WRITE,
    refuses=[FundingSourceUnknown, FundingSourceUnbound],
)
async def set_autopay(call: Call, data: JSONBody[AutopayGiven]) -> SourceShown:
    """Agree to automatic payment from an account, or take the agreement back."""
    async with call.db.begin() as tx:
        changed = await payments.set_autopay(
            tx,
            await call.platform.moments(tx),
            customer_id=call.caller.subject_id,
            source_id=read_id(ids.SOURCE, data.funding_source),
            is_autopay_agreed=data.is_autopay_agreed,
            limits=MandateLimits(data.single_max_minor, data.daily_max_minor),
        )
    return source_shown(changed)


@reads("/v1/mandates", by=[C], scope=Scope.REPAYMENTS_WRITE)
async def list_mandates(call: Call) -> MandateList:
    """List what the customer agreed to about automatic payment, revoked ones too, and the text shown now."""
    async with call.db.begin() as tx:
        found = await payments.mandates_of(tx, call.caller.subject_id)
    texts = payments.mandate_texts()
    data = [
        MandateShown(
            funding_source=show_id(ids.SOURCE, each.source_id),
            text_version=each.text_version,
            text_sha256=each.text_sha256,
            single_max_minor=each.single_max_minor,
            daily_max_minor=each.daily_max_minor,
            agreed_at=each.agreed_at,
            revoked_at=each.revoked_at,
        )
        for each in found
    ]
    return MandateList(texts.current, texts.texts[texts.current], data)


def source_shown(source: FundingSource) -> SourceShown:
    """Show a bound account on the wire."""
    return SourceShown(
        id=show_id(ids.SOURCE, source.id),
        customer=show_id(ids.CUSTOMER, source.customer_id),
        channel=source.channel,
        display=source.display,
        status=source.status,
        autopay_agreed_at=source.autopay_agreed_at,
        bound_at=source.bound_at,
    )


ROUTES = [bind_source, list_sources, unbind_source, set_autopay, list_mandates]
