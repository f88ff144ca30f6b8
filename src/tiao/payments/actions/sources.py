"""Accounts that customers bind, and what they agreed to about them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from tiao.payments import store
from tiao.payments.actions import mandates
from tiao.payments.actions.routes import keep_agreement
from tiao.payments.mandate import NO_LIMITS, MandateLimits
from tiao.payments.model import CardFacts, FundingSource, SourceAgreement, SourceStatus
from tiao.payments.refusals import (
    FundingSourceAlreadyBound,
    FundingSourceInUse,
    FundingSourceUnbound,
    FundingSourceUnknown,
)
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment


async def bind_source(
    tx: Tx,
    now: Moment,
    *,
    customer_id: UUID,
    channel: str,
    agreement: str,
    display: str,
    is_autopay_agreed: bool,
    card: CardFacts | None = None,
) -> FundingSource:
    """Bind an account that the channel agreed to; one that was unbound comes back under its old id.

    Refuses: FundingSourceAlreadyBound.
    """
    bucket = bucket_of(customer_id)
    bound = await store.insert_source(
        tx,
        FundingSource(
            bucket=bucket,
            id=now.new_id(bucket),
            customer_id=customer_id,
            channel=channel,
            agreement=agreement,
            display=display,
            status=SourceStatus.ACTIVE,
            autopay_agreed_at=now.at if is_autopay_agreed else None,
            bound_at=now.at,
            issuer=None if card is None else card.issuer,
            card_kind=None if card is None else card.kind,
            account_class=None if card is None else card.account_class,
        ),
    )
    if bound is None:
        raise FundingSourceAlreadyBound
    await keep_agreement(tx, now, SourceAgreement(bound.id, channel, agreement))
    if is_autopay_agreed:
        await mandates.agree(tx, now, bound, NO_LIMITS)
    return bound


async def unbind(tx: Tx, now: Moment, *, customer_id: UUID, source_id: UUID) -> FundingSource:
    """Unbind an account; its agreement to automatic payment ends with it. Unbound already: nothing happens.

    Refuses: FundingSourceUnknown, FundingSourceInUse.
    """
    found = await _locked(tx, customer_id, source_id)
    if found.status is SourceStatus.UNBOUND:
        return found
    if await store.has_open_debit(tx, found):
        raise FundingSourceInUse
    unbound = msgspec.structs.replace(found, status=SourceStatus.UNBOUND, autopay_agreed_at=None)
    await store.update_source(tx, unbound)
    await mandates.revoke(tx, found.id, now.at)
    return unbound


async def set_autopay(
    tx: Tx,
    now: Moment,
    *,
    customer_id: UUID,
    source_id: UUID,
    is_autopay_agreed: bool,
    limits: MandateLimits = NO_LIMITS,
) -> FundingSource:
    """Record that the customer agrees to automatic payment, or no longer does; the first agreement keeps its instant.

    Refuses: FundingSourceUnknown, FundingSourceUnbound.
    """
    found = await _locked(tx, customer_id, source_id)
    if found.status is SourceStatus.UNBOUND:
        raise FundingSourceUnbound
    agreed_at = (found.autopay_agreed_at or now.at) if is_autopay_agreed else None
    changed = msgspec.structs.replace(found, autopay_agreed_at=agreed_at)
    await store.update_source(tx, changed)
    if is_autopay_agreed:
        await mandates.agree(tx, now, changed, limits)
    else:
        await mandates.revoke(tx, found.id, now.at)
    return changed


async def put_first(tx: Tx, *, customer_id: UUID, source_id: UUID) -> None:
    """Use an account before all others of its customer. Refuses: FundingSourceUnknown."""
    if not await store.put_first(tx, customer_id, source_id):
        raise FundingSourceUnknown


async def source(tx: Tx, *, customer_id: UUID, source_id: UUID) -> FundingSource:
    """Read one of a customer's accounts, unbound ones too. Refuses: FundingSourceUnknown."""
    found = [each for each in await store.read_sources(tx, [source_id]) if each.customer_id == customer_id]
    if not found:
        raise FundingSourceUnknown
    return found[0]


async def sources_of(tx: Tx, customer_id: UUID) -> list[FundingSource]:
    """Read the accounts a customer has bound now, newest first."""
    return await store.read_sources_of(tx, customer_id)


async def sources_of_many(tx: Tx, customer_ids: Collection[UUID]) -> dict[UUID, list[FundingSource]]:
    """Read, by customer, the accounts bound now, in each one's own order; who has none is left out."""
    found: dict[UUID, list[FundingSource]] = {}
    for each in await store.read_sources_of_many(tx, sorted(set(customer_ids))):
        found.setdefault(each.customer_id, []).append(each)
    return found


async def autopay_sources(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, FundingSource]:
    """Read, by customer, the account bound last that may be used for automatic payment."""
    return {found.customer_id: found for found in await store.read_autopay_sources(tx, customer_ids)}


async def _locked(tx: Tx, customer_id: UUID, source_id: UUID) -> FundingSource:
    found = await store.lock_source(tx, customer_id, source_id)
    if found is None:
        raise FundingSourceUnknown
    return found
