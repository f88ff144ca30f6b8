"""Whether a request is addressed to anything: its host has the form of a name, its path is a text.

Addresses that are given out are written with the host that was asked for, and paths are looked up; so whatever is
neither is refused here, once, before anybody reads it.
"""

from __future__ import annotations

import re

import msgspec

from tiao.api import problems
from tiao.api.edge import AsgiApp, Receive, Scope, Send, facts_of
from tiao.api.refusals import RequestMalformed, RouteUnknown
from tiao.values.refusal import Refusal

#: A name, an IPv4 address or an IPv6 address in brackets, and a port. Underlines stand in names of containers.
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
#: Whoever asks below this is answered in the form and with the signature of another system, which knows what to say.
_ANSWERS_ITSELF = "/v3/"
#: What no text that is stored holds: nothing has such a name. Half characters are what bytes become that are no UTF-8.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class Addressed:
    """Passes on what is addressed to something."""

    def __init__(self, app: AsgiApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        refusal = _refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self.app(scope, receive, send)
            return
        problem = problems.told(facts_of(scope), refusal)
        answer = msgspec.json.encode(problem)
        headers = [
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(answer)).encode()),
        ]
        await send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer, "more_body": False})


def _refusal(scope: Scope) -> Refusal | None:
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) > 1 or any(_HOST.fullmatch(host) is None for host in hosts):
        return RequestMalformed("the header Host names no host", pointer="Host")
    if not scope["path"].startswith(_ANSWERS_ITSELF) and _NO_TEXT.search(scope["path"]):
        return RouteUnknown("there is nothing at an address that is no text")
    return None
