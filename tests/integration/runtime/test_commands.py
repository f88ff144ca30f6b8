"""`tiao doctor`, `migrate` and `verify`, as an operator runs them."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tiao.runtime.embedded import Embedded, running_server

RUN = "import sys; from tiao.cli import main; sys.argv[0] = 'tiao'; main()"


def tiao(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TIAO_")}
    clean |= {"COLUMNS": "200", "PYTHONPATH": os.pathsep.join(sys.path)} | environment
    command = [sys.executable, "-c", RUN, *arguments]
    return subprocess.run(command, env=clean, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def var(tmp_path: Path) -> str:
    return str(tmp_path / "var")


def test_a_new_installation_is_well_is_migrated_once_and_verifies(var: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    looked_over = tiao("doctor", TIAO_VAR=var, TIAO_PORT=port)
    assert looked_over.returncode == 0, looked_over.stdout
    assert "no programme tiao yet" in looked_over.stdout
    assert "applied 0001_programme.sql" in tiao("migrate", TIAO_VAR=var).stdout
    assert tiao("migrate", TIAO_VAR=var).stdout == "nothing to apply\n"
    verified = tiao("verify", TIAO_VAR=var)
    assert verified.returncode == 0, verified.stdout
    assert "invariants hold" in verified.stdout
    assert not running_server(Path(var) / "postgres"), "who started it stopped it"


def test_verify_covers_every_programme_or_the_one_that_is_named(var: str) -> None:
    for name in ("first", "second"):
        assert tiao("migrate", "--programme", name, TIAO_VAR=var).returncode == 0
    both, one = tiao("verify", TIAO_VAR=var).stdout, tiao("verify", "--programme", "second", TIAO_VAR=var).stdout
    assert ("first: " in both, "second: " in both) == (True, True)
    assert ("first: " in one, "second: " in one) == (False, True)


def test_verify_leaves_a_server_that_somebody_uses_running(var: str) -> None:
    ours = Embedded.start(Path(var) / "postgres", durable=False)
    tiao("migrate", TIAO_VAR=var)
    assert tiao("verify", TIAO_VAR=var).returncode == 0
    assert running_server(ours.data_dir)
    ours.stop()
    assert not running_server(ours.data_dir)


def test_verify_shows_the_rows_that_violate_an_invariant(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        _post_nothing(connection)
    found = tiao("verify", TIAO_DATABASE_URL=database_url)
    assert found.returncode == 1
    assert "every_posting_has_entries does not hold" in found.stdout
    assert "00000000-0000-0000-0000-0000000000ff" in found.stdout


def _post_nothing(connection: psycopg.Connection) -> None:
    """Record a posting without entries, with whatever its columns ask for."""
    defaults = {"uuid": "'00000000-0000-0000-0000-0000000000ff'", "date": "'2026-01-01'", "bytea": "''", "text": "'x'"}
    defaults |= {"timestamp with time zone": "'2026-01-01'", "jsonb": "'{}'", "ARRAY": "'{}'"}
    query = """
    select column_name, data_type from information_schema.columns
     where table_name = 'ledger_posting' and is_nullable = 'NO' and column_default is null
       and is_generated = 'NEVER' and identity_generation is null
    """
    columns = connection.execute(query).fetchall()
    names = ", ".join(name for name, _ in columns)
    values = ", ".join("255" if name == "bucket" else defaults.get(kind, "0") for name, kind in columns)
    connection.execute(f"insert into ledger_posting ({names}) values ({values})".encode())


def test_verify_refuses_a_schema_that_is_not_current(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("delete from schema_migration where name = 'functions'")
    found = tiao("verify", TIAO_DATABASE_URL=database_url)
    assert found.returncode == 1
    assert "the schema is not current (functions); run `tiao migrate` first" in found.stdout


@pytest.mark.parametrize(
    ("environment", "found", "mend"),
    [
        ({"TIAO_PORT": "none"}, "TIAO_PORT is 'none'", "correct this environment variable"),
        ({"TIAO_DATABASE_URL": "postgresql:///x?host=/nowhere"}, "No such file", "check TIAO_DATABASE_URL"),
        ({"TIAO_VAR": "/proc/nothing"}, "/proc/nothing", "set TIAO_VAR to another directory"),
    ],
)
def test_doctor_names_what_is_wrong_and_how_to_mend_it(environment: dict[str, str], found: str, mend: str) -> None:
    looked_over = tiao("doctor", **environment)
    assert looked_over.returncode == 1
    assert "wrong" in looked_over.stdout
    assert found in looked_over.stdout
    assert mend in looked_over.stdout


def test_doctor_sees_that_the_port_is_taken(database_url: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        looked_over = tiao("doctor", TIAO_DATABASE_URL=database_url, TIAO_PORT=str(taken.getsockname()[1]))
    assert looked_over.returncode == 1
    assert "Address already in use" in looked_over.stdout


def test_doctor_sees_a_schema_that_is_behind(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("delete from schema_migration where name = 'functions'")
    assert "to be applied: functions" in tiao("doctor", TIAO_DATABASE_URL=database_url).stdout


def test_a_refusal_is_one_sentence_on_standard_error() -> None:
    refused = tiao("verify", TIAO_PORT="none")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr == "bad_configuration TIAO_PORT is 'none'; it must be 1 to 65535\n"
