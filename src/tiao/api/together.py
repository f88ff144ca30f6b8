"""Changes that arrive together are made together: one transaction for a set of requests, each answered by itself.

Keys are claimed and answers kept as `tiao.api.idempotency` does for one request, set by set. A request that is refused
leaves nothing behind; when a set fails as a whole, each of its requests is tried alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

import msgspec
from litestar import Response

from tiao.api.idempotency import QUERIES, Given, Kept, Said, context_of, given_again, response_of, said_of
from tiao.api.services import Asked
from tiao.runtime.arrays import Blobs, Smallints, Texts, Uuids
from tiao.runtime.batching import Batcher, together_or_alone
from tiao.runtime.db import Tx
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

Answer = TypeVar("Answer")
Wish = TypeVar("Wish")

_CREATED = 201
#: The database works at one set while the next is put together.
_LANES = 2


class Change(NamedTuple, Generic[Wish]):
    """A request to change something: *wish* is what its action takes, *line* what such requests must be in order by."""

    call: Asked
    key: str
    said: Said
    wish: Wish
    line: Hashable

    @property
    def name(self) -> tuple[UUID, str]:
        """What its key is stored under."""
        return self.call.caller.subject_id, self.key


#: Makes a set of changes and answers each; a refusal is an outcome that left nothing behind.
MakeAll: TypeAlias = Callable[[Tx, Moment, Sequence[Change[Wish]]], Awaitable[Sequence[Answer | Refusal]]]


class _KeptOf(Kept, frozen=True):
    tenant_id: UUID
    key: str


async def once_together(
    call: Asked, key: str, said: object, make: MakeAll[Wish, Answer], wish: Wish, *, line: Hashable
) -> Response[Answer]:
    """Have a change made in the next set, or give the answer that its key was given before.

    Refuses: Busy, IdempotencyKeyReused, and what *make* refuses.
    """
    counter = call.services.counters.of((make, call.db), partial(_counter, make))
    given: Given | Exception = await counter.submit(Change(call, key, said_of(call, said), wish, line))
    if isinstance(given, Exception):
        raise given
    return response_of(given)


def _counter(make: MakeAll[Any, Any], queue_max: int) -> Batcher[Change[Any], Given | Exception]:
    flush = partial(together_or_alone, partial(_make_once, make))
    return Batcher(flush, line_of=lambda change: change.line, lanes=_LANES, queue_max=queue_max)


async def _make_once(make: MakeAll[Any, Any], changes: Sequence[Change[Any]]) -> Sequence[Given | Refusal]:
    names = [change.name for change in changes]
    assert len(set(names)) == len(names), "requests with one key are tried alone, one after the other"
    platform = changes[0].call.platform

    async def attempt(tx: Tx) -> list[Given | Refusal]:
        now = await platform.moments(tx)
        outcomes = await _given_before(tx, now, changes)
        new = [change for change in changes if change.name not in outcomes]
        made = await make(tx, now, new) if new else []
        answered: list[tuple[Change[Any], bytes]] = []
        for change, outcome in zip(new, made, strict=True):
            if isinstance(outcome, Refusal):
                outcomes[change.name] = outcome
            else:
                body = msgspec.json.encode(outcome)
                outcomes[change.name] = Given(_CREATED, body, is_replayed=False)
                answered.append((change, body))
        await _keep(tx, answered, [change for change in new if isinstance(outcomes[change.name], Refusal)])
        return [outcomes[name] for name in names]

    return await platform.db.retrying(attempt)


async def _given_before(tx: Tx, now: Moment, changes: Sequence[Change[Any]]) -> dict[tuple[UUID, str], Given | Refusal]:
    """Claim the keys of a set; give the answers, or refusals, of those that came before."""
    claimed = await tx.records(
        QUERIES.claim_keys,
        **_names([change.name for change in changes]),
        digest=Blobs([change.said.digest for change in changes]),
        at=now.at,
    )
    new = {(tenant, key) for tenant, key in claimed}
    before = {change.name: change for change in changes if change.name not in new}
    if not before:
        return {}
    kept = await tx.rows(QUERIES.kept_answers, _KeptOf, **_names(list(before)))
    assert len(kept) == len(before), "a key that cannot be claimed has its answer"
    outcomes: dict[tuple[UUID, str], Given | Refusal] = {}
    for one in kept:
        change = before[(one.tenant_id, one.key)]
        try:
            outcomes[change.name] = given_again(change.call, change.key, change.said, one)
        except Refusal as refusal:
            outcomes[change.name] = refusal
    return outcomes


async def _keep(tx: Tx, answered: Sequence[tuple[Change[Any], bytes]], refused: Sequence[Change[Any]]) -> None:
    if answered:
        sealed = [
            change.call.platform.vault.encrypt(body.decode(), context=context_of(change.call, change.key))
            for change, body in answered
        ]
        await tx.execute(
            QUERIES.keep_answers,
            **_names([change.name for change, _ in answered]),
            status=Smallints([_CREATED] * len(answered)),
            answer=Blobs(sealed),
        )
    if refused:
        await tx.execute(QUERIES.give_keys_back, **_names([change.name for change in refused]))


def _names(names: Sequence[tuple[UUID, str]]) -> dict[str, object]:
    return {"tenant": Uuids([tenant for tenant, _ in names]), "key": Texts([key for _, key in names])}
