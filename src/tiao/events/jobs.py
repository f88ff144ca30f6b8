"""Telling: taken from where it was written with the fact, sent with no transaction open, noted again.

An outlet is one form of telling: what is due, and what follows from an answer. Whoever runs outlets knows no form.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from random import Random
from time import monotonic
from typing import NamedTuple, Protocol, TypeVar

import msgspec
import structlog

from tiao.events import actions, rules, signing
from tiao.events.model import Attempt, Delivery
from tiao.events.sending import Answer, Letter, Message, send
from tiao.runtime.clock import Clock
from tiao.runtime.db import Database
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import show_id

Item = TypeVar("Item")

#: How often somebody looks for what is due.
PAUSE_SECONDS = 0.5
#: So many messages of one outlet are under way at once; each is ours for so long, should this process die.
AT_ONCE = 16
LEASE = timedelta(seconds=60)
#: Of them so many to one endpoint: one that is slow keeps nobody else waiting.
AT_ONCE_EACH = 4
#: Events sent on at once for one endpoint.
EVENTS_EACH = 200


class Outlet(Protocol[Item]):
    """One form of telling."""

    @property
    def name(self) -> str:
        """What the log calls it."""

    async def take(self, limit: int) -> Sequence[tuple[Item, Message]]:
        """Take what is due, at most *limit*, each with the message that says it."""

    async def note(self, item: Item, answer: Answer, took_ms: int) -> None:
        """Note what came back."""


async def keep_telling(outlet: Outlet[Item], is_up: Callable[[], bool]) -> None:
    """Send what is due for ever; messages wait for one another only where the outlet says so."""
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            taken: Sequence[tuple[Item, Message]] = []
            try:
                if is_up() and len(running) < AT_ONCE:
                    taken = await outlet.take(AT_ONCE - len(running))
            except Exception:  # noqa: BLE001  whatever it is, it is tried again
                structlog.get_logger().exception("job", job=outlet.name)
            running |= {asyncio.create_task(_tell_or_log(outlet, *each)) for each in taken}
            if not taken:
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                await asyncio.wait(running, timeout=PAUSE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            running = {each for each in running if not each.done()}
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def tell_due(outlet: Outlet[Item]) -> int:
    """Send what is due now, and what becomes due by that; answers how many messages were sent."""
    sent = 0
    while taken := await outlet.take(AT_ONCE):
        await asyncio.gather(*(_tell(outlet, *each) for each in taken))
        sent += len(taken)
    return sent


@asynccontextmanager
async def telling(*work: Awaitable[None]) -> AsyncIterator[None]:
    """Run such work while the block runs."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _tell(outlet: Outlet[Item], item: Item, message: Message) -> None:
    begun = monotonic()
    answer = await send(message)
    await outlet.note(item, answer, int((monotonic() - begun) * 1000))


async def _tell_or_log(outlet: Outlet[Item], item: Item, message: Message) -> None:
    try:
        await _tell(outlet, item, message)
    except Exception:  # noqa: BLE001  its lease runs out, and it is tried again
        structlog.get_logger().exception("job", job=outlet.name)


class Log(NamedTuple):
    """One server's log of events: its number, its database, and whether it can be reached."""

    shard: int
    db: Database
    is_up: Callable[[], bool]


class Webhooks:
    """The native form: signed as Standard Webhooks says, an order's later events after its earlier ones."""

    name = "webhooks"

    def __init__(
        self,
        home: Database,
        logs: Sequence[Log],
        clock: Clock,
        vault: FieldCipher,
        *,
        chance: Random,
        allow: frozenset[str] = frozenset(),
    ) -> None:
        self._home = home
        self._logs = logs
        self._clock = clock
        self._vault = vault
        self._chance = chance
        self._allow = allow

    async def take(self, limit: int) -> list[tuple[Delivery, Message]]:
        """Send on what is new, and take what is due."""
        await self.send_on()
        async with self._home.begin() as tx:
            at = await self._clock.now(tx)
            due = await actions.take_due(tx, at=at, until=at + LEASE, limit=limit, each=AT_ONCE_EACH)
            if not due:
                return []
            keys = await actions.signing_keys(tx, list({each.endpoint_id for each in due}), at, self._vault)
        return [(each, self._message(each, at, keys[each.endpoint_id])) for each in due]

    async def note(self, item: Delivery, answer: Answer, took_ms: int) -> None:
        """Note what an endpoint answered, and when it is told again, if ever."""
        async with self._home.begin() as tx:
            at = await self._clock.now(tx)
            follows = rules.verdict(answer, attempts=item.attempts + 1, at=at, chance=self._chance.random())
            attempt = Attempt(item.tries + 1, at, answer.status, answer.reason, took_ms)
            await actions.note_attempt(tx, item, attempt, follows)

    async def send_on(self) -> None:
        """Put new events of every server that can be reached on their way to the endpoints that want them."""
        for log in self._logs:
            if log.is_up():
                while await self._send_on(log):
                    pass

    async def _send_on(self, log: Log) -> bool:
        """Send on one set; says whether there may be more. Each phase may be repeated."""
        async with log.db.begin() as tx:
            placed = await actions.give_places(tx)
            last = await actions.last_place(tx)
        async with self._home.begin() as tx:
            behind = await actions.behind(tx, log.shard, last)
        if not behind:
            return placed == actions.A_SET
        async with log.db.begin() as tx:
            found = await actions.wanted(tx, behind, EVENTS_EACH)
        async with self._home.begin() as tx:
            at = await self._clock.now(tx)
            has_more = await actions.send_on(tx, log.shard, behind, found, last=last, each=EVENTS_EACH, at=at)
        return placed == actions.A_SET or has_more

    def _message(self, delivery: Delivery, at: datetime, keys: Sequence[signing.SigningKeys]) -> Message:
        body = msgspec.json.encode(rules.message_of(delivery))
        event_id = show_id("evt", rules.event_id(delivery.bucket, delivery.event_number))
        signed: Mapping[str, str] = signing.headers_of(event_id, at, body, keys)
        return Message(delivery.url, Letter({"content-type": "application/json", **signed}, body), self._allow)
