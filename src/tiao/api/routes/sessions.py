"""Sessions of the pages: a key is given once; the browser then holds a short-lived one that no script can read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.ids import KeyInPath, SubjectId
from tiao.api.operation import C, M, O, ends, reads, responses_of
from tiao.api.refusals import BodyTooLarge, MediaTypeUnsupported, NoBrowserSession, RequestMalformed
from tiao.api.services import Call, Services
from tiao.api.sessions import begin_with, cookie_of, device_in, device_of, no_cookie
from tiao.partners import actions as partners
from tiao.partners.model import ApiKey, Principal, Role
from tiao.partners.refusals import KeyUnknown, TokenExpired, TokenRevoked, TokenUnknown
from tiao.partners.rules import bucket_of_token
from tiao.runtime.batching import Busy
from tiao.runtime.db import DatabaseUnavailable
from tiao.sharding.refusals import ShardUnavailable
from tiao.values.ids import read_id, show_id

_PREFIX = {Role.CONSUMER: ids.CUSTOMER, Role.MERCHANT: ids.MERCHANT, Role.OPERATOR: ids.OPERATOR}


class SessionAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to sign in with."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class BrowserSession(msgspec.Struct, frozen=True):
    """Somebody's browser that is signed in. *device*: browser and system as it names itself, empty when it does not."""

    id: str
    device: str
    began_at: datetime
    until: datetime | None
    is_this: bool


class BrowserSessionList(msgspec.Struct, frozen=True):
    """The browsers in which one is signed in now, the latest first."""

    data: list[BrowserSession]


class SignedIn(msgspec.Struct, frozen=True):
    """Who is signed in, and what they may do; *until* is known when the session has just begun."""

    role: Role
    subject: SubjectId
    scopes: list[str]
    programme: str
    currency: str
    time_zone: str
    is_test_clock: bool
    until: datetime | None


@post(
    "/v1/session",
    operation_id="sign_in",
    summary="Sign a browser in with a key: the answer sets a cookie that ends by itself.",
    status_code=201,
    responses=responses_of(
        [
            RequestMalformed, BodyTooLarge, MediaTypeUnsupported, TokenUnknown, TokenExpired, TokenRevoked,
            DatabaseUnavailable, ShardUnavailable, Busy,
        ]
    ),
    tags=["session"],
)  # fmt: skip
async def sign_in(request: Request[Any, Any, State], data: JSONBody[SessionAsked]) -> Response[SignedIn]:
    """Sign a browser in. The session's key has the rights of the key given, and ends with it or sooner."""
    services: Services = request.app.state.services
    caller = await services.keyring.open(f"Bearer {data.token}")
    issued = await begin_with(
        services,
        caller.role,
        caller.key_id,
        bucket=bucket_of_token(data.token),
        device=device_of(request.headers),
    )
    answer = _shown(services, caller, issued.key.expires_at)
    return Response(answer, status_code=201, cookies=[cookie_of(issued.token, caller.role)])


@reads("/v1/session", by=[C, M, O], scope=None)
async def read_session(call: Call) -> SignedIn:
    """Show who is signed in."""
    return _shown(call.services, call.caller, None)


@ends("/v1/session", by=[C, M, O], scope=None, refuses=[NoBrowserSession])
async def sign_out(request: Request[Any, Any, State], call: Call) -> Response[SignedIn]:
    """Sign the browser out: its session ends at once. A key that was issued is revoked as a key, not here."""
    if "authorization" in request.headers:
        raise NoBrowserSession
    async with call.db.begin() as tx:
        await partners.revoke_key(tx, await call.services.real_moment(tx), call.caller.key_id)
    await call.services.shards.spread()
    call.services.keyring.forget()
    return Response(_shown(call.services, call.caller, None), cookies=[no_cookie()])


@reads("/v1/sessions", by=[C, M, O], scope=None)
async def list_sessions(call: Call) -> BrowserSessionList:
    """List the browsers in which one is signed in now; those that are signed out or have ended are left out."""
    async with call.db.begin() as tx:
        now = await call.services.real_moment(tx)
        keys = await partners.keys_of(tx, call.caller.subject_id)
    return BrowserSessionList(
        [
            _session_shown(key, device, call.caller.key_id)
            for key in reversed(keys)
            if (device := device_in(key.label)) is not None
            and key.revoked_at is None
            and (key.expires_at is None or key.expires_at > now.at)
        ]
    )


@ends("/v1/sessions/{key_id:str}", by=[C, M, O], scope=None, refuses=[KeyUnknown])
async def end_session(call: Call, key_id: KeyInPath) -> BrowserSession:
    """Sign one of one's own browsers out; somebody else's is ended as a key, with the right to."""
    async with call.db.begin() as tx:
        found = await partners.key(tx, read_id(ids.KEY, key_id))
        device = device_in(found.label)
        if found.subject_id != call.caller.subject_id or device is None:
            raise KeyUnknown
        ended = await partners.revoke_key(tx, await call.services.real_moment(tx), found.id)
    await call.services.shards.spread()
    call.services.keyring.forget()
    return _session_shown(ended, device, call.caller.key_id)


def _session_shown(key: ApiKey, device: str, own: UUID) -> BrowserSession:
    return BrowserSession(show_id(ids.KEY, key.id), device, key.created_at, key.expires_at, key.id == own)


def _shown(services: Services, caller: Principal, until: datetime | None) -> SignedIn:
    programme = services.platform.programme
    return SignedIn(
        role=caller.role,
        subject=show_id(_PREFIX[caller.role], caller.subject_id),
        scopes=sorted(caller.scopes),
        programme=programme.name,
        currency=programme.currency,
        time_zone=programme.time_zone,
        is_test_clock=programme.is_test_clock,
        until=until,
    )


ROUTES = [sign_in, read_session, sign_out, list_sessions, end_session]
