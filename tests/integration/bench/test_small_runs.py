"""Each measurement at its smallest: it stops by itself, its figures fit each other, and nothing is left behind."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tiao.bench import apply, authorise, close, features, http, replay
from tiao.cli.bench import bench_app


@pytest.fixture
def in_own_directory(tmp_path: Path) -> Iterator[Path]:
    before = tempfile.tempdir
    tempfile.tempdir = str(tmp_path)
    try:
        yield tmp_path
    finally:
        tempfile.tempdir = before
    assert not list(tmp_path.iterdir()), "a measurement leaves nothing behind"


def told(*_: object) -> None:
    return


@pytest.mark.anyio
@pytest.mark.usefixtures("in_own_directory")
async def test_purchases_beside_tpcb() -> None:
    setting = authorise.Setting(lines=256, merchants=8, seconds=1, rounds=2, scale=1, many=128)
    report = await authorise.measure(setting, told)
    assert report.items > 2 * authorise.CALLERS
    for load in (report.few, report.many):
        assert load.cost.per_second.rounds == report.tpcb.per_second.rounds == len(load.rounds) == 2
        assert load.p50_ms.median <= load.p99_ms.median
        assert load.ratio_tpcb.low <= load.ratio_tpcb_median <= load.ratio_tpcb.high
        assert load.cost.wal_bytes.low > 100
    assert report.invariants_held > 10


@pytest.mark.anyio
@pytest.mark.usefixtures("in_own_directory")
async def test_purchases_over_http_beside_tpcb() -> None:
    setting = http.Setting(lines=512, merchants=8, seconds=1, rounds=2, scale=1, connections=16, trees=8)
    report = await http.measure(setting, told)
    assert report.items > setting.connections
    assert report.model.trees == 8
    assert 0 < report.scored <= report.items - report.repeated
    assert 0 < report.start_seconds < 60
    assert min(report.served_peaks_mib) > 5
    assert report.cost.served_cpu_us.low > 0
    assert report.cost.wal_bytes.low > 100
    assert report.tpcb.served_cpu_us.high == 0
    assert report.p50_ms.median <= report.p99_ms.median
    assert report.ratio_cpu.low <= report.ratio_cpu_median <= report.ratio_cpu.high
    assert report.invariants_held > 10


@pytest.mark.anyio
@pytest.mark.usefixtures("in_own_directory")
async def test_applications_over_http_at_a_rate_of_their_own() -> None:
    setting = apply.Setting(rate=5, seconds=2, rounds=2, connections=4)
    report = await apply.measure(setting, told)
    assert report.applications == setting.rate * setting.seconds * setting.rounds == sum(report.outcomes.values())
    assert {"approved", "declined"} >= set(report.outcomes)
    assert report.p50_ms.median <= report.p95_ms.median <= report.p99_ms.median <= report.worst_ms
    assert report.bureau_cpu_us.high > 0, "the bureau was asked"
    assert report.is_within_goal == (report.p99_ms.median <= apply.GOAL_MS)
    assert report.rerun == report.applications
    assert report.invariants_held > 10


@pytest.mark.anyio
@pytest.mark.usefixtures("in_own_directory")
async def test_a_replay_of_a_file_of_its_own() -> None:
    report = await replay.measure(1_000, 20, told)
    assert 0 < report.sold <= report.purchases == 1_000
    assert 0 < report.selling_seconds < report.seconds
    assert min(report.client_cpu_us, report.server_cpu_us, report.per_second) > 0
    assert report.invariants_held > 10


@pytest.mark.anyio
@pytest.mark.usefixtures("in_own_directory")
async def test_a_day_in_sets_and_line_after_line() -> None:
    report = await close.measure(300, 20, told)
    busy = [day for day in report.days if day.instalments]
    assert [day.instalments for day in busy] == [150, 300, 150, 150]
    assert (report.worst.late, report.worst.billed, report.worst.staged) == (150, 150, 150)
    # One statement day of 28 has fallen due and is late, another is billed.
    assert (report.ordinary.late, report.ordinary.billed, report.ordinary.staged) == (11, 10, 11)
    assert report.row_by_row.instalments == 20
    for kind in (report.ordinary, report.worst):
        assert kind.row_by_row.cpu_us > 0
        assert kind.book_us.median > 0
    assert report.invariants_held > 10


def test_the_loans_are_one_document() -> None:
    done = CliRunner().invoke(bench_app, ["loans", "--loans", "200", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["loans"] == 200


@pytest.mark.parametrize("hourly", [False, True])
def test_streamed_features_are_those_of_a_replay(*, hourly: bool) -> None:
    report = features.measure(None, None, 4_000, told, hourly=hourly)
    assert (report.payments, report.differing) == (4_000, 0)
    assert report.values == report.payments * report.features
    assert report.streamed_us > report.replayed_us > 0
