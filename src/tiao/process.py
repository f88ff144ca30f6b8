"""One process that serves the API and the pages: the only place that knows both. Granian calls `create_app`."""

from __future__ import annotations

import os

from litestar.datastructures import State

from tiao.api.app import app_on, app_with, opened_from
from tiao.api.edge import Edge
from tiao.api.native import till_of
from tiao.api.services import Services
from tiao.checkout.orders.model import MerchantOrder
from tiao.runtime.log import configure_log
from tiao.web.faces import Faces
from tiao.web.pages import Pages, Till
from tiao.web.site import router


def create_app() -> Faces:
    """Make the application as the environment says."""
    configure_log()
    return Faces(app_on(opened_from(os.environ), more=[router()], serve_more=_serve_pages))


def app_of(services: Services) -> Edge:
    """Make the application over services that are open already."""
    return app_with(services, more=[router()], serve_more=_serve_pages)


def _serve_pages(state: State, services: Services) -> None:
    async def till(order: MerchantOrder) -> Till:
        return await till_of(services, order)

    state.pages = Pages(services.shards, services.clock, services.random_bytes, till)
