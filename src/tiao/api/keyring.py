"""Who is calling: a token's key, looked up at most once a second, in one set with others asked for meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tiao.api.refusals import TokenMissing
from tiao.partners import actions as partners
from tiao.partners.model import Principal
from tiao.partners.rules import bucket_of_token
from tiao.runtime.batching import Batcher
from tiao.runtime.clock import Clock
from tiao.runtime.db import Database, DatabaseUnavailable
from tiao.runtime.secrets import token_hash
from tiao.sharding.refusals import ShardUnavailable
from tiao.sharding.shards import Shards
from tiao.values.refusal import Refusal

#: How long a look-up is remembered, and so how long a key may outlive its revocation in another process.
REMEMBERED_SECONDS = 1.0
REMEMBERED_MAX = 10_000
_SCHEME = "bearer"


class _Remembered(NamedTuple):
    principal: Principal
    until: float


class Keyring:
    """Opens tokens. It remembers who was let in, never who was not, and only digests of tokens.

    A consumer's key is where the consumer lives. A merchant's or operator's is at home, and on every other server that
    has followed it: while the home is down, one of those is asked.

    Look-ups go in sets, for each server one after the other. A token that is asked for after `forget` is in a set that
    begins after it.
    """

    def __init__(self, shards: Shards, clock: Clock, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._shards = shards
        self._clock = clock
        self._seconds = seconds
        self._remembered: dict[bytes, _Remembered] = {}
        self._lookups: dict[Database, Batcher[str, Principal | Refusal]] = {}
        self._forgotten = 0

    async def open(self, authorization: str | None) -> Principal:
        """Read the Authorization header. Refuses: TokenMissing, TokenUnknown, TokenExpired, TokenRevoked, Busy."""
        scheme, _, token = (authorization or "").partition(" ")
        token = token.strip()
        if scheme.lower() != _SCHEME or not token:
            raise TokenMissing
        digest = token_hash(token)
        known = self._remembered.get(digest)
        if known is not None and self._seconds() < known.until:
            return known.principal
        forgotten = self._forgotten
        principal = await self._look_up(token)
        if forgotten != self._forgotten:
            return principal  # a key was changed meanwhile: the next request looks again
        if len(self._remembered) >= REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[digest] = _Remembered(principal, self._seconds() + REMEMBERED_SECONDS)
        return principal

    async def _look_up(self, token: str) -> Principal:
        bucket = bucket_of_token(token)
        if bucket is not None or not self._shards.is_several:
            return await self._open_on(self._shards.platform(bucket).db, token)
        for site in self._shards.sites:
            if site.is_up:
                try:
                    return await self._open_on(site.db, token)
                except DatabaseUnavailable:
                    continue
        raise ShardUnavailable

    async def _open_on(self, db: Database, token: str) -> Principal:
        lookup = self._lookups.get(db)
        if lookup is None:

            async def look_up(tokens: Sequence[str]) -> list[Principal | Refusal]:
                async with db.statements() as tx:
                    return await partners.authenticate_all(tx, tokens, await self._clock.now(tx))

            # Look-ups have no order among them.
            lookup = self._lookups[db] = Batcher(look_up, line_of=lambda _: object())
        caller = await lookup.submit(token)
        if isinstance(caller, Refusal):
            raise caller
        return caller

    def forget(self) -> None:
        """Look every key up again: one of them was changed here."""
        self._remembered.clear()
        self._forgotten += 1

    async def close(self) -> None:
        """Finish what is looked up, and take no more."""
        for lookup in self._lookups.values():
            await lookup.close()
