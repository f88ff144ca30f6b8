"""The one hot endpoint, `POST /v1/purchases`, past the framework: the same answers at a fraction of the cost.

Only a request in which nothing is unusual is served here. Whatever is missing, malformed, too long or not allowed goes
to the framework as it came, so that there is one place that says what is wrong with it; and a test holds the answers of
both against each other, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from litestar import Litestar
from litestar.enums import MediaType

from tiao.api import problems
from tiao.api.edge import Facts, Message, Receive, Scope, Send, facts_of
from tiao.api.operation import let_in
from tiao.api.refusals import InternalError
from tiao.api.routes.purchases import ContextGiven, PurchaseAsked, bought, create_purchase
from tiao.api.services import Asked, Services
from tiao.partners.model import Principal
from tiao.values.refusal import Refusal

_PATH = "/v1/purchases"
_OPERATION = f"POST {_PATH}"
_CREATED = 201
#: What is said here takes 200 to 600 bytes; the framework knows what to do with more than a few times that.
_BODY_BYTES_MAX = 2048
_KEY = re.compile(rb"[!-~]{1,255}")
_LENGTH = re.compile(rb"[0-9]{1,4}")
_DECODE: Callable[[bytes], PurchaseAsked] = msgspec.json.Decoder(PurchaseAsked).decode
_ENCODE = msgspec.json.Encoder().encode
#: Every field there can be, as it stands in a body.
_FIELDS = [name for each in (PurchaseAsked, ContextGiven) for name in each.__struct_fields__]
_NAMED = re.compile(f'"({"|".join(_FIELDS)})"'.encode()).findall
_ACCESS = create_purchase.opt["access"]


class _Sent(NamedTuple):
    """The headers that matter."""

    authorization: bytes
    key: bytes


class Direct:
    """Serves purchases directly, and everything else through the framework."""

    def __init__(self, framework: Litestar) -> None:
        self.framework = framework

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        framework: Any = self.framework
        sent = _sent(scope)
        caller = None if sent is None else await self._caller(sent, facts_of(scope))
        if sent is None or caller is None:
            await framework(scope, receive, send)
            return
        came, body = await _whole(receive)
        data = _read(body)
        if data is None:
            await framework(scope, _again(came, receive), send)
            return
        scope["path_template"] = _PATH
        call = Asked(self._services, caller, _OPERATION, None)
        status, headers, answer = await _answered(facts_of(scope), call, data, sent.key.decode())
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer, "more_body": False})

    @property
    def _services(self) -> Services:
        services = self.framework.state.services
        assert isinstance(services, Services), "requests come while services are open"
        return services

    async def _caller(self, sent: _Sent, facts: Facts) -> Principal | None:
        """Find out who is calling; whoever may not is told so by the framework."""
        try:
            return await let_in(self._services, sent.authorization.decode(), _ACCESS, facts)
        except (Refusal, UnicodeDecodeError):
            return None


def _sent(scope: Scope) -> _Sent | None:
    """Read the headers of a purchase; None when this is none, or not an ordinary one."""
    if scope["type"] != "http" or scope["path"] != _PATH or scope["method"] != "POST" or scope.get("query_string"):
        return None
    headers = dict(scope["headers"])
    if len(headers) != len(scope["headers"]):
        return None  # one of them stands there twice
    authorization, key = headers.get(b"authorization"), headers.get(b"idempotency-key", b"")
    length, media_type = headers.get(b"content-length", b""), headers.get(b"content-type")
    if authorization is None or media_type != b"application/json" or _KEY.fullmatch(key) is None:
        return None
    if _LENGTH.fullmatch(length) is None or int(length) > _BODY_BYTES_MAX:
        return None
    return _Sent(authorization, key)


async def _whole(receive: Receive) -> tuple[list[Message], bytes]:
    """Receive a body that says it is short: what came, message by message, and what it says."""
    came: list[Message] = []
    body = b""
    while True:
        message = await receive()
        came.append(message)
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body") or len(body) > _BODY_BYTES_MAX:
            return came, body


def _read(body: bytes) -> PurchaseAsked | None:
    """Read a body in one go; None when it is not exactly what `PurchaseAsked` says, every field once."""
    # Where nothing is escaped, a name between quotation marks is a field, or a text that may as well go the other way.
    if b"\\" in body:
        return None
    named = _NAMED(body)
    if len(set(named)) != len(named):
        return None
    try:
        return _DECODE(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _again(came: list[Message], receive: Receive) -> Receive:
    """Receive once more what came already, and then what comes."""
    waiting = came[::-1]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again


async def _answered(
    facts: Facts, call: Asked, data: PurchaseAsked, key: str
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Do what was asked; a "no" is an answer, and so is a bug."""
    try:
        answer = _ENCODE(await bought(call, data, key))
        return _CREATED, _headers(MediaType.JSON, answer), answer
    except Refusal as refusal:
        said = refusal
    except Exception as error:  # noqa: BLE001  its words stay in the log
        facts.error, said = error, InternalError()
    problem = problems.told(facts, said)
    answer = _ENCODE(problem)
    more = [(name.lower().encode(), value.encode()) for name, value in problems.headers_of(said).items()]
    return problem.status, [*more, *_headers(problems.MEDIA_TYPE, answer)], answer


def _headers(media_type: str, answer: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", media_type.encode()), (b"content-length", str(len(answer)).encode())]
