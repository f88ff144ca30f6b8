"""The measurement of scoring: both scorers, and a row alone is the row of the batch."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from tiao.bench.scoring import measure
from tiao.cli.bench import bench_app


def test_both_scorers_are_measured_and_agree_with_their_batch() -> None:
    told: list[tuple[str, int, int]] = []
    report = measure(None, None, 100, lambda part, done, total: told.append((part, done, total)))
    assert report.rows == 100
    assert [one.name for one in report.scorers] == ["champion", "challenger"]
    champion, challenger = report.scorers
    assert champion.trees == 0 < challenger.trees
    assert 0 < champion.cpu_p50_us.median <= champion.cpu_p99_us.median
    assert champion.cpu_p50_us.median < challenger.cpu_p50_us.median
    assert told[-1] == ("challenger", 5, 5)


def test_the_command_prints_a_document() -> None:
    result = CliRunner().invoke(bench_app, ["score", "--rows", "100", "--json"])
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["rows"] == 100
