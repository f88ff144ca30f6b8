"""What the serving processes do for merchants beside answering them: they tell them, and end what was begun."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from functools import partial
from random import SystemRandom

import structlog

from tiao.api.compat.delivering import Notices
from tiao.api.compat.sweeping import sweep
from tiao.api.services import Services
from tiao.events.jobs import Log, Webhooks, keep_telling, telling

#: How often somebody looks for what was left lying.
_SWEEP_SECONDS = 5.0


def working_for_merchants(services: Services) -> AbstractAsyncContextManager[None]:
    """Send what is to be told and end what was begun while the block runs; real time counts, whatever the clock."""

    def is_up() -> bool:
        return services.shards.sites[0].is_up

    return telling(
        keep_telling(Notices(services), is_up),
        keep_telling(webhooks_of(services), is_up),
        _keep_sweeping(services),
    )


def webhooks_of(services: Services) -> Webhooks:
    """Give the native form its servers, its keys and its clock."""
    logs = [Log(number, site.db, partial(getattr, site, "is_up")) for number, site in enumerate(services.shards.sites)]
    home = services.platform
    return Webhooks(home.db, logs, services.clock, home.vault, chance=SystemRandom(), allow=services.webhook_allow)


async def _keep_sweeping(services: Services) -> None:
    """Sweep again at once while something is found, and after a pause when nothing is or it fails."""
    log = structlog.get_logger()
    while True:
        try:
            if services.shards.sites[0].is_up and await sweep(services):
                continue
        except Exception:
            log.exception("job", job="sweep")
        await asyncio.sleep(_SWEEP_SECONDS)
