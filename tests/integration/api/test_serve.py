"""`tiao serve` as an operator runs it: several processes, one of which does the daily work; Ctrl-C ends it in peace."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest

from tiao.runtime.embedded import Embedded

SRC = Path(__file__).parents[3] / "src"
WAIT_SECONDS = 60.0


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    """A programme on the real clock whose last close was three days ago."""
    today = datetime.now(UTC).date()
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "insert into programme (name, currency, time_zone, market, lender_type, is_test_clock, now_at, cut_off_on,"
            " closed_through, opened_on) values ('served', 'CNY', 'UTC', 'CN', 'cfc', false, null, %s, %s, %s)",
            [today - timedelta(days=3)] * 3,
        )
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SRC),
        "TIAO_DATABASE_URL": database_url,
        "TIAO_VAR": str(tmp_path),
        "TIAO_PORT": str(free_port()),
        "TIAO_BANK_KEY": "ab" * 32,
        "TIAO_BUREAU_SECRET": "cd" * 32,
    }


def test_it_serves_closes_the_days_that_are_over_and_ends_in_peace(environment: dict[str, str]) -> None:
    with served(environment, "--workers", "2") as (process, http):
        assert http.get("/health/ready").json()["is_healthy"] is True
        assert http.get("/v1/line").json()["code"] == "token_missing"
        assert http.get("/openapi.json").json()["openapi"].startswith("3.1")
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        with psycopg.connect(environment["TIAO_DATABASE_URL"], autocommit=True) as connection:
            assert waited(lambda: closed_through(connection) >= yesterday), "nobody did the daily work"
            held = connection.execute(
                "select count(*) from pg_locks where locktype = 'advisory' and granted and objid = %s"
                " and database = (select oid from pg_database where datname = current_database())",
                [0x64617973],
            ).fetchone()
            assert held == (1,)
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_SECONDS) == 0
    assert "Traceback" not in (Path(environment["TIAO_VAR"]) / "serve.log").read_text()


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TIAO_BANK_KEY", ""), ("TIAO_BANK_KEY", "xyz"), ("TIAO_BUREAU_SECRET", "ab"), ("TIAO_BANK_URL", "ftp://bank")],
)
def test_a_setting_that_cannot_be_used_is_named_before_anything_starts(
    environment: dict[str, str], variable: str, value: str
) -> None:
    done = run(environment | {variable: value}, "serve")
    assert done.returncode == 1
    assert variable in done.stderr


def test_a_database_without_a_programme_is_not_served(environment: dict[str, str]) -> None:
    with psycopg.connect(environment["TIAO_DATABASE_URL"]) as connection:
        connection.execute("delete from programme")
    done = run(environment, "serve")
    assert (done.returncode, "programme_missing" in done.stderr) == (1, True)


def test_a_server_of_several_that_is_down_at_the_start_is_served_when_it_returns(
    environment: dict[str, str], server: Embedded
) -> None:
    names = [f"serve_{os.getpid()}_{number}" for number in (0, 1)]
    for name in names:
        server.drop_database(name)
        server.ensure_database(name, template="tiao_template")
    bucket_map = f"0-127={server.url(names[0])};128-255={server.url(names[1])}"
    several = {**environment, "TIAO_BUCKET_MAP": bucket_map, "TIAO_DATABASE_URL": ""}
    made = run(several, "programme", "create", "--name", "several", "--lender-type", "cfc")
    assert made.returncode == 0, made.stderr
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"alter database {names[0]} with allow_connections false")
        with served(several) as (_, http):
            assert waited(lambda: http.get("/health/ready").json()["down"] == ["0-127"])
            assert http.get("/health/ready").status_code == 200
            operator = {"Authorization": f"Bearer {made.stdout.strip()}"}
            assert http.get("/v1/merchants", headers=operator).json()["code"] in {"shard_unavailable", "token_unknown"}
            connection.execute(f"alter database {names[0]} with allow_connections true")
            assert waited(lambda: http.get("/health/ready").json()["down"] == [])
            assert http.get("/v1/merchants", headers=operator).json()["data"] == []
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()  # the programme's day: UTC is behind it from 16:00 on
    closed = run(several, "close", str(today))
    assert (closed.returncode, "day_not_over" in closed.stderr) == (1, True)
    assert run(several, "verify").returncode == 0
    assert "one_server_only" in run({**several, "TIAO_PORT": str(free_port())}, "demo").stderr
    for name in names:
        server.drop_database(name)


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=WAIT_SECONDS
    )


COMMAND = [sys.executable, "-c", "from tiao.cli import main; main()"]


@contextmanager
def served(environment: dict[str, str], *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    with (Path(environment["TIAO_VAR"]) / "serve.log").open("wb") as log:
        process = subprocess.Popen([*COMMAND, "serve", *arguments], env=environment, stdout=log, stderr=log)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{environment['TIAO_PORT']}") as http:
                assert waited(lambda: is_up(http)), "it does not answer"
                yield process, http
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(WAIT_SECONDS)


def is_up(http: httpx.Client) -> bool:
    try:
        return http.get("/health/live").is_success
    except httpx.TransportError:
        return False


def closed_through(connection: psycopg.Connection) -> object:
    row = connection.execute("select closed_through from programme").fetchone()
    assert row is not None
    return row[0]


def waited(condition: object) -> bool:
    assert callable(condition)
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
