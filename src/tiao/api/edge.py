"""Around every request: its id, its one log line, its figures."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import structlog

from tiao.api.metrics import Metrics
from tiao.partners.model import Principal
from tiao.runtime.log import note_plainly

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]

REQUEST_ID_HEADER = b"x-request-id"
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_FACTS = "tiao"
#: What no route took.
_NO_ROUTE = "none"
#: Labels come from a closed set: a caller may call its method anything.
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class Facts:
    """What becomes known of a request while it is served; the log line is written from it."""

    __slots__ = ("caller", "code", "error", "request_id", "size_bytes", "status")

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.caller: Principal | None = None
        self.code: str | None = None
        self.error: BaseException | None = None
        self.status = 0
        self.size_bytes = 0


def facts_of(scope: MutableMapping[str, Any] | Any) -> Facts:  # noqa: ANN401  Litestar's scope is a closed TypedDict
    """Give the facts of the request under way."""
    found = scope[_FACTS]
    assert isinstance(found, Facts), "the edge is outside everything"
    return found


class Edge:
    """The outermost ASGI application."""

    def __init__(self, app: AsgiApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics
        self._log = structlog.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        facts = scope[_FACTS] = Facts(_request_id(scope))
        began = time.perf_counter()

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                facts.status = message["status"]
                message["headers"] = [*message.get("headers", ()), (REQUEST_ID_HEADER, facts.request_id.encode())]
            elif message["type"] == "http.response.body":
                facts.size_bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        finally:
            self._note(scope, facts, time.perf_counter() - began)

    def _note(self, scope: Scope, facts: Facts, seconds: float) -> None:
        route = scope.get("path_template") or _NO_ROUTE
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.answered(method, route, facts.status, seconds)
        line: dict[str, object] = {
            "request_id": facts.request_id,
            "method": method,
            "route": route,
            "status": facts.status,
            "duration_ms": round(seconds * 1000, 2),
            "size_bytes": facts.size_bytes,
        }
        if facts.caller is not None:
            line |= {"tenant_id": facts.caller.subject_id.hex, "key_id": facts.caller.key_id.hex}
        if facts.code is not None:
            line["code"] = facts.code
        if facts.error is not None:
            self._log.error("request", **line, exc_info=facts.error)
        else:
            note_plainly("request", line)


def _request_id(scope: Scope) -> str:
    """Take the caller's id when it is fit for a log, otherwise make one."""
    for name, value in scope["headers"]:
        if name.lower() == REQUEST_ID_HEADER and _REQUEST_ID.fullmatch(value):
            return str(value.decode())
    return secrets.token_hex(16)
