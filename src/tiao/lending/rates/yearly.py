"""The two yearly figures that Chinese disclosures give for a monthly rate."""

from __future__ import annotations

from decimal import Decimal

_MONTHS = 12


def simple_yearly(monthly: Decimal) -> Decimal:
    """Multiply a monthly rate by twelve (单利)."""
    return monthly * _MONTHS


def compound_yearly(monthly: Decimal) -> Decimal:
    """Compound a monthly rate over twelve months (复利)."""
    return (1 + monthly) ** _MONTHS - 1
