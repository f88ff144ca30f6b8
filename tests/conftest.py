"""One PostgreSQL for the whole run, shared by all workers; for each test that asks a fresh, migrated database."""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psutil
import pytest

from tiao.runtime.db import Database
from tiao.runtime.embedded import Embedded, running_server
from tiao.runtime.migrations import migrate

TEMPLATE = "tiao_template"
_RUN_DIR = "TIAO_TEST_RUN_DIR"
_RUN_DIR_PREFIX = f"tiao-tests-{os.geteuid()}-"
_serial = count(1)
#: Minutes each; the rest are seconds.
LONGEST = ("test_a_year.py", "test_kills.py", "test_a_server_is_lost.py")


def pytest_configure(config: pytest.Config) -> None:
    """Choose a directory outside the repository; the workers inherit it through the environment."""
    if not hasattr(config, "workerinput"):
        _remove_abandoned()
        os.environ[_RUN_DIR] = tempfile.mkdtemp(prefix=f"{_RUN_DIR_PREFIX}{os.getpid()}-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server when the last worker has gone, and leave nothing behind."""
    if not hasattr(config, "workerinput") and _RUN_DIR in os.environ:
        _remove(Path(os.environ.pop(_RUN_DIR)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no worker is left alone with one of them at the end."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    """Share the run's PostgreSQL; it is started, and its template migrated, by whoever comes first."""
    run_dir = Path(os.environ[_RUN_DIR])
    with _one_at_a_time(run_dir):
        started = Embedded.start(run_dir / "postgres", durable=False)
        if started.ensure_database(TEMPLATE):
            asyncio.run(_migrate(started.url(TEMPLATE)))
    yield started
    started.leave()


@pytest.fixture
def database_url(server: Embedded) -> Iterator[str]:
    """Make a database from the migrated template, for this test alone."""
    name = f"test_{os.getpid()}_{next(_serial)}"
    server.ensure_database(name, template=TEMPLATE)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Open a pool on a fresh, migrated database."""
    opened = await Database.open(database_url)
    yield opened
    await opened.close()


async def _migrate(url: str) -> None:
    opened = await Database.open(url)
    try:
        await migrate(opened)
    finally:
        await opened.close()


@contextmanager
def _one_at_a_time(run_dir: Path) -> Iterator[None]:
    with (run_dir / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove_abandoned() -> None:
    """Clear up after runs that were killed."""
    for left in Path(tempfile.gettempdir()).glob(f"{_RUN_DIR_PREFIX}*"):
        if not psutil.pid_exists(int(left.name.removeprefix(_RUN_DIR_PREFIX).partition("-")[0])):
            _remove(left)


def _remove(run_dir: Path) -> None:
    data_dir = run_dir / "postgres"
    if running_server(data_dir):
        Embedded.start(data_dir).kill()
    shutil.rmtree(run_dir, ignore_errors=True)
