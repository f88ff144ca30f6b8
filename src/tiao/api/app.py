"""The ASGI application: routes, errors as problems, and the life of what serves them."""

from __future__ import annotations

import gc
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, ValidationException

from tiao.api.addressed import Addressed
from tiao.api.compat.background import working_for_merchants
from tiao.api.counters import Counters
from tiao.api.direct import Direct
from tiao.api.document import read_document
from tiao.api.edge import Edge, facts_of
from tiao.api.keyring import Keyring
from tiao.api.limiting import Limiter
from tiao.api.metrics import MeasuredDesk, Metrics
from tiao.api.operation import provide_call
from tiao.api.outside import open_outside
from tiao.api.problems import MEDIA_TYPE, Problem, headers_of, told
from tiao.api.refusals import (
    BodyTooLarge,
    IdempotencyKeyInvalid,
    InternalError,
    MethodNotAllowed,
    RequestMalformed,
    RouteUnknown,
)
from tiao.api.requests import StrictRequest
from tiao.api.routes import ROUTES
from tiao.api.services import Services
from tiao.api.tidying import Tidying
from tiao.lending.products import products_of
from tiao.runtime.clock import SystemClock
from tiao.runtime.config import field_key, read_config
from tiao.runtime.db import Database
from tiao.runtime.secrets import FieldCipher
from tiao.sharding.daily import working
from tiao.sharding.shards import Shards, open_shards
from tiao.values.ids import MalformedId, id_source
from tiao.values.refusal import Refusal
from tiao.wiring import Outside, Platform, open_platform

#: No request of this API comes near it.
BODY_BYTES_MAX = 64 * 1024
#: So many objects more than are given back are looked through for garbage: some ten megabytes.
GARBAGE_AFTER = 50_000

AnyRequest = Request[Any, Any, State]
ServeMore = Callable[[State, Services], None]
Opening = Callable[[Metrics], AbstractAsyncContextManager[Services]]


def app_on(opening: Opening, *, more: Sequence[Router], serve_more: ServeMore) -> Edge:
    """Make the application over services that *opening* gives it for as long as it runs.

    *more* is what else the process serves, and *serve_more* gives it what it needs: the API knows nothing of it.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def living(app: Litestar) -> AsyncIterator[None]:
        async with opening(metrics) as services:
            app.state.services = services
            serve_more(app.state, services)
            # What is here now stays: looking through it for garbage again and again would make everybody wait. What a
            # request is made of ends with it, without being looked for; the few rings among it can wait for a while.
            gc.collect()
            gc.freeze()
            gc.set_threshold(GARBAGE_AFTER)
            yield

    return Edge(Addressed(Direct(_litestar(more, lifespan=[living]))), metrics)


def app_with(services: Services, *, more: Sequence[Router], serve_more: ServeMore) -> Edge:
    """Make the application over services that are open already."""
    app = _litestar(more)
    app.state.services = services
    serve_more(app.state, services)
    return Edge(Addressed(Direct(app)), services.metrics)


def opened_from(environment: Mapping[str, str]) -> Opening:
    """Tell how to open everything the environment names, the background work of a real clock included."""

    @asynccontextmanager
    async def opening(metrics: Metrics) -> AsyncIterator[Services]:
        config = read_config(environment)
        vault = FieldCipher({1: field_key(config)})
        shelf = products_of(config.products)
        async with open_outside(environment) as outside:
            if config.bucket_map is not None:
                several = open_shards(
                    config.bucket_map, outside, ids=id_source(secrets.token_bytes), vault=vault, products=shelf
                )
                urls = [shard.url for shard in config.bucket_map.shards]
                async with (
                    several as shards,
                    serving_all(shards, outside, metrics) as services,
                    working(urls, shards, Tidying(outside.told_kept, vault)),
                    working_for_merchants(services),
                ):
                    yield services
                return
            assert config.database_url is not None, "whoever starts the server says where its database is"
            db = await Database.open(config.database_url)
            try:
                async with (
                    open_platform(
                        db, outside, ids=id_source(secrets.token_bytes), vault=vault, products=shelf
                    ) as platform,
                    serving(platform, outside, metrics) as services,
                    working([config.database_url], services.shards, Tidying(outside.told_kept, vault)),
                    working_for_merchants(services),
                ):
                    yield services
            finally:
                await db.close()

    return opening


@asynccontextmanager
async def serving(platform: Platform, outside: Outside, metrics: Metrics) -> AsyncIterator[Services]:
    """Give what requests to one server are served with; its desk is emptied at the end."""
    async with serving_all(Shards.single(platform), outside, metrics) as services:
        yield services


@asynccontextmanager
async def serving_all(shards: Shards, outside: Outside, metrics: Metrics) -> AsyncIterator[Services]:
    """Give what requests are served with; the desks are emptied at the end."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        for site in shards.sites:
            desk = MeasuredDesk(site.db, site.platform.moments, site.platform.book, metrics, site.platform.screen)
            stack.push_async_callback(desk.close)
            site.platform = site.platform._replace(desk=desk)
        counters = Counters()
        stack.push_async_callback(counters.close)
        keyring = Keyring(shards, clock)
        stack.push_async_callback(keyring.close)
        metrics.watch([site.db for site in shards.sites])
        home = shards.sites[0].platform
        yield Services(
            platform=home,
            shards=shards,
            keyring=keyring,
            clock=clock,
            random_bytes=secrets.token_bytes,
            notice_keys=dict.fromkeys(home.channels, outside.bank_key),
            metrics=metrics,
            counters=counters,
            sms_key=outside.sms_key or None,
            webhook_allow=outside.webhook_allow,
            limiter=Limiter(outside.merchant_rate) if outside.merchant_rate else None,
            code_limits=outside.code_limits,
        )


def _litestar(more: Sequence[Router], **settings: Any) -> Litestar:  # noqa: ANN401  Litestar's own settings
    return Litestar(
        [*ROUTES, read_document, *more],
        openapi_config=None,
        request_class=StrictRequest,
        request_max_body_size=BODY_BYTES_MAX,
        dependencies={"call": Provide(provide_call)},
        exception_handlers={Refusal: _refused, HTTPException: _refused_by_http, Exception: _failed},
        logging_config=None,
        **settings,
    )


def _refused(request: AnyRequest, refusal: Refusal) -> Response[Problem]:
    problem = told(facts_of(request.scope), refusal)
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers_of(refusal))


def _failed(request: AnyRequest, error: Exception) -> Response[Problem]:
    """Answer a bug: its words stay in the log."""
    facts_of(request.scope).error = error
    return _refused(request, InternalError())


def _refused_by_http(request: AnyRequest, error: HTTPException) -> Response[Problem]:
    """Turn what Litestar itself says no to into the refusal it stands for."""
    if isinstance(error, ValidationException):
        return _refused(request, _invalid(error))
    known: dict[int, Refusal] = {
        400: RequestMalformed(),
        404: RouteUnknown(f"there is nothing at {request.url.path}"),
        405: MethodNotAllowed(),
        413: BodyTooLarge(f"a body has at most {BODY_BYTES_MAX} bytes", bytes_max=BODY_BYTES_MAX),
    }
    refusal = known.get(error.status_code)
    if refusal is None:
        return _failed(request, error)
    answer = _refused(request, refusal)
    answer.headers.update(error.headers or {})
    return answer


def _invalid(error: ValidationException) -> Refusal:
    """Name the parameter at fault."""
    faults: list[dict[str, Any]] = error.extra if isinstance(error.extra, list) else []
    for fault in faults:
        source = getattr(fault.get("source"), "value", fault.get("source"))
        name, message = str(fault.get("key", "")), str(fault.get("message", ""))
        if source == "header" or name == "Idempotency-Key":
            return IdempotencyKeyInvalid(pointer="Idempotency-Key")
        if source == "path":
            return MalformedId(message, pointer=name)
        if source == "body":
            return RequestMalformed("the body is missing")
        return RequestMalformed(f"{name}: {message}", pointer=name)
    if "Idempotency-Key" in error.detail:
        return IdempotencyKeyInvalid(pointer="Idempotency-Key")
    return RequestMalformed(error.detail.partition(" for ")[0])
