"""A training that was killed goes on, and gives the same bits as one that was not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tiao.credit.scoring.model import Feature
from tiao.credit.training.boosting import fit_boosting
from tiao.credit.training.champion import Values
from tiao.credit.training.folds import split
from tiao.learning.shelf import Shelf, Workplace, shelf_beside


class Killed(Exception):  # noqa: N818  it is what happens, not an error
    """The machine went down."""


def values() -> tuple[Values, np.ndarray]:
    chance = np.random.default_rng(8)
    debt, years = chance.normal(size=800), chance.normal(size=800)
    target = (chance.random(800) < 1 / (1 + np.exp(1 - debt * years))).astype(float)
    features = tuple(Feature(name, "number", name, (name,)) for name in ("debt", "years"))
    return Values(features, [debt.tolist(), years.tolist()], [(), ()], [None, None]), target


def test_finished_fits_are_not_made_again_and_the_trees_are_the_same(tmp_path: Path) -> None:
    data, target = values()
    folds = split(target, event_time=None, label_time=None, groups=[])
    whole = fit_boosting(data, target, np.ones(800), folds, Workplace())
    told: list[str] = []

    def dying(what: str) -> None:
        told.append(what)
        if len(told) == 7:
            raise Killed

    shelf = Shelf(tmp_path / "shelf")
    with pytest.raises(Killed):
        fit_boosting(data, target, np.ones(800), folds, Workplace(dying, shelf))
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "shelf").iterdir()}
    assert len(kept) >= 7
    again = fit_boosting(data, target, np.ones(800), folds, Workplace(shelf=shelf))
    assert again.form == whole.form
    assert again.oof.tolist() == whole.oof.tolist()
    assert all((tmp_path / "shelf" / name).stat().st_mtime_ns == made for name, made in kept.items())
    shelf.clear()
    assert not (tmp_path / "shelf").exists()


def test_other_data_get_another_shelf(tmp_path: Path) -> None:
    made = []
    for content in ("one", "two", "one"):
        (tmp_path / "rows.csv").write_text(content, encoding="utf-8")
        shelf = shelf_beside(tmp_path / "model", [tmp_path / "rows.csv"], ["tiao.learning"])
        shelf.kept("part", lambda content=content: content)  # type: ignore[misc]
        made.append(shelf.kept("part", lambda: "never made"))
    assert made == ["one", "two", "one"]
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 2
