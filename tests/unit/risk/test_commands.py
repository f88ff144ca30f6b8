"""The three commands over files: one JSON object each, and nothing written where the input is refused."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from typer.testing import CliRunner

from support.risk_world import SCHEMA
from tiao.cli import app

TIAO = CliRunner()


def tiao(*words: str) -> tuple[int, dict[str, object], list[str]]:
    ran = TIAO.invoke(app, list(words))
    return ran.exit_code, json.loads(ran.stdout or "{}"), ran.stderr.splitlines()


def test_train_score_and_evaluate_files(rows: pl.DataFrame, tmp_path: Path) -> None:
    data, text, schema = tmp_path / "rows.parquet", tmp_path / "rows.csv", tmp_path / "schema.json"
    rows.write_parquet(data)
    rows.write_csv(text)
    schema.write_text(json.dumps(SCHEMA), encoding="utf-8")
    trainings = []
    for file, out in ((data, "model"), (text, "again")):
        words = ("--data", str(file), "--schema", str(schema), "--out", str(tmp_path / out))
        code, said, _ = tiao("risk", "train", *words, "--train-until", "2025-02-25", "--label-delay", "72h")
        assert code == 0
        trainings.append(said["model_version"])
    assert trainings[0] == trainings[1], "Parquet and CSV of the same rows give the same model"
    content = (tmp_path / "model" / "model.json").read_bytes()
    assert content == (tmp_path / "again" / "model.json").read_bytes()
    assert {"model_version", "kind", "schema", "features", "grades", "window", "metrics"} <= set(json.loads(content))

    scored, model = tmp_path / "scored.parquet", str(tmp_path / "model")
    code, said, told = tiao("risk", "score", "--model", model, "--data", str(data), "--out", str(scored))
    assert (code, said["rows"]) == (0, rows.height)
    frame = pl.read_parquet(scored)
    assert frame.columns == ["transaction_id", "score", "decision", "reasons"]
    assert frame["transaction_id"].to_list() == rows["id"].to_list()
    assert frame.filter((pl.col("decision") == "allow") != (pl.col("reasons").list.len() == 0)).is_empty()

    code, said, told = tiao("risk", "evaluate", "--model", model, "--data", str(data), "--label-delay", "3d")
    assert code == 0, told
    assert {"auc", "average_precision", "card_precision_100", "decisions", "cost"} <= set(said)


def test_what_is_refused_is_told_in_one_line_and_nothing_is_written(rows: pl.DataFrame, tmp_path: Path) -> None:
    data, schema, out = tmp_path / "rows.parquet", tmp_path / "schema.json", tmp_path / "model"
    rows.with_columns(paid=pl.col("paid").cast(pl.String), id=pl.lit(1)).write_parquet(data)
    schema.write_text(json.dumps(SCHEMA), encoding="utf-8")
    words = ("risk", "train", "--data", str(data), "--schema", str(schema), "--out", str(out))
    for option, value, error in (
        ("--train-until", "2025-02-25", "repeated_id"),
        ("--train-until", "soon", "not_an_instant"),
        ("--label-delay", "7 days", "not_a_delay"),
    ):
        given = {"--train-until": "2025-02-25", "--label-delay": "3d", option: value}
        code, said, told = tiao(*words, *(word for pair in given.items() for word in pair))
        assert (code, said, len(told)) == (2, {}, 1)
        errors = {fault["error"] for fault in json.loads(told[0])["faults"]}
        assert error in errors
        if error == "repeated_id":
            assert "wrong_type" in errors
    assert not out.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"rows.parquet", "schema.json"}
