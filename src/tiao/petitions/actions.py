"""What can be done with petitions, inside the caller's transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.petitions import store
from tiao.petitions.model import Petition, PetitionKind, PetitionState
from tiao.petitions.refusals import PetitionEnded, PetitionUnknown
from tiao.petitions.sealing import opened, sealed
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment


class NewPetition(NamedTuple):
    """What a customer asks for."""

    customer_id: UUID
    kind: PetitionKind
    words: str
    about_id: UUID | None = None


async def ask(tx: Tx, now: Moment, vault: FieldCipher, new: NewPetition, *, answer_time: timedelta) -> Petition:
    """Write down what a customer asks for; while the like is open, that one is given."""
    bucket = bucket_of(new.customer_id)
    made = Petition(
        bucket=bucket,
        id=now.new_id(bucket),
        customer_id=new.customer_id,
        kind=new.kind,
        words=new.words,
        about_id=new.about_id,
        state=PetitionState.OPEN,
        made_at=now.at,
        due_at=now.at + answer_time,
        ended_at=None,
        answer=None,
        answered_by=None,
    )
    if await store.insert(tx, sealed(vault, made)):
        return made
    found = await store.read_open(tx, new.customer_id, new.kind, new.about_id)
    assert found is not None, "what stands in the way is open"
    return opened(vault, found)


async def petitions_of(tx: Tx, vault: FieldCipher, customer_id: UUID) -> list[Petition]:
    """Read what a customer asked for, latest first."""
    return [opened(vault, each) for each in await store.read_of(tx, customer_id)]


async def owed(tx: Tx, vault: FieldCipher, *, limit: int) -> list[Petition]:
    """Read what waits for an answer on this server, what is owed soonest first."""
    return [opened(vault, each) for each in await store.read_owed(tx, limit=limit)]


async def petition(tx: Tx, vault: FieldCipher, petition_id: UUID) -> Petition:
    """Lock and read a petition. Refuses: PetitionUnknown."""
    found = await store.lock(tx, petition_id)
    if found is None:
        raise PetitionUnknown
    return opened(vault, found)


async def answer(
    tx: Tx, now: Moment, vault: FieldCipher, petition_id: UUID, *, is_done: bool, words: str, answered_by: str
) -> Petition:
    """Answer a petition, in words either way. Refuses: PetitionUnknown, PetitionEnded."""
    state = PetitionState.DONE if is_done else PetitionState.REFUSED
    return await _ended(tx, now, vault, petition_id, state, words, answered_by)


async def withdraw(tx: Tx, now: Moment, vault: FieldCipher, petition_id: UUID) -> Petition:
    """Take a petition back; taken back already, nothing happens. Refuses: PetitionUnknown, PetitionEnded."""
    found = await petition(tx, vault, petition_id)
    if found.state is PetitionState.WITHDRAWN:
        return found
    return await _ended(tx, now, vault, petition_id, PetitionState.WITHDRAWN, None, None)


async def seal_clear(tx: Tx, vault: FieldCipher, *, limit: int) -> int:
    """Seal so many petitions that were written before texts were sealed, and count them."""
    found = await store.lock_in_clear(tx, limit=limit)
    for each in found:
        await store.update(tx, sealed(vault, opened(vault, each)))
    return len(found)


async def _ended(
    tx: Tx,
    now: Moment,
    vault: FieldCipher,
    petition_id: UUID,
    state: PetitionState,
    words: str | None,
    by: str | None,
) -> Petition:
    found = await petition(tx, vault, petition_id)
    if found.state is not PetitionState.OPEN:
        raise PetitionEnded(state=found.state)
    ended = msgspec.structs.replace(found, state=state, ended_at=now.at, answer=words, answered_by=by)
    await store.update(tx, sealed(vault, ended))
    return ended
