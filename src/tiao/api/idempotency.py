"""Every change happens once: its answer is kept, in the same transaction, under the caller's Idempotency-Key.

Answers are sealed: some hold a new key's token, others what belongs to a person. Refusals are not kept, for they
changed nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

import msgspec
from litestar import Response

from tiao.api.refusals import IdempotencyKeyReused
from tiao.api.services import Asked
from tiao.partners.trail import actions as trail
from tiao.partners.trail.model import Did
from tiao.runtime.db import Database, Tx
from tiao.runtime.queries import load_queries
from tiao.values.moment import Moment

QUERIES = load_queries("tiao.api")

Answer = TypeVar("Answer")

REPLAYED_HEADER = "Idempotent-Replayed"
#: What is kept of a request: a digest of all of it, then a short one of each part, so that what differs can be named.
_WHOLE_BYTES, _PART_BYTES = 32, 4
#: How long an answer is given again. Callers are promised a day; a week covers one that comes back after holidays.
KEPT = timedelta(days=7)
#: Answers forgotten in one transaction, so that none of them is long.
PURGED_AT_ONCE = 5_000


class Kept(msgspec.Struct, frozen=True):
    """An answer as stored, sealed."""

    digest: bytes
    status: int
    answer: bytes


class _Claimed(NamedTuple):
    """A key that was taken, and what the programme's test clock showed; None: its time is the real one."""

    test_time: datetime | None


class _AskedBefore(NamedTuple):
    """An answer as stored, all None where the key has none, and the programme's test clock."""

    test_time: datetime | None
    digest: bytes | None
    status: int | None
    answer: bytes | None


class Said(NamedTuple):
    """What a caller said, digested. Shape: *digest* of the whole, then of the operation and of the fields *names*."""

    digest: bytes
    names: tuple[str, ...]


class Given(NamedTuple):
    """An answer as it goes out."""

    status: int
    body: bytes
    is_replayed: bool


async def once(
    call: Asked,
    key: str,
    said: object,
    work: Callable[[Tx, Moment], Awaitable[Answer]],
    *,
    status: int = 201,
    did: Did = Did.CHANGED,
) -> Response[Answer]:
    """Do *work* in a transaction of its own, or give the answer that this key was given before.

    What an operator does is noted with it, under the reason that was said.

    *said* is everything the caller said; requests with one key wait for each other.
    Refuses: IdempotencyKeyReused, and what *work* refuses, which leaves nothing behind.
    """
    told = said_of(call, said)

    async def attempt(tx: Tx) -> Given:
        now = call.platform.moments.told(None)
        claimed = await tx.maybe(
            QUERIES.claim_key, _Claimed, tenant=call.caller.subject_id, key=key, digest=told.digest, at=now.at
        )
        if claimed is None:
            kept = await _kept(tx, call, key, told)
            assert kept is not None, "a key that cannot be claimed has its answer"
            return kept
        if claimed.test_time is not None:
            now = call.platform.moments.told(claimed.test_time)
        body = msgspec.json.encode(await work(tx, now))
        if call.is_operator:
            # By the real clock: a test clock stands still while people work.
            by_the_clock = await call.services.real_moment(tx)
            reason = _reason_of(said)
            await trail.note(tx, by_the_clock, call.caller, call.operation, did=did, reason=reason)
        sealed = call.platform.vault.encrypt(body.decode(), context=context_of(call, key))
        await tx.execute(QUERIES.keep_answer, tenant=call.caller.subject_id, key=key, status=status, answer=sealed)
        return Given(status, body, is_replayed=False)

    return response_of(await call.db.retrying(attempt))


def _reason_of(said: object) -> str | None:
    """Find why something is done: what a request calls its reason, or a note."""
    found = getattr(said, "reason", None) or getattr(said, "note", None)
    return str(found) if found else None


async def purge(db: Database, at: datetime) -> int:
    """Forget answers whose time is over by *at*, in short transactions; answers how many."""
    purged = 0
    while True:
        async with db.begin() as tx:
            gone = await tx.execute(QUERIES.purge_answers, before=at - KEPT, limit=PURGED_AT_ONCE)
        purged += gone
        if gone < PURGED_AT_ONCE:
            return purged


async def given_before(call: Asked, key: str, said: object) -> Response[Answer] | None:
    """Look whether this key has its answer, before somebody outside is asked. Refuses: IdempotencyKeyReused."""
    async with call.db.statements() as tx:
        kept = await _kept(tx, call, key, said_of(call, said))
    return None if kept is None else response_of(kept)


async def asked_before(tx: Tx, call: Asked, key: str, said: object) -> tuple[Response[Answer] | None, Moment]:
    """Look whether this key has its answer, and what time it is, in one look. Refuses: IdempotencyKeyReused."""
    found = await tx.one(QUERIES.asked_before, _AskedBefore, tenant=call.caller.subject_id, key=key)
    now = call.platform.moments.told(found.test_time)
    if found.digest is None or found.status is None or found.answer is None:
        return None, now
    kept = Kept(found.digest, found.status, found.answer)
    return response_of(given_again(call, key, said_of(call, said), kept)), now


async def _kept(tx: Tx, call: Asked, key: str, said: Said) -> Given | None:
    kept = await tx.maybe(QUERIES.kept_answer, Kept, tenant=call.caller.subject_id, key=key)
    if kept is None:
        return None
    return given_again(call, key, said, kept)


def given_again(call: Asked, key: str, said: Said, kept: Kept) -> Given:
    """Open a kept answer. Refuses: IdempotencyKeyReused, naming what differs."""
    if kept.digest[:_WHOLE_BYTES] != said.digest[:_WHOLE_BYTES]:
        raise reused(_differing(said, kept.digest))
    body = call.platform.vault.decrypt(kept.answer, context=context_of(call, key))
    return Given(kept.status, body.encode(), is_replayed=True)


def reused(names: Sequence[str]) -> IdempotencyKeyReused:
    """Refuse a key that came before with another content, naming what is other about it."""
    detail = f"this key came before with another {', '.join(names)}" if names else ""
    return IdempotencyKeyReused(detail, pointer="Idempotency-Key")


def said_of(call: Asked, said: object) -> Said:
    """Digest the operation and all that was said, keyed: a body may hold an account number."""
    lookup = call.platform.vault.lookup
    whole = lookup(msgspec.json.encode((call.operation, said)).decode(), purpose="idempotency")
    told = msgspec.to_builtins(said)
    fields = {"operation": call.operation, **(told if isinstance(told, dict) else {})}
    parts = [
        lookup(msgspec.json.encode(part).decode(), purpose="idempotency part")[:_PART_BYTES] for part in fields.items()
    ]
    return Said(whole + b"".join(parts), tuple(fields))


def _differing(said: Said, kept: bytes) -> list[str]:
    """Name the fields that differ; of another operation nothing else can be compared."""
    mine, theirs = said.digest[_WHOLE_BYTES:], kept[_WHOLE_BYTES:]
    pairs = zip(said.names, _parts(mine), _parts(theirs), strict=False)
    names = [name for name, one, other in pairs if one != other]
    return names[:1] if len(mine) != len(theirs) or names[:1] == ["operation"] else names


def _parts(digests: bytes) -> list[bytes]:
    return [digests[at : at + _PART_BYTES] for at in range(0, len(digests), _PART_BYTES)]


def context_of(call: Asked, key: str) -> str:
    """Say what an answer is sealed for."""
    return f"idempotent_answer:{call.caller.subject_id.hex}:{key}"


def response_of(given: Given) -> Response[Answer]:
    """Give an answer that is JSON already."""
    headers = {REPLAYED_HEADER: "true"} if given.is_replayed else {}
    # The body is JSON already; the type says what it is the JSON of.
    return Response(given.body, status_code=given.status, media_type="application/json", headers=headers)  # type: ignore[arg-type]
