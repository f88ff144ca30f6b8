"""`tiao credit` from outside: what it writes, what it refuses, and that it does the same thing twice."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from tiao.cli.credit import credit_app

SHIPPED = Path(str(resources.files("tiao.credit"))) / "data"
SCHEMA = SHIPPED / "taiwan_schema.json"
ROWS = 1200
TARGET = "default_payment_next_month"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "rows.parquet"
    pl.read_csv(SHIPPED / "taiwan_sample.csv").head(ROWS).write_parquet(path)
    return path


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(credit_app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("model") / "deep" / "model"
    code, stdout, stderr = run("train", "--data", data, "--schema", SCHEMA, "--out", out)
    assert code == 0, stderr
    return out, json.loads(stdout)


def test_training_prints_the_figures_and_writes_the_folder(trained: tuple[Path, dict[str, Any]]) -> None:
    out, summary = trained
    assert sorted(path.name for path in out.iterdir()) == ["card.html", "card.md", "model.json", "reasons.json"]
    assert summary["rows"] == ROWS
    for name in ("champion", "challenger"):
        assert {"auc", "ks", "brier", "ece"} <= set(summary[name])
        assert summary[name]["auc"] > 0.7
    model = json.loads((out / "model.json").read_text(encoding="utf-8"))
    assert model["model_version"] == summary["model_version"]
    assert {"kind", "schema", "features", "grades", "window", "metrics"} <= set(model)
    assert 7 <= len(model["grades"]) <= 10
    read = {name for feature in model["features"] for name in feature["inputs"]}
    assert not read & {"SEX", "AGE", "ID", "default_payment_next_month"}


def test_the_same_file_twice_gives_the_same_bits(
    data: Path, trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    out, _ = trained
    assert run("train", "--data", data, "--schema", SCHEMA, "--out", tmp_path / "again")[0] == 0
    for name in ("model.json", "reasons.json", "card.md", "card.html"):
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes()


def score(model: Path, frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    out = path.with_suffix(".scores.parquet")
    code, _, stderr = run("score", "--model", model, "--data", path, "--out", out)
    assert code == 0, stderr
    return pl.read_parquet(out)


def test_a_row_scores_the_same_alone_in_any_order_from_csv_and_without_what_may_be_absent(
    data: Path, trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    rows = pl.read_parquet(data)
    whole = score(trained[0], rows, tmp_path / "whole.parquet")
    assert whole.columns == [
        "id", "probability", "score", "grade", "reason_1", "reason_2", "reason_3", "model_version",
    ]  # fmt: skip
    assert whole["id"].to_list() == rows["ID"].to_list()
    assert score(trained[0], rows.reverse(), tmp_path / "back.parquet").reverse().equals(whole)
    assert score(trained[0], rows, tmp_path / "rows.csv").equals(whole)
    assert score(trained[0], rows.drop("SEX", "AGE", "default_payment_next_month"), tmp_path / "few.parquet").equals(
        whole
    )
    assert score(trained[0], rows[7:8], tmp_path / "one.parquet").equals(whole[7:8])


def test_the_score_never_rises_with_probability_and_the_worst_have_a_reason(
    data: Path, trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    ordered = score(trained[0], pl.read_parquet(data), tmp_path / "rows.parquet").sort("probability")
    assert ordered["score"].is_sorted(descending=True)
    assert ordered.tail(int(0.3 * ROWS))["reason_1"].null_count() == 0
    codes = {reason["code"] for reason in json.loads((trained[0] / "reasons.json").read_text(encoding="utf-8"))}
    assert set(ordered["reason_1"].drop_nulls()) <= codes


def test_missing_values_are_scored_and_counted(
    data: Path, trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    rows = pl.read_parquet(data).head(20).with_columns(PAY_0=pl.lit(None, dtype=pl.Int64))
    rows.write_parquet(tmp_path / "rows.parquet")
    code, stdout, _ = run(
        "score", "--model", trained[0], "--data", tmp_path / "rows.parquet", "--out", tmp_path / "out.parquet"
    )
    assert code == 0
    assert json.loads(stdout)["missing"] == {"PAY_0": 20}
    assert pl.read_parquet(tmp_path / "out.parquet")["probability"].null_count() == 0


def test_evaluate_measures_labelled_rows(data: Path, trained: tuple[Path, dict[str, Any]]) -> None:
    code, stdout, _ = run("evaluate", "--model", trained[0], "--data", data)
    report = json.loads(stdout)
    assert code == 0
    assert report["rows"] == ROWS
    assert report["auc"] > 0.75
    assert set(report["fairness"]["columns"]) == {"SEX", "AGE"}


REFUSED = [
    ({"PAY_0": pl.Series(["0"] * ROWS)}, "wrong_type", "PAY_0", None),
    ({TARGET: pl.Series([3] + [0] * (ROWS - 1))}, "unknown_target", TARGET, 0),
    ({"ID": pl.Series([1] * ROWS)}, "repeated_id", "ID", 1),
    ({TARGET: pl.Series([0] * ROWS)}, "one_class", TARGET, None),
    ({TARGET: pl.Series([None] * ROWS, dtype=pl.Int64)}, "no_labelled_rows", TARGET, None),
]  # fmt: skip


@pytest.mark.parametrize(("change", "error", "column", "row"), REFUSED)
def test_a_refusal_is_one_json_line_and_nothing_is_written(
    data: Path, tmp_path: Path, change: dict[str, pl.Series], error: str, column: str, row: int | None
) -> None:
    pl.read_parquet(data).with_columns(**change).write_parquet(tmp_path / "rows.parquet")
    out = tmp_path / "model"
    code, stdout, stderr = run("train", "--data", tmp_path / "rows.parquet", "--schema", SCHEMA, "--out", out)
    assert code == 2
    assert stdout == ""
    assert not out.exists()
    (line,) = stderr.splitlines()
    told = json.loads(line)
    assert (told["error"], told["column"], told["row"]) == (error, column, row)
    assert told["faults"][0]["error"] == error


def test_a_feature_that_knows_the_answer_is_refused(data: Path, tmp_path: Path) -> None:
    rows = pl.read_parquet(data)
    rows.with_columns(PAY_0=pl.col("default_payment_next_month") * 5).write_parquet(tmp_path / "rows.parquet")
    code, _, stderr = run("train", "--data", tmp_path / "rows.parquet", "--schema", SCHEMA, "--out", tmp_path / "model")
    assert code == 2
    assert json.loads(stderr)["error"] == "target_leakage"


def test_a_bundle_that_was_altered_is_not_served(
    trained: tuple[Path, dict[str, Any]], data: Path, tmp_path: Path
) -> None:
    altered = tmp_path / "model"
    altered.mkdir()
    for name in ("model.json", "reasons.json"):
        content = (trained[0] / name).read_text(encoding="utf-8")
        (altered / name).write_text(content.replace('"base_score": 600', '"base_score": 650'), encoding="utf-8")
    code, _, stderr = run("score", "--model", altered, "--data", data, "--out", tmp_path / "out.parquet")
    assert code == 2
    assert json.loads(stderr)["error"] == "bundle_unreadable"
    assert not (tmp_path / "out.parquet").exists()
