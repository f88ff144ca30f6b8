"""`tiao doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import typer
from rich.markup import escape
from rich.table import Table

from tiao.cli.output import standard_output
from tiao.runtime.config import Config, read_config
from tiao.runtime.db import Database, Tx
from tiao.runtime.embedded import binaries
from tiao.runtime.migrations import pending
from tiao.runtime.placement import VARIABLE, BucketMap, Shard, check_placement
from tiao.runtime.server import open_server
from tiao.values.refusal import Refusal

PYTHON_MIN = (3, 11)
POSTGRES_MIN = 160000
DISK_FREE_MIN_BYTES = 2 * 1024**3
CLOCK_SKEW_MAX = timedelta(seconds=2)
#: tiao was written after this day; a clock before it is not set.
CLOCK_EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)


class Finding(NamedTuple):
    """One thing looked at: what was found and, when it is wrong, how to mend it."""

    what: str
    is_well: bool
    found: str
    mend: str


def doctor() -> None:
    """Look over this installation; exit 1 when something is wrong."""
    out = standard_output()
    findings = list(_examine())
    table = Table()
    for heading in ("what", "", "found", "how to mend it"):
        table.add_column(heading, overflow="fold")
    for each in findings:
        mark = "[green]well[/green]" if each.is_well else "[red]wrong[/red]"
        table.add_row(each.what, mark, escape(each.found), "" if each.is_well else escape(each.mend))
    out.print(table)
    if not all(each.is_well for each in findings):
        raise typer.Exit(1)


def _examine() -> Iterator[Finding]:
    yield _python()
    try:
        config = read_config(os.environ)
    except Refusal as refusal:
        yield Finding("configuration", is_well=False, found=refusal.detail, mend="correct this environment variable")
        return
    yield Finding("configuration", is_well=True, found=repr(config), mend="")
    if config.database_url is None and config.bucket_map is None:
        yield _binaries()
    yield _var(config)
    yield _disk(config)
    yield _port(config)
    if config.bucket_map is None:
        yield from asyncio.run(_database(config))
    else:
        for shard in config.bucket_map.shards:
            for each in asyncio.run(_shard(config.bucket_map, shard)):
                yield each._replace(what=f"{each.what}, buckets {shard.ranges}")


def _python() -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Finding(
        "Python", sys.version_info >= PYTHON_MIN, found, "install Python 3.11 or later, then `make clean setup`"
    )


def _binaries() -> Finding:
    missing = [name for name in ("initdb", "pg_ctl", "postgres") if not os.access(binaries() / name, os.X_OK)]
    mend = "reinstall with `make clean setup`, or set TIAO_DATABASE_URL to a PostgreSQL of your own"
    return Finding("PostgreSQL programs", not missing, f"missing: {missing}" if missing else str(binaries()), mend)


def _var(config: Config) -> Finding:
    mend = f"make {config.var} writable for this user, or set TIAO_VAR to another directory"
    try:
        config.var.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=config.var):
            pass
    except OSError as error:
        return Finding("var directory", is_well=False, found=f"{config.var}: {error.strerror}", mend=mend)
    return Finding("var directory", is_well=True, found=f"{config.var} is writable", mend=mend)


def _disk(config: Config) -> Finding:
    place = next(each for each in (config.var, *config.var.parents) if each.exists())
    free = shutil.disk_usage(place).free
    mend = f"free some space on the disk of {place}, or set TIAO_VAR to another disk"
    return Finding("disk", free >= DISK_FREE_MIN_BYTES, f"{free / 1024**3:.1f} GiB free", mend)


def _port(config: Config) -> Finding:
    where = f"{config.host}:{config.port}"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            mend = "stop what uses it (perhaps a running `tiao serve`), or set TIAO_HOST and TIAO_PORT"
            return Finding("port", is_well=False, found=f"{where}: {error.strerror}", mend=mend)
    return Finding("port", is_well=True, found=f"{where} is free", mend="")


async def _database(config: Config) -> list[Finding]:
    mend = "check TIAO_DATABASE_URL and that the server runs" if config.database_url else "see the log shown beside"
    try:
        with open_server(config) as server:
            has_programme = server.embedded is None or config.programme in server.programmes()
            url = server.url() if has_programme else server.url("postgres")
            db = await Database.open(url, pool_max=1)
            try:
                async with db.begin() as tx:
                    findings = await _server(tx)
                    schema = await _schema(tx) if has_programme else _no_programme(config)
                return [Finding("database", is_well=True, found="reachable", mend=mend), *findings, schema]
            finally:
                await db.close()
    except Refusal as refusal:
        return [Finding("database", is_well=False, found=refusal.detail, mend=mend)]


async def _shard(bucket_map: BucketMap, shard: Shard) -> list[Finding]:
    mend = f"start this server, or correct its address in {VARIABLE}; the others go on without it"
    try:
        db = await Database.open(shard.url, pool_max=1, wait_seconds=2)
        try:
            async with db.begin() as tx:
                findings = [*await _server(tx), await _schema(tx)]
                if findings[-1].is_well:
                    findings.append(await _placement(tx, bucket_map, shard))
            return [Finding("database", is_well=True, found="reachable", mend=mend), *findings]
        finally:
            await db.close()
    except Refusal as refusal:
        return [Finding("database", is_well=False, found=refusal.detail, mend=mend)]


async def _placement(tx: Tx, bucket_map: BucketMap, shard: Shard) -> Finding:
    try:
        await check_placement(tx, bucket_map, shard.number)
    except Refusal as refusal:
        mend = f"restore the map that the database was given; {VARIABLE} moves no bucket"
        return Finding("placement", is_well=False, found=refusal.detail, mend=mend)
    return Finding("placement", is_well=True, found="as the map says", mend="")


def _no_programme(config: Config) -> Finding:
    found = f"no programme {config.programme} yet; `tiao migrate` makes it"
    return Finding("schema", is_well=True, found=found, mend="")


async def _server(tx: Tx) -> list[Finding]:
    version = int(await tx.value("show server_version_num"))
    there: datetime = await tx.value("select clock_timestamp()")
    skew = abs(datetime.now(UTC) - there)
    told = f"{there:%Y-%m-%d %H:%M:%S} UTC, {skew.total_seconds():.1f} s from the database's"
    is_right = there >= CLOCK_EARLIEST and skew <= CLOCK_SKEW_MAX
    return [
        Finding("PostgreSQL", version >= POSTGRES_MIN, f"version {version // 10000}", "use PostgreSQL 16 or later"),
        Finding("clock", is_right, told, "set the machines' clocks with NTP (`timedatectl set-ntp true`)"),
    ]


async def _schema(tx: Tx) -> Finding:
    try:
        missing = await pending(tx)
    except Refusal as refusal:
        mend = "install the version of tiao that wrote this database, or restore the edited file"
        return Finding("schema", is_well=False, found=refusal.detail, mend=mend)
    found = f"to be applied: {', '.join(missing)}" if missing else "current"
    return Finding("schema", not missing, found, "run `tiao migrate`")
