"""Drift: nothing is said of rows like those of training, and everything that moves is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from tiao.cli.credit import credit_app
from tiao.credit.scoring import Bundle, load_bundle
from tiao.credit.watching.drift import drift, level_of
from tiao.credit.watching.model import Drift, Level, Watched
from tiao.learning.metrics import by_chance, psi

DATA = Path(str(resources.files("tiao.credit"))) / "data"
TARGET = "default_payment_next_month"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle(DATA / "bundle")


@pytest.fixture(scope="module")
def sample() -> pl.DataFrame:
    return pl.read_csv(DATA / "taiwan_sample.csv")


def watched(bundle: Bundle, rows: pl.DataFrame) -> Watched:
    cells = rows.to_dict(as_series=False)
    scored = bundle.score(cells)
    return Watched(cells, np.array([one.probability for one in scored]), [one.grade for one in scored])


def alerts(found: Drift, what: str) -> dict[str, Level]:
    return {alert.name: alert.level for alert in found.alerts if alert.what == what}


def test_rows_like_those_of_training_are_calm(bundle: Bundle, sample: pl.DataFrame) -> None:
    found = drift(bundle, watched(bundle, sample))
    assert found.level is Level.CALM
    assert found.score.index < 0.02
    assert max(one.index for one in found.features) < 0.02
    assert len(found.features) == len(bundle.model.stability["features"])
    for one in (found.score, *found.features):
        assert sum(before for _, before, _ in one.bins) == pytest.approx(1, abs=1e-4)
        assert sum(now for _, _, now in one.bins) == pytest.approx(1, abs=1e-4)


def test_a_worse_population_moves_the_score_and_what_it_reads(bundle: Bundle, sample: pl.DataFrame) -> None:
    worse = sample.with_columns(PAY_0=pl.col("PAY_0") + 2, PAY_2=pl.col("PAY_2") + 2)
    found = drift(bundle, watched(bundle, worse), probability_max=0.2)
    assert found.level is Level.STOP
    assert alerts(found, "score") == {"PSI": Level.STOP}
    assert alerts(found, "feature")["PAY_0"] is Level.STOP
    assert "LIMIT_BAL" not in alerts(found, "feature")
    assert found.approval.now < found.approval.before - 0.15
    assert alerts(found, "approval") == {"rate": Level.STOP}


def test_values_that_go_missing_are_told(bundle: Bundle, sample: pl.DataFrame) -> None:
    holes = sample.with_columns(PAY_0=pl.when(pl.col("ID") % 5 == 0).then(None).otherwise(pl.col("PAY_0")))
    found = drift(bundle, watched(bundle, holes))
    assert alerts(found, "missing")["PAY_0"] is Level.STOP


def test_a_broken_promise_is_told_by_grade_and_a_kept_one_is_not(bundle: Bundle, sample: pl.DataFrame) -> None:
    rows = watched(bundle, sample)
    chance = np.random.default_rng(3)
    kept = (chance.random(len(rows.probability)) < rows.probability).astype(float)
    assert alerts(drift(bundle, rows._replace(target=kept)), "grade") == {}
    broken = (chance.random(len(rows.probability)) < np.minimum(1.0, 2 * rows.probability)).astype(float)
    found = drift(bundle, rows._replace(target=broken))
    assert Level.STOP in alerts(found, "grade").values()
    assert all(one.seen > one.expected for one in found.calibration[1:4])


def test_ranking_is_measured_on_ripe_rows_only(bundle: Bundle, sample: pl.DataFrame) -> None:
    rows = watched(bundle, sample)
    target = sample[TARGET].to_numpy().astype(float)
    months = [datetime(2026, 1 + place % 2, 5, tzinfo=UTC) for place in range(len(target))]
    at = np.array([int(month.timestamp() * 1_000_000) for month in months])
    ripe = np.where(np.arange(len(target)) % 2 == 0, target, np.nan)
    january, february = drift(bundle, rows._replace(target=ripe, at=at)).vintages
    assert (january.month, january.rows, january.unripe) == ("2026-01", 2500, 0)
    assert january.auc is not None
    assert january.auc > 0.75
    assert (february.rows, february.unripe, february.auc) == (0, 2500, None)


def test_a_month_that_ranks_badly_is_told(bundle: Bundle, sample: pl.DataFrame) -> None:
    rows = watched(bundle, sample)
    shuffled = np.random.default_rng(5).permutation(sample[TARGET].to_numpy().astype(float))
    at = np.full(len(shuffled), int(datetime(2026, 1, 5, tzinfo=UTC).timestamp() * 1_000_000))
    assert alerts(drift(bundle, rows._replace(target=shuffled, at=at)), "vintage") == {"2026-01": Level.QUESTION}


def test_what_was_really_decided_counts_as_approval(bundle: Bundle, sample: pl.DataFrame) -> None:
    rows = watched(bundle, sample)
    found = drift(bundle, rows._replace(approved=np.zeros(len(rows.probability), dtype=bool)))
    assert (found.approval.probability_max, found.approval.now, found.approval.level) == (None, 0.0, Level.STOP)


def test_what_was_decided_is_held_against_the_bound_it_was_decided_by(bundle: Bundle, sample: pl.DataFrame) -> None:
    """A policy that approves nearly everybody has not moved because a fairness report approves seven in ten."""
    rows = watched(bundle, sample)
    generous = 0.6
    decided = rows._replace(approved=rows.probability <= generous)
    assert drift(bundle, decided).approval.level is Level.STOP
    assert drift(bundle, decided, policy_max=generous).approval.level is Level.CALM


@pytest.mark.parametrize(("value", "level"), [(0.0999, Level.CALM), (0.10, Level.QUESTION), (0.25, Level.STOP)])
def test_the_marks_are_ten_and_twenty_five_hundredths(value: float, level: Level) -> None:
    assert level_of(value) is level


def test_the_command_prints_a_document_or_tables(sample: pl.DataFrame, tmp_path: Path) -> None:
    sample.head(1000).write_parquet(tmp_path / "later.parquet")
    arguments = ["drift", str(DATA / "bundle"), str(tmp_path / "later.parquet")]
    result = CliRunner().invoke(credit_app, [*arguments, "--json"])
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert {"score", "features", "approval", "calibration", "vintages", "alerts", "level"} <= set(found)
    assert found["rows"] == 1000
    told = CliRunner().invoke(credit_app, arguments)
    assert told.exit_code == 0
    assert "score" in told.stdout
    assert "calm" in told.stdout


def test_the_command_refuses_rows_without_a_feature(sample: pl.DataFrame, tmp_path: Path) -> None:
    sample.drop("PAY_0").write_parquet(tmp_path / "later.parquet")
    result = CliRunner().invoke(credit_app, ["drift", str(DATA / "bundle"), str(tmp_path / "later.parquet")])
    assert result.exit_code == 2
    assert json.loads(result.stderr)["column"] == "PAY_0"


def test_what_few_rows_show_by_chance_is_no_alert() -> None:
    """Ten bins and 55 rows: an index of .39 comes once in a hundred times with nothing moved; with 5,500 rows .0039."""
    assert by_chance(10, 55) == pytest.approx(21.67 / 55, rel=0.005)
    assert by_chance(10, 5_500) == pytest.approx(21.67 / 5_500, rel=0.005)
    assert by_chance(2, 100) == pytest.approx(6.635 / 100, rel=0.03)


def test_of_many_features_together_one_is_no_likelier_to_alarm_by_chance_than_of_one() -> None:
    """Sixty features of ten bins, 400 rows, nothing moved, a hundred times: hardly ever does any reach the bound."""
    chance = np.random.default_rng(3)
    before = np.full(10, 1_000.0)
    worst = [
        max(psi(before, row.astype(float)) for row in chance.multinomial(400, np.full(10, 0.1), size=60))
        for _ in range(100)
    ]
    alarmed = [sum(each > by_chance(10, 400, among=among) for each in worst) for among in (60, 1)]
    assert alarmed[0] <= 5
    assert alarmed[1] > 25, "each for itself, some feature nearly always does"
