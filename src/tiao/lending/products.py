"""The products on offer: versioned, dated data from which plans are made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

import msgspec
import yaml

from tiao.lending.model import BillingMode, FeePayer, PlanTerms
from tiao.lending.refusals import ProductUnknown


class Product(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A product in force from *effective_from* until before *effective_to*."""

    code: str
    terms: int
    fee_rate_per_term: Decimal
    mode: BillingMode
    effective_from: date
    effective_to: date | None = None

    def on_terms(self, fee_payer: FeePayer) -> PlanTerms:
        """Give the terms a plan is made on; a merchant that bears the fee changes who pays, not how much."""
        return PlanTerms(self.code, self.terms, self.fee_rate_per_term, fee_payer, self.mode)


class _Shelf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    products: tuple[Product, ...]


@cache
def shipped_products() -> tuple[Product, ...]:
    """Read the products that come with the platform (products.yaml)."""
    raw = yaml.safe_load((files("tiao.lending") / "products.yaml").read_text(encoding="utf-8"))
    return msgspec.convert(raw, _Shelf, strict=False).products


def offered(products: Sequence[Product], on: date, mode: BillingMode | None = None) -> list[Product]:
    """List what may be chosen on a day, in the order of the shelf."""
    return [
        product
        for product in products
        if product.effective_from <= on
        and (product.effective_to is None or on < product.effective_to)
        and (mode is None or product.mode is mode)
    ]


def product_of(products: Sequence[Product], code: str, on: date) -> Product:
    """Find a product by its code. Refuses: ProductUnknown."""
    for product in offered(products, on):
        if product.code == code:
            return product
    raise ProductUnknown(pointer="/plan", plan=code)
