"""The routes, one file for each resource."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

from tiao.api.routes import (
    adjustments,
    bill_plans,
    books,
    contradictions,
    credit,
    credit_balance,
    customers,
    explanations,
    funding,
    health,
    keys,
    lines,
    loan_changes,
    loans,
    merchants,
    notices,
    payoffs,
    policy_overrides,
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
    adjustments,
    loan_changes,
    bill_plans,
    credit_balance,
    explanations,
    merchants,
    settlements,
    keys,
    books,
    policy_overrides,
    contradictions,
    notices,
)
ROUTES: list[HTTPRouteHandler] = [route for resource in _RESOURCES for route in resource.ROUTES]
