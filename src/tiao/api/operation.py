"""How an endpoint is declared: its path, who may call it with which scope, and every refusal it may give."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from litestar import Request, delete, get, post, put
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi import ResponseSpec

from tiao.api import problems
from tiao.api.edge import Facts, facts_of
from tiao.api.refusals import (
    BodyTooLarge,
    ForeignRequest,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    MediaTypeUnsupported,
    RequestMalformed,
    RoleNotAllowed,
    RouteUnknown,
    TokenMissing,
    TooManyRequests,
)
from tiao.api.services import Asked, Services
from tiao.api.sessions import authorization_of
from tiao.api.whereabouts import bucket_of_request
from tiao.partners import rules as partners
from tiao.partners.model import Principal, Role
from tiao.partners.refusals import KeyWaits, ScopeMissing, TokenExpired, TokenRevoked, TokenUnknown
from tiao.partners.scopes import Scope
from tiao.partners.trail import actions as trail
from tiao.runtime.batching import Busy
from tiao.runtime.db import DatabaseUnavailable, TransactionConflict
from tiao.runtime.secrets import FieldUnreadable
from tiao.sharding.refusals import ShardUnavailable
from tiao.values.ids import MalformedId
from tiao.values.refusal import Refusal

Handler = Callable[..., Any]
Declaring = Callable[[Handler], HTTPRouteHandler]
Refusals = Sequence[type[Refusal]]

C, M, O = Role.CONSUMER, Role.MERCHANT, Role.OPERATOR  # noqa: E741  as the table of scopes calls them

_ALWAYS: Refusals = (
    RequestMalformed,
    MalformedId,
    TokenMissing,
    TokenUnknown,
    TokenExpired,
    TokenRevoked,
    ForeignRequest,
    RoleNotAllowed,
    ScopeMissing,
    DatabaseUnavailable,
    ShardUnavailable,
    TransactionConflict,
    Busy,
    TooManyRequests,
)
_WITH_BODY: Refusals = (BodyTooLarge, MediaTypeUnsupported)
_WITH_KEY: Refusals = (IdempotencyKeyInvalid, IdempotencyKeyReused, FieldUnreadable)


#: What was done, and not refused or sent elsewhere.
HTTP_OK, HTTP_OTHER = 200, 300


class Access(NamedTuple):
    """Who may call an endpoint."""

    roles: frozenset[Role]
    #: None: whoever has any key at all.
    scope: Scope | None
    is_change: bool = False

    @property
    def asks_for_two_people(self) -> bool:
        """Tell whether it takes a key behind which two people stand: whatever changes what more than the caller has."""
        return self.is_change and self.scope is not None


def reads(
    path: str, *, by: Sequence[Role], scope: Scope | None, refuses: Refusals = (), media_type: str | None = None
) -> Declaring:
    """Declare an endpoint that changes nothing; *media_type* when it answers something else than JSON."""
    return _declared(get, path, 200, Access(frozenset(by), scope), refuses, media_type)


def makes(
    path: str,
    *,
    by: Sequence[Role],
    scope: Scope,
    refuses: Refusals = (),
    status: int = 201,
    is_keyed: bool = True,
    is_change: bool = True,
    body_bytes_max: int | None = None,
) -> Declaring:
    """Declare a POST; *is_keyed* when it takes an Idempotency-Key, *is_change* unless it only asks.

    *body_bytes_max* when it takes large bodies.
    """
    known = (*refuses, *_WITH_BODY, *(_WITH_KEY if is_keyed else ()))
    more: dict[str, Any] = {} if body_bytes_max is None else {"request_max_body_size": body_bytes_max}
    # Asking what would be is no change, though it needs a body.
    after = None if is_keyed or not is_change else _note
    access = Access(frozenset(by), scope, is_change)
    return _declared(partial(post, **more), path, status, access, known, after=after)


def sets(path: str, *, by: Sequence[Role], scope: Scope | None, refuses: Refusals = ()) -> Declaring:
    """Declare a PUT: sent again it changes nothing."""
    access = Access(frozenset(by), scope, is_change=True)
    return _declared(put, path, 200, access, (*refuses, *_WITH_BODY), after=_note)


def ends(path: str, *, by: Sequence[Role], scope: Scope | None, refuses: Refusals = ()) -> Declaring:
    """Declare a DELETE: sent again it changes nothing."""
    return _declared(delete, path, 200, Access(frozenset(by), scope, is_change=True), refuses, after=_note)


def responses_of(refusals: Refusals) -> dict[int, ResponseSpec]:
    """Declare refusals for the API document."""
    return {
        status: ResponseSpec(
            problems.Problem, description=text, media_type=problems.MEDIA_TYPE, generate_examples=False
        )
        for status, text in problems.described(refusals).items()
    }


def _declared(
    method: Callable[..., Declaring],
    path: str,
    status: int,
    access: Access,
    refuses: Refusals,
    media_type: str | None = None,
    after: Callable[[Request[Any, Any, State]], Awaitable[None]] | None = None,
) -> Declaring:
    # A path that cannot be split into its parameters is no address at all.
    always = (*_ALWAYS, RouteUnknown) if "{" in path else _ALWAYS
    if access.asks_for_two_people and O in access.roles:
        always = (*always, KeyWaits)

    def declare(handler: Handler) -> HTTPRouteHandler:
        title, _, rest = (handler.__doc__ or "").strip().partition("\n")
        return method(
            path,
            operation_id=handler.__name__,
            summary=title,
            description=_unindented(rest),
            status_code=status,
            responses=responses_of((*always, *refuses)),
            security=[{"bearer": [] if access.scope is None else [access.scope.value]}],
            tags=[path.split("/")[2]],
            guards=[authenticated],
            opt={"access": access},
            media_type=media_type,
            after_response=after,
        )(handler)

    return declare


async def authenticated(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request in, before its body is read.

    Refuses: as `Keyring.open`, ForeignRequest, RoleNotAllowed, ScopeMissing, KeyWaits.
    """
    services: Services = connection.app.state.services
    given = authorization_of(_method(connection), connection.headers)
    await let_in(services, given, handler.opt["access"], facts_of(connection.scope))


async def let_in(services: Services, authorization: str | None, access: Access, facts: Facts) -> Principal:
    """Find out who is calling, and whether they may.

    Refuses: as `Keyring.open`, RoleNotAllowed, ScopeMissing, KeyWaits.
    """
    caller = facts.caller = await services.keyring.open(authorization)
    if services.limiter is not None and caller.role is Role.MERCHANT:
        services.limiter.take(caller.subject_id)
    if caller.role not in access.roles:
        raise RoleNotAllowed(f"this is not for keys of a {caller.role.value}", role=caller.role.value)
    if access.scope is not None:
        partners.require(caller, access.scope)
    if access.asks_for_two_people:
        # Here for every change at once, so that no decision by two people has to know how its people got their keys.
        partners.check_changes(caller)
    return caller


async def _note(request: Request[Any, Any, State]) -> None:
    """Note what an operator changed by an operation that takes no key: one that takes it notes it with its answer."""
    facts = facts_of(request.scope)
    if facts.caller is None or facts.caller.role is not Role.OPERATOR or not HTTP_OK <= facts.status < HTTP_OTHER:
        return
    call = await provide_call(request)
    async with call.db.begin() as tx:
        await trail.note(tx, await call.services.real_moment(tx), facts.caller, call.operation)


def _method(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    assert connection.scope["type"] == ScopeType.HTTP, "there are no other connections"
    return str(connection.scope["method"])


async def provide_call(request: Request[Any, Any, State]) -> Asked:
    """Put together what a handler is given about the request."""
    caller = facts_of(request.scope).caller
    assert caller is not None, "the guard has let the caller in"
    operation = f"{request.method} {request.url.path}"
    named = (*request.path_params.values(), *request.query_params.values())
    bucket = bucket_of_request(caller, named)
    return Asked(request.app.state.services, caller, operation, bucket, "authorization" not in request.headers)


def _unindented(text: str) -> str | None:
    lines = [line.strip() for line in text.strip().splitlines()]
    kept = [line for line in lines if not line.startswith("Refuses:")]
    return "\n".join(kept).strip() or None
