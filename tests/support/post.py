"""A merchant's endpoints and the post between them and the programme."""

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx

from support.spine import Spine
from tiao.events import actions as events
from tiao.events import rules
from tiao.events.jobs import Log, Webhooks, tell_due
from tiao.events.model import Attempt, Delivery, Endpoint, EventKind, IssuedSecret, NewEndpoint
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment

ALLOWED = frozenset({"127.0.0.1"})
LATEST = (datetime(9999, 1, 1, tzinfo=UTC), 0, 0)


class Hostile:
    """A merchant's server, as a program of its own."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.hook = f"{self.url}/hook"

    def behave(self, mode: str, times: int | None = None) -> None:
        httpx.post(f"{self.url}/behave", json={"mode": mode, "times": times})

    def seen(self) -> Any:  # noqa: ANN401  JSON
        return httpx.get(f"{self.url}/seen").json()

    def taken(self) -> list[tuple[str, str]]:
        """What it took, in order: the type and the id of what it is about."""
        said = [json.loads(each["body"]) for each in self.seen()["taken"]]
        return [(each["type"], each["data"]["id"]) for each in said]


class SteppedClock:
    """A clock that a test moves; it begins at the real time, for that is what signatures are checked against."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    async def now(self, tx: object) -> datetime:  # noqa: ARG002  nothing to read
        return self.at

    def told(self, test_time: datetime | None) -> datetime:  # noqa: ARG002  it has its own
        return self.at


class Post:
    """A programme that sells, its merchant's endpoints, and the post between them."""

    def __init__(self, spine: Spine) -> None:
        self.spine = spine
        self.clock = SteppedClock()
        self.vault = FieldCipher({1: b"k" * 32})
        self.random = Random(7)
        self._ids = seeded_ids("post")
        log = Log(0, spine.db, lambda: True)
        self.webhooks = Webhooks(spine.db, [log], self.clock, self.vault, chance=Random(8), allow=ALLOWED)

    def now(self) -> Moment:
        return Moment(self.clock.at, self.clock.at.date(), self._ids)

    async def register(self, url: str, *kinds: EventKind) -> IssuedSecret:
        async with self.spine.db.begin() as tx:
            return await events.register(
                tx,
                self.now(),
                self.spine.merchant.id,
                NewEndpoint(url, kinds, "orders"),
                places={0: await events.last_place(tx)},
                vault=self.vault,
                random_bytes=self.random.randbytes,
                allow=ALLOWED,
            )

    async def tell(self) -> int:
        return await tell_due(self.webhooks)

    async def live(self, time: timedelta, step: timedelta = timedelta(minutes=10)) -> None:
        """Let time pass, telling what becomes due."""
        end = self.clock.at + time
        while self.clock.at < end:
            self.clock.at = min(self.clock.at + step, end)
            await self.tell()

    async def endpoint(self, issued: IssuedSecret) -> Endpoint:
        async with self.spine.db.begin() as tx:
            return await events.endpoint(tx, self.spine.merchant.id, issued.endpoint.id)

    async def attempts(self, delivery: Delivery) -> list[Attempt]:
        event_id = rules.event_id(delivery.bucket, delivery.event_number)
        async with self.spine.db.begin() as tx:
            return await events.attempts_of(tx, delivery.endpoint_id, event_id)

    async def deliveries(self, issued: IssuedSecret, *, is_open: bool = False) -> list[Delivery]:
        async with self.spine.db.begin() as tx:
            return await events.deliveries_of(tx, issued.endpoint.id, is_open=is_open, before=LATEST, limit=100)
