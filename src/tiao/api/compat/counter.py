"""Where requests of a foreign form are taken: whose they are, and the key they are answered with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request as HttpRequest
from litestar.datastructures import State
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from tiao.api.compat.platform_key import Signer, signer_of
from tiao.api.compat.request import Request
from tiao.api.services import Services
from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.model import Account


async def read_request(request: HttpRequest[Any, Any, State]) -> Request:
    """Read a request as it came: path and query undecoded. A body that is no text is none that anybody has signed."""
    scope = request.scope
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    target = raw_path.partition(b"?")[0] + (b"?" + query if query else b"")
    try:
        body, is_whole = (await request.body()).decode(errors="replace"), True
    except RequestEntityTooLarge:
        body, is_whole = "", False
    return Request(request.method, target.decode("latin-1"), dict(request.headers), body, is_whole)


async def signer(services: Services) -> Signer:
    """Open the platform's key. *Refuses:* PlatformKeyMissing."""
    async with services.platform.db.begin() as tx:
        pair = await accounts.platform_key(tx)
    return signer_of(pair, services.platform.vault)


async def account_of(services: Services, number: str) -> Account:
    """Find the merchant of an app_id or a mchid. *Refuses:* AccountUnknown."""
    async with services.platform.db.begin() as tx:
        return await accounts.account_of_number(tx, number)


async def real_now(services: Services) -> datetime:
    """Tell the real time, which signatures follow."""
    async with services.platform.db.begin() as tx:
        return await services.clock.now(tx)
