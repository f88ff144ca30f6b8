"""What pages say about the code is what the code says."""

import re
from pathlib import Path

import pytest

from docs import recipes
from docs.made import MADE, PART, renewed
from docs.pages import PAGES, ROOT, code_spans, short
from tiao.ledger.model import Account

MARKED = [page for page in PAGES if "<!-- made:" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", MARKED, ids=short)
def test_a_made_part_is_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert renewed(text) == text, f"{short(page)} is stale: run python tests/docs/made.py"


def test_every_part_that_can_be_made_stands_on_a_page_and_is_closed() -> None:
    texts = [page.read_text(encoding="utf-8") for page in MARKED]
    opened = [name for text in texts for name in re.findall(r"^<!-- made: (\w+) -->$", text, re.MULTILINE)]
    assert sorted(opened) == sorted(name for text in texts for name, _, _ in PART.findall(text))
    assert set(opened) == set(MADE)


def test_every_kind_of_posting_is_explained_on_the_page() -> None:
    kinds = recipes.posted_kinds()
    assert kinds > {one.kind for one in recipes.recipes()} > set()
    assert kinds - set(code_spans(ROOT / "docs" / "ledger.md")) == set()


def test_every_recipe_has_both_sides() -> None:
    one_sided = [one.name for one in recipes.recipes() if not {"Dr", "Cr"} <= set(one.entries.split())]
    assert one_sided == []


def test_the_chart_is_read_whole() -> None:
    assert [one.code for one in recipes.chart()] == [str(account.value) for account in sorted(Account)]
