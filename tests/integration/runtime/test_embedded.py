"""The embedded server starts from whatever state it was left in."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tiao.runtime.embedded import DatabaseDidNotStart, Embedded, running_server


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "pg"
    yield place
    if running_server(place):
        Embedded.start(place).kill()


def answer(server: Embedded, query: str = "select 1") -> object:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        (value,) = connection.execute(query).fetchone() or (None,)
        return value


def test_a_second_handle_shares_the_server_and_the_last_to_leave_stops_it(data_dir: Path) -> None:
    first = Embedded.start(data_dir, durable=False)
    other = subprocess.Popen(
        [sys.executable, "-c", _OTHER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline().split() == [str(first.pid), "False"]
        first.stop()
        assert running_server(data_dir)
        assert answer(first) == 1
        other.stdin.close()
        assert other.wait(30) == 0
    assert not running_server(data_dir)


_OTHER = """
import sys; from pathlib import Path; from tiao.runtime.embedded import Embedded
server = Embedded.start(Path(sys.argv[1]), durable=False)
print(server.pid, server.is_started_here, flush=True)
sys.stdin.read()
server.stop()
"""


def test_a_user_that_died_does_not_keep_the_server_up(data_dir: Path) -> None:
    died = _OTHER.replace("sys.stdin.read()\nserver.stop()", "")
    subprocess.run([sys.executable, "-c", died, str(data_dir)], check=True, stdout=subprocess.DEVNULL)
    assert running_server(data_dir)
    found = Embedded.start(data_dir)
    assert not found.is_started_here
    found.stop()
    assert not running_server(data_dir)


def test_data_survive_a_kill(data_dir: Path) -> None:
    server = Embedded.start(data_dir)
    with psycopg.connect(server.url("postgres")) as connection:
        connection.execute("create table kept as select 7 as n")
    server.kill()
    assert not running_server(data_dir)
    assert (data_dir / "postmaster.pid").exists(), "a killed server leaves its pid file"
    server = Embedded.start(data_dir)
    assert answer(server, "select n from kept") == 7
    server.stop()


def test_a_pid_file_whose_pid_is_somebody_else_by_now_does_not_stop_it(data_dir: Path) -> None:
    Embedded.start(data_dir, durable=False).kill()
    pid_file = data_dir / "postmaster.pid"
    for left in (pid_file, data_dir / ".s.PGSQL.5432.lock"):
        lines = left.read_text().splitlines()
        left.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert not running_server(data_dir)
    server = Embedded.start(data_dir, durable=False)
    assert answer(server) == 1
    server.stop()


@pytest.mark.parametrize("left", ["", "not a number", "1\n"])
def test_a_damaged_pid_file_does_not_stop_it(data_dir: Path, left: str) -> None:
    Embedded.start(data_dir, durable=False).kill()
    (data_dir / "postmaster.pid").write_text(left)
    server = Embedded.start(data_dir, durable=False)
    assert answer(server) == 1
    server.stop()


def test_a_failed_start_shows_the_end_of_the_log(data_dir: Path) -> None:
    with pytest.raises(DatabaseDidNotStart, match='invalid value for parameter "work_mem": "much"'):
        Embedded.start(data_dir, durable=False, settings={"work_mem": "much"})
    server = Embedded.start(data_dir, durable=False)
    assert answer(server, "show work_mem") == "32MB"
    server.stop()


def test_it_lives_in_a_directory_whose_path_is_too_long_for_a_socket_or_has_odd_letters(tmp_path: Path) -> None:
    data_dir = tmp_path / "条 and 'quotes' %41" / ("long" * 30)
    server = Embedded.start(data_dir, durable=False)
    assert len(os.fsencode(server.socket_dir)) < 80
    assert answer(server) == 1
    server.stop()
    assert not server.socket_dir.exists()
    odd = tmp_path / "条 %41, it's"
    server = Embedded.start(odd, durable=False)
    assert answer(server, "show data_directory") == str(odd)
    server.stop()


def test_it_listens_on_no_network(server: Embedded) -> None:
    assert answer(server, "show listen_addresses") == ""
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", 5432)) != 0 or answer(server, "select inet_server_port()") is None


def test_tests_do_not_wait_for_the_disk_but_installations_do(server: Embedded, data_dir: Path) -> None:
    assert answer(server, "show fsync") == "off"
    durable = Embedded.start(data_dir)
    settings = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums", "jit")
    assert [answer(durable, f"show {name}") for name in settings] == ["on", "on", "on", "on", "off"]
    durable.stop()


def test_databases_are_made_once_listed_and_dropped(server: Embedded) -> None:
    name = f"made-{os.getpid()}"
    assert server.ensure_database(name)
    assert not server.ensure_database(name)
    assert name in server.databases()
    with psycopg.connect(server.url(name)):
        server.drop_database(name)
    assert name not in server.databases()
