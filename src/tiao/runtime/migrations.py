"""Bring a database to the schema this version of tiao expects.

Numbered files change the schema once and are never edited after they were applied; functions are replaced as a whole
whenever one of them changed.
"""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from typing import NamedTuple

from tiao.runtime.db import Database, Tx
from tiao.values.refusal import Kind, Refusal

_FILE = re.compile(r"^\d{4}_[a-z0-9_]+\.sql$")
#: One number for "somebody is migrating this database"; the ASCII codes of `tiao`.
LOCK = 0x7469616F
FUNCTIONS = "functions"

_BOOTSTRAP = """
create table if not exists schema_migration (
  name       text primary key,
  sha256     text not null,
  applied_at timestamptz not null default clock_timestamp()
)
"""
_RECORD = """
insert into schema_migration (name, sha256) values (%(name)s, %(sha256)s)
on conflict (name) do update set sha256 = excluded.sha256, applied_at = excluded.applied_at
"""


class MigrationChanged(Refusal):
    """A migration that was already applied has been edited; write a new one instead."""

    kind = Kind.CONFLICT


class SqlFile(NamedTuple):
    """One packaged SQL file and the hash it is recorded with."""

    name: str
    text: str
    sha256: str


async def migrate(db: Database) -> list[str]:
    """Apply what is missing, each file in a transaction of its own, and answer the names of what was applied.

    Refuses: MigrationChanged.
    """
    async with db.begin() as tx:
        await _lock(tx)
        await tx.script(_BOOTSTRAP)
    applied = [each.name for each in migration_files() if await _apply(db, each, once=True)]
    functions = _combined(function_files())
    if functions is not None and await _apply(db, functions, once=False):
        applied.append(FUNCTIONS)
    return applied


async def pending(tx: Tx) -> list[str]:
    """Name what `migrate` would apply. Refuses: MigrationChanged."""
    known: dict[str, str] = {}
    if await tx.value("select to_regclass('schema_migration')::text"):
        _, rows = await tx.table("select name, sha256 from schema_migration")
        known = dict(rows)
    missing = []
    for each in migration_files():
        _check_unchanged(each, known.get(each.name))
        if each.name not in known:
            missing.append(each.name)
    functions = _combined(function_files())
    if functions is not None and known.get(FUNCTIONS) != functions.sha256:
        missing.append(FUNCTIONS)
    return missing


def migration_files() -> list[SqlFile]:
    """Read the numbered migrations in order."""
    found = _files("migrations")
    misnamed = [each.name for each in found if not _FILE.match(each.name)]
    assert not misnamed, f"a migration is called NNNN_what.sql: {misnamed}"
    numbers = [each.name[:4] for each in found]
    assert len(set(numbers)) == len(numbers), f"two migrations share a number: {numbers}"
    return found


def function_files() -> list[SqlFile]:
    """Read the files of SQL functions, by name."""
    return _files("functions")


def _files(folder: str) -> list[SqlFile]:
    directory = files("tiao") / "sql" / folder
    if not directory.is_dir():
        return []
    texts = [(each.name, each.read_text(encoding="utf-8")) for each in directory.iterdir()]
    return [SqlFile(name, text, _sha256(text)) for name, text in sorted(texts) if name.endswith(".sql")]


def _combined(found: list[SqlFile]) -> SqlFile | None:
    if not found:
        return None
    return SqlFile(FUNCTIONS, "\n".join(each.text for each in found), _sha256("".join(each.sha256 for each in found)))


async def _apply(db: Database, file: SqlFile, *, once: bool) -> bool:
    async with db.begin() as tx:
        await _lock(tx)
        known = await tx.value("select sha256 from schema_migration where name = %(name)s", name=file.name)
        if once:
            _check_unchanged(file, known)
        if known == file.sha256:
            return False
        await tx.script(file.text)
        await tx.execute(_RECORD, name=file.name, sha256=file.sha256)
        return True


async def _lock(tx: Tx) -> None:
    await tx.execute("select pg_advisory_xact_lock(%(lock)s)", lock=LOCK)


def _check_unchanged(file: SqlFile, known: str | None) -> None:
    if known not in {None, file.sha256}:
        raise MigrationChanged(f"{file.name} was applied with another content", migration=file.name)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
