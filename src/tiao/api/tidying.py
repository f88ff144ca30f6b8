"""What is forgotten once a morning: answers kept for repeated requests, what merchants were told, codes' slots.

Facts stay: events, orders, refunds and sales are the books' own records, kept for as long as the law wants. What goes
is how they were told of, and what nobody can use any more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from tiao.api.idempotency import purge
from tiao.checkout.counters import actions as counters
from tiao.checkout.orders import actions as orders
from tiao.events import actions as events
from tiao.petitions import actions as petitions
from tiao.runtime.clock import SystemClock
from tiao.runtime.db import Database, Tx
from tiao.runtime.secrets import FieldCipher

#: A slot whose time is over means nothing; it is kept a day for whoever asks why a code was refused.
SLOTS_KEPT = timedelta(days=1)
AT_ONCE = 500

_Forget = Callable[[Tx, datetime, int], Awaitable[int]]


class Tidying:
    """Forgets on one server at a time; *told_kept*: for how long it can be looked up how merchants were told.

    What customers wrote before their texts were sealed is sealed on the way.
    """

    def __init__(self, told_kept: timedelta, vault: FieldCipher) -> None:
        self._told_kept = told_kept
        self._vault = vault

    async def __call__(self, db: Database, at: datetime) -> int:
        """Forget what is over by *at*, in short transactions, and count it; telling and codes follow the real clock."""
        async with db.begin() as tx:
            real = await SystemClock().now(tx)
        await self._seal(db)
        forgotten = await purge(db, at)
        forgotten += await _all_of(db, events.forget_told, real - self._told_kept)
        forgotten += await _all_of(db, orders.forget_notices, real - self._told_kept)
        return forgotten + await _all_of(db, counters.forget_ended, real - SLOTS_KEPT)

    async def _seal(self, db: Database) -> None:
        sealed = AT_ONCE
        while sealed == AT_ONCE:
            async with db.begin() as tx:
                sealed = await petitions.seal_clear(tx, self._vault, limit=AT_ONCE)


async def _all_of(db: Database, forget: _Forget, before: datetime) -> int:
    forgotten = 0
    while True:
        async with db.begin() as tx:
            gone = await forget(tx, before, AT_ONCE)
        forgotten += gone
        if gone < AT_ONCE:
            return forgotten
