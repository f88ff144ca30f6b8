"""A hint is true: the row changed as it says passes, and nothing nearer on that column does."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import polars as pl
import pytest

from tiao.credit.scoring import Bundle, load_bundle
from tiao.credit.scoring.hints import hint_text, hints

DATA = Path(str(resources.files("tiao.credit"))) / "data"
CUT_OFF = 0.25


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle(DATA / "bundle")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    return pl.read_csv(DATA / "taiwan_sample.csv").head(300).to_dicts()


def test_a_row_that_passes_needs_no_hint(bundle: Bundle, rows: list[dict[str, object]]) -> None:
    passing = [row for row in rows if bundle.score_one(row).probability <= CUT_OFF]
    assert passing
    assert all(hints(bundle, row, probability_max=CUT_OFF) == [] for row in passing)


def test_every_hint_passes_and_can_be_acted_on(bundle: Bundle, rows: list[dict[str, object]]) -> None:
    given = 0
    for row in rows:
        found = hints(bundle, row, probability_max=CUT_OFF)
        assert [hint.bins for hint in found] == sorted(hint.bins for hint in found)
        for hint in found:
            changed = bundle.score_one({**row, hint.column: hint.then})
            assert changed.probability == hint.probability <= CUT_OFF
            assert bundle.reasons[hint.code].is_actionable
            assert row[hint.column] == hint.now != hint.then
            given += 1
    assert given > 20


def test_words_name_no_column(bundle: Bundle, rows: list[dict[str, object]]) -> None:
    hint = next(found[0] for row in rows if (found := hints(bundle, row, probability_max=CUT_OFF)))
    text = hint_text(bundle, hint)
    assert hint.column not in text.zh + text.en
    assert bundle.reasons[hint.code].customer_zh in text.zh
