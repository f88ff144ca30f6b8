"""What can be done with profiles: bring them up to date, ask them, compare them with a replay, take signals in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from tiao.privacy import actions as privacy
from tiao.profile import rules, store
from tiao.profile.catalogue import VERSION
from tiao.profile.model import Profile, Source, Value
from tiao.profile.refusals import ConsentMissing, SignalAheadOfTime
from tiao.profile.rules import OVERLAP, Folded
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


async def bring_up_to_date(
    tx: Tx, now: Moment, customer_ids: Sequence[UUID], *, since: datetime | None = None
) -> dict[UUID, Folded]:
    """Fold what came since the last time; a fact that belongs earlier has its customer folded anew.

    *since*: facts are known to have come late, from that instant on.
    """
    wanted = sorted(set(customer_ids), key=lambda each: (bucket_of(each), each))
    if not wanted:
        return {}
    kept = {
        customer_id: row
        for customer_id, row in (await store.lock_states(tx, wanted)).items()
        if row.version == VERSION and row.folded_at <= now.at
    }
    begins = {each: min(row.folded_at, since or row.folded_at) - OVERLAP for each, row in kept.items()}
    seen = await store.read_facts(tx, list(kept), since=min(begins.values()), until=now.at) if kept else {}
    states: dict[UUID, Folded] = {}
    anew = [customer_id for customer_id in wanted if customer_id not in kept]
    for customer_id, row in kept.items():
        new = [event for event in seen.get(customer_id, ()) if event.available_at >= begins[customer_id]]
        after = rules.advanced(rules.read(row.state), new)
        if after is None:
            anew.append(customer_id)
        else:
            states[customer_id] = after
    states |= await _replayed(tx, anew, now.at)
    bodies = {customer_id: rules.written(state) for customer_id, state in states.items()}
    await store.keep_states(tx, bodies, version=VERSION, at=now.at)
    return states


async def profiles(tx: Tx, now: Moment, customer_ids: Sequence[UUID]) -> dict[UUID, Profile]:
    """Give the features of customers as they are now, of the sources that each allows."""
    states = await bring_up_to_date(tx, now, customer_ids)
    allowed = await privacy.allowed(tx, list(states), now.at) if states else {}
    return {
        customer_id: rules.asked(customer_id, state, as_of=now.at, on=now.today, purposes=allowed[customer_id])
        for customer_id, state in states.items()
    }


async def replayed(tx: Tx, now: Moment, customer_ids: Sequence[UUID]) -> dict[UUID, Profile]:
    """Give the same features folded from the stored facts alone, as they were at an instant."""
    states = await _replayed(tx, customer_ids, now.at)
    allowed = await privacy.allowed(tx, list(states), now.at) if states else {}
    return {
        customer_id: rules.asked(customer_id, state, as_of=now.at, on=now.today, purposes=allowed[customer_id])
        for customer_id, state in states.items()
    }


async def differences(tx: Tx, now: Moment, bucket: int) -> dict[UUID, dict[str, tuple[Value, Value]]]:
    """Compare the folds that are kept with a replay of the facts; customers that agree are left out."""
    customers = await store.read_customers(tx, bucket)
    ours, theirs = await profiles(tx, now, customers), await replayed(tx, now, customers)
    found = {each: rules.differing(ours[each].values, theirs[each].values) for each in customers}
    return {customer_id: unlike for customer_id, unlike in found.items() if unlike}


async def follow(tx: Tx, now: Moment, first: int, last: int, since: datetime) -> int:
    """Bring up to date the customers of a range of buckets about whom something was recorded."""
    stirred = await store.read_stirred(tx, first, last, since)
    return len(await bring_up_to_date(tx, now, stirred, since=since))


async def note_signal(
    tx: Tx, now: Moment, customer_id: UUID, *, source: Source, name: str, value: int, observed_at: datetime
) -> UUID:
    """Take in what a partner or a social network tells of a customer, if the customer allows it.

    Refuses: ConsentMissing, SignalAheadOfTime.
    """
    assert source.needs is not None, f"{source} is no outside source"
    if source.needs not in (await privacy.allowed(tx, [customer_id], now.at))[customer_id]:
        raise ConsentMissing(f"the customer does not allow {source.needs.value}", purpose=source.needs.value)
    if observed_at > now.at:
        raise SignalAheadOfTime(pointer="/observed_at")
    signal_id = now.new_id(bucket_of(customer_id))
    await store.insert_signal(
        tx,
        signal_id,
        customer_id,
        source=source,
        name=name,
        value=value,
        observed_at=observed_at,
        received_at=now.at,
    )
    return signal_id


async def _replayed(tx: Tx, customer_ids: Sequence[UUID], until: datetime) -> dict[UUID, Folded]:
    if not customer_ids:
        return {}
    facts = await store.read_facts(tx, customer_ids, since=_BEGINNING, until=until)
    return {each: rules.folded(rules.start(), facts.get(each, ())) for each in customer_ids}
