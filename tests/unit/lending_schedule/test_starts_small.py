"""A command that answers one document must not first import a server, a database driver and a terminal library."""

import subprocess
import sys

import pytest

HEAVY = {"httpx", "litestar", "psycopg", "rich", "structlog"}


@pytest.mark.parametrize("module", ["tiao.cli.schedule", "tiao.cli.apr"])
def test_the_loan_commands_import_only_what_they_use(module: str) -> None:
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not HEAVY & set(done.stdout.split())
