"""The routes, one file for each resource."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

from tiao.api.routes import credit, customers, health, keys, merchants, purchases, quotes

ROUTES: list[HTTPRouteHandler] = [
    route for resource in (health, customers, credit, quotes, purchases, merchants, keys) for route in resource.ROUTES
]
