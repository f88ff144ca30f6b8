"""Explanations in words: one catalogue, two languages, amounts as people write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal
from uuid import UUID

import yaml

from tiao.lending import archive
from tiao.lending.explaining import Explanation, Story, story_of
from tiao.lending.model import FeePayer, PlanTerms
from tiao.lending.penalties import MICRO
from tiao.lending.product import Product
from tiao.lending.products import shipped_products, sold
from tiao.lending.records import Loan
from tiao.lending.refunds import RefundPolicy
from tiao.lending.told import Micros, Named, Told, Value
from tiao.runtime.db import Tx
from tiao.values.ids import show_id
from tiao.values.money import CURRENCY_DECIMALS

Language = Literal["zh-CN", "en"]


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Read the sentences by key and language."""
    found: dict[str, dict[str, str]] = yaml.safe_load((files("tiao.lending") / "explanations.yaml").read_text("utf-8"))
    return found


def sentence(line: Told, *, currency: str, language: Language) -> str:
    """Say one line."""
    said = {name: _said(value, currency) for name, value in line.values.items()}
    return catalogue()[line.key][language].format(**said)


def sentences(explanation: Explanation, *, currency: str, language: Language) -> list[str]:
    """Say an explanation, its total last."""
    total = Told("total", explanation.total_minor, {"amount": explanation.total_minor})
    return [sentence(line, currency=currency, language=language) for line in (*explanation.lines, total)]


async def read_story(
    tx: Tx,
    line_id: UUID,
    *,
    today: date,
    policy_of: Callable[[date], RefundPolicy],
    products: Sequence[Product] | None = None,
) -> Story:
    """Read a line's facts and live them again, penalties through yesterday. *products* is the shelf, if not ours."""
    facts = await archive.facts_of_line(tx, line_id)
    shelf = shipped_products() if products is None else products

    def terms_of(loan: Loan) -> PlanTerms | None:
        found = sold(shelf, loan.plan_code, loan.product_version)
        return None if found is None else found.on_terms(FeePayer.CONSUMER)

    return story_of(facts, through=today - timedelta(days=1), policy_of=policy_of, terms_of=terms_of)


def _said(value: Value, currency: str) -> str:
    """Write a value: whole numbers are minor units, decimals are themselves."""
    decimals = CURRENCY_DECIMALS[currency]
    match value:
        case int():
            return f"{Decimal(value).scaleb(-decimals):,.{decimals}f}"
        case Micros(micros):
            exact = Decimal(micros).scaleb(-decimals) / MICRO
            whole = exact == exact.quantize(Decimal(1).scaleb(-decimals))
            return f"{exact:,.{decimals}f}" if whole else f"{exact.normalize():,f}"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case Named(prefix, identifier):
            return show_id(prefix, identifier)
