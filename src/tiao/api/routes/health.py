"""Whether the server lives and is ready, and its figures."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State

from tiao.api import metrics
from tiao.api.services import Services
from tiao.runtime.migrations import pending
from tiao.sharding.refusals import ShardUnavailable
from tiao.values.refusal import Refusal


class Health(msgspec.Struct, frozen=True):
    """How the server is. *pending* names migrations that are not applied, *down* the buckets out of reach."""

    is_healthy: bool
    pending: list[str]
    reason: str | None
    down: list[str] = []


@get("/health/live", operation_id="is_live", include_in_schema=False)
async def is_live() -> Health:
    """Tell that the process answers."""
    return Health(is_healthy=True, pending=[], reason=None)


@get("/health/ready", operation_id="is_ready", include_in_schema=False)
async def is_ready(request: Request[Any, Any, State]) -> Response[Health]:
    """Tell whether the database can be reached and is at this version's schema; of several, whether one can."""
    services: Services = request.app.state.services
    if services.shards.is_several:
        down = [site.shard.ranges for site in services.shards.sites if not site.is_up]
        is_healthy = len(down) < len(services.shards.sites)
        reason = ShardUnavailable.code if down else None
        return Response(Health(is_healthy, [], reason, down), status_code=200 if is_healthy else 503)
    try:
        async with services.platform.db.begin() as tx:
            missing = await pending(tx)
    except Refusal as refusal:
        return Response(Health(is_healthy=False, pending=[], reason=refusal.code), status_code=503)
    return Response(Health(is_healthy=not missing, pending=missing, reason=None), status_code=503 if missing else 200)


@get("/metrics", operation_id="read_metrics", include_in_schema=False)
async def read_metrics(request: Request[Any, Any, State]) -> Response[bytes]:
    """Give this process's figures to Prometheus."""
    services: Services = request.app.state.services
    return Response(services.metrics.page(), media_type=metrics.MEDIA_TYPE)


ROUTES = [is_live, is_ready, read_metrics]
