"""The worked examples of CONTRIBUTING.md work."""

import ast
import re
from datetime import date
from pathlib import Path

import pytest

from docs.pages import ROOT, SRC, blocks
from tiao.checkout.offers import OfferBook
from tiao.lending.model import BillingMode, FeePayer
from tiao.lending.products import read_products, shipped_products
from tiao.policy.pack import Pack

PAGE = ROOT / "CONTRIBUTING.md"
ROW_NOW = re.compile(r"^- \{id: instalment\.terms, .*?\}$\n", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("on", "is_offered"), [(date(2026, 11, 30), False), (date(2026, 12, 1), True)])
def test_the_nine_terms_of_the_first_example_are_offered_from_their_day_on(
    *, tmp_path: Path, on: date, is_offered: bool
) -> None:
    shelf, rules = blocks(PAGE, "yaml")
    products = read_products((SRC / "lending" / "products.yaml").read_text(encoding="utf-8") + shelf)
    assert products[:-1] == shipped_products(), "the example is one more product"
    shipped = (SRC / "policy" / "packs" / "cn.yaml").read_text(encoding="utf-8")
    assert len(ROW_NOW.findall(shipped)) == 1, "the page shows the only row of this rule"
    pack = tmp_path / "cn.yaml"
    pack.write_text(ROW_NOW.sub(lambda _: rules, shipped), encoding="utf-8")
    book = OfferBook(products=products, pack=Pack.load(pack), lender="the lender", lender_type="cfc")
    offers = book.offers(
        120_000, currency="CNY", on=on, statement_day=8, mode=BillingMode.STATEMENT, fee_payer=FeePayer.CONSUMER
    )
    assert ("instalments_9" in [offer.plan for offer in offers]) is is_offered


def test_the_code_of_the_examples_is_code() -> None:
    for block in blocks(PAGE, "python"):
        ast.parse(block)


def test_the_constraint_of_the_second_example_is_named_after_its_refusal() -> None:
    [refusal] = re.findall(r"^class (\w+)\(Refusal\)", "".join(blocks(PAGE, "python")), re.MULTILINE)
    code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", refusal).lower()
    assert f"add constraint {code} " in blocks(PAGE, "sql")[0]
