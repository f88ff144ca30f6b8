"""What can be done about events and where they are told, inside the caller's transaction.

Events lie on the server of their fact; endpoints and what is on its way to them lie at home.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from tiao.events import rules, signing, store
from tiao.events.model import (
    Attempt,
    Delivery,
    DisabledReason,
    Endpoint,
    EndpointStatus,
    Event,
    EventKind,
    IssuedSecret,
    NewEndpoint,
    Progress,
    Secret,
    Wanted,
)
from tiao.events.refusals import EndpointDisabled, EndpointsTooMany, EndpointUnknown, EventUnknown, SecretsTooMany
from tiao.events.rules import GRACE, Outcome, Verdict
from tiao.events.signing import SigningKeys
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment

#: Events given their places, or sent on, in one transaction.
A_SET = 1000


async def give_places(tx: Tx) -> int:
    """Let new events of this server be seen, a set of them; answers how many."""
    return await store.give_places(tx, A_SET)


async def last_place(tx: Tx) -> int:
    """Tell how far this server's log goes."""
    return await store.read_last_place(tx)


async def events_of(tx: Tx, merchant_id: UUID, *, after: int, kind: EventKind | None, limit: int) -> list[Event]:
    """Read a merchant's events on this server, in the order of its log; for the next page give the last one's place."""
    return await store.read_events(tx, merchant_id, after=after, kind=kind, limit=limit)


async def event(tx: Tx, event_id: UUID) -> Event:
    """Read one event. Refuses: EventUnknown."""
    number = rules.event_number(event_id)
    found = None if number >= 2**63 else await store.read_event(tx, bucket_of(event_id), number)
    if found is None or rules.event_id(found.bucket, found.number) != event_id:
        raise EventUnknown
    return found


async def events_between(
    tx: Tx, merchant_id: UUID, *, from_at: datetime, until_at: datetime, limit: int
) -> list[Event]:
    """Read a merchant's events on this server of a range of time."""
    return await store.read_events_between(tx, merchant_id, from_at=from_at, until_at=until_at, limit=limit)


async def register(
    tx: Tx,
    now: Moment,
    merchant_id: UUID,
    new: NewEndpoint,
    *,
    places: Mapping[int, int],
    vault: FieldCipher,
    random_bytes: Callable[[int], bytes],
    allow: frozenset[str],
) -> IssuedSecret:
    """Tell a merchant somewhere from now on; *places* says, by server, how far the logs have come.

    Refuses: EndpointAddressInvalid, EndpointsTooMany.
    """
    rules.check_endpoint(new, allow)
    if len(await store.read_endpoints(tx, merchant_id)) >= rules.ENDPOINTS_MAX:
        raise EndpointsTooMany(endpoints_max=rules.ENDPOINTS_MAX)
    endpoint_id = now.new_id()
    await store.insert_endpoint(tx, endpoint_id, merchant_id, new, now.at)
    for shard, place in places.items():
        await store.set_progress(tx, shard, {endpoint_id: place})
    keys = await _new_secret(tx, endpoint_id, now.at, vault, random_bytes)
    return IssuedSecret(await endpoint(tx, merchant_id, endpoint_id), keys.secret, keys.public_key)


async def endpoints_of(tx: Tx, merchant_id: UUID) -> list[Endpoint]:
    """Read a merchant's endpoints in the order in which they were made."""
    return await store.read_endpoints(tx, merchant_id)


async def endpoint(tx: Tx, merchant_id: UUID, endpoint_id: UUID) -> Endpoint:
    """Read a merchant's endpoint and keep it from changing. Refuses: EndpointUnknown."""
    found = await store.lock_endpoint(tx, endpoint_id)
    if found is None or found.merchant_id != merchant_id:
        raise EndpointUnknown
    return found


async def change(
    tx: Tx,
    merchant_id: UUID,
    endpoint_id: UUID,
    new: NewEndpoint,
    *,
    is_enabled: bool,
    at: datetime,
    allow: frozenset[str],
) -> Endpoint:
    """Tell a merchant elsewhere, of something else, no more or again.

    An endpoint that is enabled again is told everything that it has missed, in order.
    Refuses: EndpointUnknown, EndpointAddressInvalid.
    """
    rules.check_endpoint(new, allow)
    found = await endpoint(tx, merchant_id, endpoint_id)
    was_enabled = found.status is EndpointStatus.ENABLED
    reason = None if is_enabled else (DisabledReason.MERCHANT if was_enabled else found.reason)
    is_elsewhere = new.url != found.url
    changed = msgspec.structs.replace(
        found,
        url=new.url,
        kinds=list(new.kinds),
        description=new.description,
        status=EndpointStatus.ENABLED if is_enabled else EndpointStatus.DISABLED,
        reason=reason,
        rests_until=None if is_elsewhere or not was_enabled else found.rests_until,
        changed_at=at,
    )
    await store.update_endpoint(tx, changed)
    if is_enabled and (is_elsewhere or not was_enabled):
        await store.resume(tx, endpoint_id, at)
    return await endpoint(tx, merchant_id, endpoint_id)


async def remove(tx: Tx, merchant_id: UUID, endpoint_id: UUID) -> None:
    """Forget an endpoint and what was on its way to it. One that is gone already is no matter.

    Refuses: EndpointUnknown for somebody else's.
    """
    found = await store.lock_endpoint(tx, endpoint_id)
    if found is not None and found.merchant_id != merchant_id:
        raise EndpointUnknown
    await store.delete_endpoint(tx, endpoint_id)


async def rotate_secret(
    tx: Tx,
    merchant_id: UUID,
    endpoint_id: UUID,
    *,
    at: datetime,
    grace: timedelta = GRACE,
    vault: FieldCipher,
    random_bytes: Callable[[int], bytes],
) -> IssuedSecret:
    """Sign with new keys, and for *grace* with the old ones too. Refuses: EndpointUnknown, SecretsTooMany."""
    assert grace >= timedelta(0), "a grace is not negative"
    await endpoint(tx, merchant_id, endpoint_id)
    if len(await store.read_secrets(tx, [endpoint_id], at)) >= rules.SECRETS_MAX:
        raise SecretsTooMany(secrets_max=rules.SECRETS_MAX)
    await store.end_secrets(tx, endpoint_id, at + grace)
    keys = await _new_secret(tx, endpoint_id, at, vault, random_bytes)
    return IssuedSecret(await endpoint(tx, merchant_id, endpoint_id), keys.secret, keys.public_key)


async def public_keys(tx: Tx, endpoint_id: UUID, at: datetime) -> list[str]:
    """Give the public keys that an endpoint's messages can be checked with now, the newest first."""
    return [each.public_key for each in await store.read_secrets(tx, [endpoint_id], at)]


async def signing_keys(
    tx: Tx, endpoint_ids: Sequence[UUID], at: datetime, vault: FieldCipher
) -> dict[UUID, list[SigningKeys]]:
    """Open the keys that endpoints' messages are signed with now, the newest first. Refuses: FieldUnreadable."""
    found: dict[UUID, list[SigningKeys]] = {each: [] for each in endpoint_ids}
    for each in await store.read_secrets(tx, endpoint_ids, at):
        secret = vault.decrypt(each.hmac_sealed, context=_context("hmac", each.endpoint_id, each.number))
        private = vault.decrypt(each.ed25519_sealed, context=_context("ed25519", each.endpoint_id, each.number))
        found[each.endpoint_id].append(SigningKeys(secret, private))
    return found


async def replay(tx: Tx, merchant_id: UUID, endpoint_id: UUID, events: Sequence[Event], *, at: datetime) -> int:
    """Tell an endpoint events once more, whatever became of them before; answers how many.

    They are told in order: what the endpoint has not taken yet of the same key waits. Refuses: EndpointUnknown,
    EndpointDisabled, EventUnknown for somebody else's.
    """
    found = await endpoint(tx, merchant_id, endpoint_id)
    if found.status is not EndpointStatus.ENABLED:
        raise EndpointDisabled
    if any(each.merchant_id != merchant_id for each in events):
        raise EventUnknown
    await store.insert_deliveries(tx, [(endpoint_id, each) for each in events], at)
    await store.deliver_again(tx, endpoint_id, events, at)
    return len(events)


async def deliveries_of(
    tx: Tx, endpoint_id: UUID, *, is_open: bool, before: tuple[datetime, int, int], limit: int
) -> list[Delivery]:
    """Read what an endpoint was or is to be told, latest first; for the next page give the last one's place."""
    return await store.read_deliveries(tx, endpoint_id, is_open=is_open, before=before, limit=limit)


async def attempts_of(tx: Tx, endpoint_id: UUID, event_id: UUID) -> list[Attempt]:
    """Read the attempts at telling an endpoint an event, in their order."""
    return await store.read_attempts(tx, endpoint_id, bucket_of(event_id), rules.event_number(event_id))


async def behind(tx: Tx, shard: int, last: int) -> list[Progress]:
    """Read the endpoints that have not been sent all of a server's log up to *last*.

    For one that this server was never read for, reading begins after *last*: so it is when the server was out of reach
    as the endpoint was made.
    """
    known = await store.read_progress(tx, shard)
    await store.set_progress(tx, shard, {each.endpoint_id: last for each, is_begun in known if not is_begun})
    return [each for each, is_begun in known if is_begun and each.place < last]


async def wanted(tx: Tx, progress: Sequence[Progress], each: int) -> list[Wanted]:
    """Read what is next for each endpoint, at most *each*."""
    return await store.read_wanted(tx, progress, each)


async def send_on(
    tx: Tx, shard: int, progress: Sequence[Progress], found: Sequence[Wanted], *, last: int, each: int, at: datetime
) -> bool:
    """Put events on their way to the endpoints that want their kind; says whether more wait for one of them."""
    kinds = {of.endpoint_id: set(of.kinds) for of in progress}
    counts = Counter(one.endpoint_id for one in found)
    latest = {one.endpoint_id: one.place for one in found}
    places = {of.endpoint_id: latest[of.endpoint_id] if counts[of.endpoint_id] == each else last for of in progress}
    told = [(one.endpoint_id, one) for one in found if not kinds[one.endpoint_id] or one.kind in kinds[one.endpoint_id]]
    await store.insert_deliveries(tx, told, at)
    await store.set_progress(tx, shard, places)
    return each in counts.values()


async def take_due(tx: Tx, *, at: datetime, until: datetime, limit: int, each: int) -> list[Delivery]:
    """Take what is due; nobody else gets it before *until*. Of one endpoint at most *each* are under way at once."""
    return await store.take_due(tx, at=at, until=until, limit=limit, each=each)


async def note_attempt(tx: Tx, delivery: Delivery, attempt: Attempt, follows: Verdict) -> None:
    """Note an attempt and what follows from it."""
    delivered_at = attempt.at if follows.outcome is Outcome.DELIVERED else None
    await store.end_attempt(tx, delivery, attempt, delivered_at=delivered_at, due_at=follows.due_at)
    if follows.rests_until is not None:
        await store.rest_endpoint(tx, delivery.endpoint_id, follows.rests_until)
    if follows.outcome in {Outcome.GONE, Outcome.EXHAUSTED}:
        reason = DisabledReason(follows.outcome.value)
        await store.disable_endpoint(tx, delivery.endpoint_id, reason, attempt.at)


async def forget_told(tx: Tx, before: datetime, limit: int) -> int:
    """Forget so many deliveries that arrived before an instant, and count them; what was not taken is kept."""
    return await store.delete_deliveries(tx, before, limit)


async def _new_secret(
    tx: Tx, endpoint_id: UUID, at: datetime, vault: FieldCipher, random_bytes: Callable[[int], bytes]
) -> SigningKeys:
    keys = signing.new_keys(random_bytes)
    number = await store.read_last_secret_number(tx, endpoint_id) + 1
    sealed = Secret(
        endpoint_id=endpoint_id,
        number=number,
        hmac_sealed=vault.encrypt(keys.secret, context=_context("hmac", endpoint_id, number)),
        ed25519_sealed=vault.encrypt(keys.private_key, context=_context("ed25519", endpoint_id, number)),
        public_key=keys.public_key,
        made_at=at,
        ends_at=None,
    )
    await store.insert_secret(tx, sealed)
    return keys


def _context(use: str, endpoint_id: UUID, number: int) -> str:
    return f"webhook_secret.{use}:{endpoint_id.hex}:{number}"
