"""pgbench's own TPC-B-like script, run on the same server between our rounds: a yardstick every reader can repeat."""

from __future__ import annotations

import asyncio
import re
import resource
from typing import NamedTuple

from tiao.runtime.embedded import SUPERUSER, Embedded, binaries
from tiao.values.refusal import Kind, Refusal

CLIENTS = 32
#: As many branches as clients and some, so that they do not all wait for one row.
SCALE = 50
DATABASE = "tpcb"
_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_COUNT = re.compile(r"^number of transactions actually processed: ([0-9]+)", re.MULTILINE)


class PgbenchFailed(Refusal):
    """Pgbench, which the purchases are measured against, did not run."""

    kind = Kind.BUSY


async def prepare(server: Embedded, scale: int = SCALE) -> None:
    """Make and fill pgbench's tables."""
    server.ensure_database(DATABASE)
    await _pgbench(server, "--initialize", "--quiet", "--scale", str(scale))


class Ran(NamedTuple):
    """A run of pgbench: transactions a second, how many, and the processor time of pgbench itself."""

    per_second: float
    transactions: int
    client_cpu_seconds: float


async def run(server: Embedded, seconds: int) -> Ran:
    """Run TPC-B for *seconds* with 32 clients and prepared statements."""
    before = _children_cpu_seconds()
    said = await _pgbench(
        server, "--no-vacuum", f"--client={CLIENTS}", "--jobs=2", "--protocol=prepared", f"--time={seconds}"
    )
    rate, count = _RATE.search(said), _COUNT.search(said)
    if rate is None or count is None:
        raise PgbenchFailed(said)
    return Ran(float(rate.group(1)), int(count.group(1)), _children_cpu_seconds() - before)


def _children_cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _pgbench(server: Embedded, *options: str) -> str:
    process = await asyncio.create_subprocess_exec(
        str(binaries() / "pgbench"),
        *options,
        "--host",
        str(server.socket_dir),
        "--username",
        SUPERUSER,
        DATABASE,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await process.communicate())[0].decode(errors="replace")
    if process.returncode != 0:
        raise PgbenchFailed(said.strip())
    return said
