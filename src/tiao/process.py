"""One process that serves the API and the pages: the only place that knows both. Granian calls `create_app`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from uuid import UUID

from litestar.datastructures import Cookie, State

from tiao.api.app import app_on, app_with, opened_from
from tiao.api.edge import Edge
from tiao.api.native import till_of
from tiao.api.refusals import TokenMissing
from tiao.api.services import Services
from tiao.api.sessions import COOKIE, authorization_of, begin, cookie_of, device_of
from tiao.checkout.orders.model import MerchantOrder
from tiao.partners.model import Role
from tiao.partners.refusals import TokenExpired, TokenRevoked, TokenUnknown
from tiao.runtime.log import configure_log
from tiao.values.ids import bucket_of
from tiao.web import wallet
from tiao.web.faces import Faces
from tiao.web.pages import Pages, Till
from tiao.web.site import router


def create_app() -> Faces:
    """Make the application as the environment says."""
    configure_log()
    app = app_on(opened_from(os.environ), more=[router(), wallet.router()], serve_more=_serve_pages)
    return Faces(app, session_cookie=COOKIE)


def app_of(services: Services) -> Edge:
    """Make the application over services that are open already."""
    return app_with(services, more=[router(), wallet.router()], serve_more=_serve_pages)


def _serve_pages(state: State, services: Services) -> None:
    async def till(order: MerchantOrder) -> Till:
        return await till_of(services, order)

    async def session(customer_id: UUID, headers: Mapping[str, str]) -> Cookie:
        bucket, device = bucket_of(customer_id), device_of(headers)
        begun = await begin(services, Role.CONSUMER, customer_id, bucket=bucket, device=device)
        return cookie_of(begun.token, Role.CONSUMER)

    async def customer(method: str, headers: Mapping[str, str]) -> UUID | None:
        try:
            caller = await services.keyring.open(authorization_of(method, headers))
        except (TokenMissing, TokenUnknown, TokenExpired, TokenRevoked):
            return None
        return caller.subject_id if caller.role is Role.CONSUMER else None

    state.pages = Pages(
        services.shards, services.clock, services.random_bytes, till, session, customer, services.code_limits
    )
