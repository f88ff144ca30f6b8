"""The routes, one file for each resource."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

from tiao.api.routes import (
    books,
    credit,
    customers,
    funding,
    health,
    keys,
    lines,
    loans,
    merchants,
    notices,
    payoffs,
    purchases,
    quotes,
    refunds,
    repayments,
    settlements,
)

_RESOURCES = (
    health,
    customers,
    credit,
    lines,
    quotes,
    purchases,
    refunds,
    loans,
    funding,
    repayments,
    payoffs,
    merchants,
    settlements,
    keys,
    books,
    notices,
)
ROUTES: list[HTTPRouteHandler] = [route for resource in _RESOURCES for route in resource.ROUTES]
