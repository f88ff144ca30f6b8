"""What pages say about the code is what the code says."""

import re
from pathlib import Path

import pytest

from docs import recipes
from docs.made import MADE, PART, renewed
from docs.pages import PAGES, SRC, short

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


def test_every_kind_of_posting_has_its_recipe_on_the_page() -> None:
    assert {one.kind for one in recipes.recipes()} == recipes.posted_kinds()


def test_every_recipe_has_both_sides() -> None:
    one_sided = [one.name for one in recipes.recipes() if not {"Dr", "Cr"} <= set(one.entries.split())]
    assert one_sided == []


def test_the_chart_is_read_whole() -> None:
    rows = re.findall(r"^  \(\d{4}, ", recipes.CHART.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(recipes.chart()) == len(rows) > 0
    later = [path.name for path in (SRC / "sql" / "migrations").glob("*.sql") if path != recipes.CHART]
    added = [name for name in later if "into ledger_account" in (SRC / "sql" / "migrations" / name).read_text()]
    assert added == [], "a later migration adds accounts: read it in docs/recipes.py too"
