"""A replay comes to the same whether it is run in one go, run again, or broken off and resumed."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from support.simulated import fingerprint, platform_of
from tiao.reports.model import FileTotals
from tiao.reports.reading import report
from tiao.runtime.checks import run_checks
from tiao.runtime.clock import business_date
from tiao.runtime.db import Database
from tiao.runtime.embedded import Embedded
from tiao.runtime.migrations import migrate
from tiao.simulator.behaviour import read_behaviour
from tiao.simulator.programmes import ZONE, open_programme
from tiao.simulator.refusals import AnotherProgramme
from tiao.simulator.replay.mapping import read_map_file
from tiao.simulator.replay.run import Played, Replay, Step, play
from tiao.simulator.replay.transactions import read_transactions

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "replay"
DAYS, THEN_DAYS = 20, 25


class Killed(Exception):  # noqa: N818  what happens to a process, not an error of ours
    """Where a replay ends that does not end."""


def replay_of(name: str) -> Replay:
    _, places = read_map_file(EXAMPLES / "transactions.map.json")
    transactions = read_transactions(EXAMPLES / "transactions.csv", places, currency="CNY").first_days(DAYS)
    return Replay(name, transactions, read_behaviour((EXAMPLES / "repayments.csv").read_text()), THEN_DAYS)


async def played(url: str, *, breaks_at: int | None = None) -> tuple[Played, str]:
    """Play the example; *breaks_at* is the step at which it is broken off."""
    replay = replay_of("replay_example")
    db = await Database.open(url)
    steps = 0

    def on_step(_: Step) -> None:
        nonlocal steps
        steps += 1
        if steps == breaks_at:
            raise Killed(steps)

    try:
        await migrate(db)
        opened_on = business_date(replay.transactions.first_at, ZoneInfo(ZONE))
        await open_programme(db, name=replay.name, currency="CNY", opened_on=opened_on, funding_minor=10**9)
        async with platform_of(db, replay.name) as (platform, _):
            done = await play(platform, replay, on_step=on_step)
        return done, await fingerprint(db)
    finally:
        await db.close()


async def test_a_replay_that_is_broken_off_again_and_again_comes_to_the_same(server: Embedded) -> None:
    names = [f"replay_{what}_{os.getpid()}" for what in ("whole", "broken")]
    for name in names:
        server.drop_database(name)
        server.ensure_database(name)
    whole, digest = await played(server.url(names[0]))
    for breaks_at in (2, 3, 9, 31, 80):
        with pytest.raises(Killed):
            await played(server.url(names[1]), breaks_at=breaks_at)
    broken, resumed = await played(server.url(names[1]))
    again, unchanged = await played(server.url(names[1]))
    assert (broken, resumed) == (whole, digest)
    assert (again, unchanged) == (whole, digest)
    assert whole.offered > 200
    db = await Database.open(server.url(names[1]))
    async with db.snapshot() as tx:
        assert await run_checks(tx) == []
        asked = (whole.offered, whole.offered_minor, whole.without_line, whole.without_line_minor)
        totals = FileTotals(0, 0, 0, *asked, refused=0)
        read = await report(tx, file=totals)
    await db.close()
    assert read.is_balanced
    assert read.closed_through == date(2026, 3, 1).replace(month=4, day=14)
    assert read.purchases.authorised > 0
    assert any(row.state == "succeeded" for row in read.debits)
    for name in names:
        server.drop_database(name)


async def test_a_database_with_another_programme_is_refused(database: Database) -> None:
    await open_programme(database, name="one", currency="CNY", opened_on=date(2026, 3, 1), funding_minor=1)
    with pytest.raises(AnotherProgramme, match="one"):
        await open_programme(database, name="two", currency="CNY", opened_on=date(2026, 3, 1), funding_minor=1)


def test_nothing_of_a_bad_file_is_applied(tmp_path: Path) -> None:
    lines = (EXAMPLES / "transactions.csv").read_text().splitlines()
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join([*lines[:5], "T00001,2026-03-01T10:00:00+08:00,B1,S1,-3.00,CNY", *lines[5:9]]) + "\n")
    command = [sys.executable, "-c", "from tiao.cli import main; main()", "replay", str(bad), "--days", "3"]
    command += ["--map", str(EXAMPLES / "transactions.map.json"), "--repayments", str(EXAMPLES / "repayments.csv")]
    command += ["--json", str(tmp_path / "report.json")]
    environment = {**os.environ, "TIAO_VAR": str(tmp_path / "var"), "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "transaction_id_repeated" in done.stderr
    assert '"line": 6' in (tmp_path / "report.json").read_text()
    assert not (tmp_path / "var").exists(), "no database was even made"
