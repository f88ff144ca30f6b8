"""What can be done with consents, inside the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tiao.privacy import store
from tiao.privacy.model import BureauConsent, Consent, Purpose
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment


async def give(tx: Tx, now: Moment, customer_id: UUID, purpose: Purpose) -> None:
    """Allow a purpose; allowed already, nothing changes."""
    await store.insert(tx, now.new_id(bucket_of(customer_id)), customer_id, purpose, now.at)


async def revoke(tx: Tx, now: Moment, customer_id: UUID, purpose: Purpose) -> None:
    """Take a consent back; not allowed, nothing changes."""
    await store.end(tx, customer_id, purpose, now.at)


async def agree(tx: Tx, now: Moment, customer_id: UUID, texts: Sequence[str], *, version_on: date) -> None:
    """Write down texts that were agreed to, in the version of a day; agreed already, nothing changes."""
    for text in texts:
        await store.insert_agreement(tx, customer_id, text, version_on, now.at)


async def consents_of(tx: Tx, customer_id: UUID) -> list[Consent]:
    """Read a customer's consents, revoked ones included, oldest first."""
    return await store.read(tx, customer_id)


async def allowed(tx: Tx, customer_ids: Sequence[UUID], at: datetime) -> dict[UUID, frozenset[Purpose]]:
    """Tell what each customer allows at an instant."""
    found: dict[UUID, set[Purpose]] = defaultdict(set)
    for customer_id, purpose in await store.read_in_force(tx, customer_ids, at):
        found[customer_id].add(purpose)
    return {customer_id: frozenset(found.get(customer_id, ())) for customer_id in customer_ids}


async def note_bureau_consents(tx: Tx, given: Sequence[BureauConsent]) -> None:
    """Keep consents to queries, before these go out."""
    await store.insert_bureau_consents(tx, given)


async def bureau_consents_of(tx: Tx, customer_id: UUID) -> dict[UUID, BureauConsent]:
    """Read a customer's consents to queries, by application."""
    return {each.application_id: each for each in await store.read_bureau_consents(tx, customer_id)}
