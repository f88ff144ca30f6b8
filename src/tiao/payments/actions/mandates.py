"""What customers agreed to about automatic payment: which text, up to how much; and what is left of it today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from uuid import UUID

import msgspec

from tiao.payments import mandate_store as store
from tiao.payments import route_store
from tiao.payments import store as accounts
from tiao.payments.mandate import Mandate, MandateLimits
from tiao.payments.model import FundingSource
from tiao.payments.routing.capability import CLASS_LIMITS_MINOR
from tiao.runtime.db import Tx
from tiao.values.ids import derived_id
from tiao.values.moment import Moment

_LIMITED = frozenset(CLASS_LIMITS_MINOR)


class MandateTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every text that was ever agreed to, by version and language."""

    current: str
    partial: frozenset[str]
    texts: dict[str, dict[str, str]]


@cache
def mandate_texts() -> MandateTexts:
    """Read the texts."""
    return msgspec.yaml.decode((files("tiao.payments") / "mandates.yaml").read_bytes(), type=MandateTexts)


async def agree(tx: Tx, now: Moment, source: FundingSource, limits: MandateLimits) -> Mandate:
    """Put a mandate for an account in force; one with other limits or another text takes the place of the older."""
    texts = mandate_texts()
    in_force = await store.read_in_force(tx, [source.id])
    if in_force and in_force[0].limits == limits and in_force[0].text_version == texts.current:
        return in_force[0]
    await store.revoke(tx, source.id, now.at)
    text = msgspec.json.encode(texts.texts[texts.current], order="sorted")
    made = Mandate(
        bucket=source.bucket,
        id=derived_id("mandate", source.id, now.at.isoformat(), bucket=source.bucket),
        customer_id=source.customer_id,
        source_id=source.id,
        text_version=texts.current,
        text_sha256=sha256(text).hexdigest(),
        single_max_minor=limits.single_max_minor,
        daily_max_minor=limits.daily_max_minor,
        agreed_at=now.at,
        revoked_at=None,
    )
    await store.insert(tx, made)
    return made


async def revoke(tx: Tx, source_id: UUID, at: datetime) -> None:
    """End the mandate of an account; none in force, nothing happens."""
    await store.revoke(tx, source_id, at)


async def mandates_of(tx: Tx, customer_id: UUID) -> list[Mandate]:
    """Read a customer's mandates, revoked ones included, latest first."""
    return await store.read_of(tx, customer_id)


async def left_today(tx: Tx, source_ids: Sequence[UUID], day_began: datetime) -> dict[UUID, int]:
    """Say how much may still be taken of an account at once today; accounts without limits are left out.

    What its mandate lets be taken automatically, and what its bank lets go of an account of class II or III at all.
    """
    used = await store.read_taken(tx, source_ids, day_began)
    found = {}
    for mandate in await store.read_in_force(tx, source_ids):
        bounds = [each for each in (mandate.single_max_minor,) if each is not None]
        if mandate.daily_max_minor is not None:
            bounds.append(max(mandate.daily_max_minor - used.get(mandate.source_id, 0), 0))
        if bounds:
            found[mandate.source_id] = min(bounds)
    for source_id, left in (await _left_of_class(tx, source_ids, day_began)).items():
        found[source_id] = min(left, found.get(source_id, left))
    return found


async def _left_of_class(tx: Tx, source_ids: Sequence[UUID], day_began: datetime) -> dict[UUID, int]:
    sources = await accounts.read_sources(tx, source_ids)
    limits = {each.id: CLASS_LIMITS_MINOR[each.account_class] for each in sources if each.account_class in _LIMITED}
    for used in await route_store.read_used(tx, sorted(limits), day_began) if limits else ():
        limits[used.source_id] = max(limits[used.source_id] - used.amount_minor, 0)
    return limits


async def partial_allowed(tx: Tx, source_ids: Sequence[UUID]) -> set[UUID]:
    """Tell from which accounts a part may be taken: those whose mandate's text says so."""
    texts = mandate_texts()
    return {each.source_id for each in await store.read_in_force(tx, source_ids) if each.text_version in texts.partial}
