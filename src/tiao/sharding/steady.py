"""What every process does all the time, on a test clock too: knows the lists, sends messages, takes in the graph.

Two processes that do the same do no harm: each message and each sighting is taken by one of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import structlog

from tiao.checkout import reviewing
from tiao.messages import jobs as messages
from tiao.payments import jobs
from tiao.payments.steering import actions as steering
from tiao.risk import actions as risk
from tiao.risk.graph import actions as graph
from tiao.risk.graph.following import Following
from tiao.risk.labels import actions as labels
from tiao.risk.lists.actions import FRESH_SECONDS
from tiao.servicing import suspecting
from tiao.sharding.shards import Site

#: Messages that are due are looked for this often: people wait for codes.
MESSAGES_SECONDS = 0.5
#: What customers were seen with is in the graph after so long.
GRAPH_SECONDS = 1.0
#: What waits for a person is in the queue after so long.
CASES_SECONDS = 1.0
#: What merchants sold within the hour is looked at this often.
MERCHANTS_SECONDS = 60.0
#: What payments turned out to be is in the features after so long.
LABELS_SECONDS = 1.0

#: Which rules and models decide is known after so long.
RULES_SECONDS = 1.0
#: Which channels are drained or closed, and by which policies they are chosen, is known after so long.
ROUTING_SECONDS = 1.0

Work: TypeAlias = Callable[[Site], Awaitable[object]]


def begin(site: Site) -> list[asyncio.Task[None]]:
    """Begin the steady work of a site; whoever begins it cancels it."""
    works: list[tuple[str, float, Work]] = [
        ("lists", FRESH_SECONDS, know_lists),
        ("graph", GRAPH_SECONDS, Linking()),
        ("risk_cases", CASES_SECONDS, open_cases),
        ("labels", LABELS_SECONDS, learn_labels),
        ("merchants", MERCHANTS_SECONDS, suspect_merchants),
        ("risk_rules", RULES_SECONDS, know_rules),
        ("routing", ROUTING_SECONDS, know_routing),
    ]
    if site.platform.post is not None:
        works.append(("messages", MESSAGES_SECONDS, send_messages))
    return [asyncio.create_task(_go_on(site, name, seconds, work)) for name, seconds, work in works]


async def know_lists(site: Site) -> None:
    """Know what changed on the lists."""
    await site.platform.lists.look(site.platform.db)


async def send_messages(site: Site) -> None:
    """Send what is due."""
    platform = site.platform
    assert platform.post is not None, "where nothing is sent nobody looks"
    while await messages.deliver(platform.db, platform.moments, platform.post):
        pass


class Linking:
    """Takes what customers were seen with into the graph."""

    def __init__(self) -> None:
        self._following = Following()

    async def __call__(self, site: Site) -> None:
        """Take in what is new."""
        platform = site.platform
        async with platform.db.begin() as tx:
            now = await platform.moments(tx)
            reached = await graph.see_decided(tx, now, after=self._following.after())
        self._following.reach(reached)
        await graph.link_all(platform.db, now)


async def open_cases(site: Site) -> None:
    """Open cases about what waits for a person."""
    platform = site.platform
    async with platform.db.begin() as tx:
        now = await platform.moments(tx)
        await reviewing.open_due(tx, now, platform.programme.zone)
        await reviewing.open_rings(tx, now, platform.programme.currency)


async def learn_labels(site: Site) -> None:
    """Teach the features what payments turned out to be."""
    platform = site.platform
    await labels.learn_due(platform.db, platform.moments, risk.learn)


async def suspect_merchants(site: Site) -> None:
    """Look at what merchants sold within the hour."""
    platform, shard = site.platform, site.platform.servicer.closer.shard
    async with platform.db.begin() as tx:
        await suspecting.look_at_hour(
            tx,
            await platform.moments(tx),
            currency=platform.programme.currency,
            is_home=shard is None or shard.is_home,
        )
        await platform.board.look(tx, await platform.moments(tx))


async def know_rules(site: Site) -> None:
    """Know which rules and models decide, and say so where a rule would stop more than it may."""
    platform = site.platform
    async with platform.db.begin() as tx:
        await platform.screen.fill(tx, await platform.moments(tx))
    for short in await platform.control.look(platform.db, platform.moments):
        structlog.get_logger().error(
            "risk_rule_short", code=short.code, cap_ppm=short.cap_ppm, stopped=short.granted, decided=short.decided
        )


async def know_routing(site: Site) -> None:
    """Know what people decided about the choice of channels."""
    chooser = jobs.chooser_of(site.platform.channels)
    if chooser is not None:
        async with site.platform.db.begin() as tx:
            await steering.look(tx, chooser)


async def _go_on(site: Site, name: str, seconds: float, work: Work) -> None:
    while True:
        try:
            if site.is_up:
                await work(site)
        except Exception:  # noqa: BLE001  whatever it is, it is tried again
            structlog.get_logger().exception("job", job=name)
        await asyncio.sleep(seconds)
