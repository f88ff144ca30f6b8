"""The products on offer: versioned, dated data from which plans are made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import msgspec
import yaml

from tiao.lending.model import BillingMode, FeePayer, PlanTerms
from tiao.lending.product import Product, Scene
from tiao.lending.refusals import ProductsInvalid, ProductUnknown
from tiao.lending.shelf_faults import shelf_faults


class OnShelf(NamedTuple):
    """A plan that may be chosen: a product over a number of terms."""

    product: Product
    code: str
    terms: int

    def on_terms(self, fee_payer: FeePayer) -> PlanTerms:
        """Give the terms a plan is made on; a merchant that bears the cost changes who pays, not how much."""
        product = self.product
        return PlanTerms(
            self.code,
            self.terms,
            product.fee_rate_per_term,
            fee_payer,
            product.mode,
            version=product.version,
            pricing=product.pricing,
            rate_annual=product.rate_annual,
            day_count=product.day_count,
            rounding=product.rounding,
            grace=product.grace,
        )


@cache
def shipped_products() -> tuple[Product, ...]:
    """Read the products that come with the platform (products.yaml)."""
    return read_products((files("tiao.lending") / "products.yaml").read_text(encoding="utf-8"))


def products_of(path: Path | None) -> tuple[Product, ...]:
    """Read an operator's own shelf, or the shipped one where there is none. Refuses: ProductsInvalid."""
    if path is None:
        return shipped_products()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProductsInvalid([f"{path}: {error}"]) from error
    return read_products(text)


def read_products(text: str) -> tuple[Product, ...]:
    """Read a shelf from YAML. Refuses: ProductsInvalid, naming every fault."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ProductsInvalid([f"not YAML: {error}"]) from error
    entries = raw.get("products") if isinstance(raw, dict) and set(raw) == {"products"} else None
    if not isinstance(entries, list):
        raise ProductsInvalid(["a shelf is a list under `products`, and nothing else"])
    found: list[Product] = []
    faults: list[str] = []
    for number, entry in enumerate(entries, start=1):
        try:
            found.append(msgspec.convert(entry, Product, strict=False))
        except msgspec.ValidationError as error:
            name = entry.get("name") if isinstance(entry, dict) else None
            faults.append(f"product {number} ({name}): {error}")
    faults += shelf_faults(found)
    if faults:
        raise ProductsInvalid(faults)
    return tuple(found)


def offered(
    products: Sequence[Product], on: date, mode: BillingMode | None = None, scene: Scene = Scene.PURCHASE
) -> list[OnShelf]:
    """List what may be chosen on a day, in the order of the shelf."""
    return [
        OnShelf(product, code, terms)
        for product in products
        if product.effective_from <= on
        and (product.effective_to is None or on < product.effective_to)
        and (mode is None or product.mode is mode)
        and scene in product.scenes
        for code, terms in product.plans.items()
    ]


def plan_of(products: Sequence[Product], code: str, on: date, scene: Scene = Scene.PURCHASE) -> OnShelf:
    """Find what a plan code stands for on a day. Refuses: ProductUnknown."""
    for plan in offered(products, on, scene=scene):
        if plan.code == code:
            return plan
    raise ProductUnknown(pointer="/plan", plan=code)


def sold(products: Sequence[Product], code: str, version: int) -> OnShelf | None:
    """Find what a contract was sold as, or nothing where this shelf does not know it any more."""
    for product in products:
        if product.version == version and code in product.plans:
            return OnShelf(product, code, product.plans[code])
    return None
