"""What the serving processes do for merchants of other forms beside answering them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from tiao.api.compat.delivering import deliver_due
from tiao.api.compat.sweeping import sweep
from tiao.api.services import Services

#: How often somebody looks for notices that are due, and for what was left lying.
_DELIVERY_SECONDS, _SWEEP_SECONDS = 0.5, 5.0


@asynccontextmanager
async def working_for_merchants(services: Services) -> AsyncIterator[None]:
    """Send what is to be told and end what was begun while the block runs; real time counts, whatever the clock."""
    tasks = [
        asyncio.create_task(_repeating(services, deliver_due, _DELIVERY_SECONDS)),
        asyncio.create_task(_repeating(services, sweep, _SWEEP_SECONDS)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _repeating(services: Services, job: Callable[[Services], Awaitable[int]], seconds: float) -> None:
    """Do a job again at once while it finds something, and after a pause when it does not or fails."""
    log = structlog.get_logger()
    while True:
        try:
            if services.shards.sites[0].is_up and await job(services):
                continue
        except Exception:
            log.exception("job", job=job.__name__)
        await asyncio.sleep(seconds)
