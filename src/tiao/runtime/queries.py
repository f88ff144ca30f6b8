"""SQL that lives beside the Python that uses it: named, described blocks of a ``queries.sql``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

_NAME = re.compile(r"^--\s*name:\s*(?P<name>[a-z][a-z0-9_]*)\s*$")
_PLACEHOLDER = re.compile(r"%\((?P<name>[a-z][a-z0-9_]*)\)s|%%")


class Query(NamedTuple):
    """One named query: what it is called, what it is for, and its text."""

    name: str
    description: str
    sql: str

    def parameters(self) -> tuple[str, ...]:
        """Name its parameters in order of first use."""
        return tuple(dict.fromkeys(match["name"] for match in _PLACEHOLDER.finditer(self.sql) if match["name"]))

    def numbered(self) -> str:
        """Write it with PostgreSQL's own ``$1`` placeholders, as ``prepare`` wants it."""
        names = self.parameters()
        if not names:
            return self.sql
        return _PLACEHOLDER.sub(lambda m: f"${names.index(m['name']) + 1}" if m["name"] else "%", self.sql)


class Queries:
    """The named queries of one package; each is an attribute that holds its SQL."""

    def __init__(self, source: str, queries: list[Query]) -> None:
        self._source = source
        self._queries = {query.name: query for query in queries}

    def __getattr__(self, name: str) -> str:
        """Give the SQL of the query called *name*."""
        if name.startswith("_"):
            raise AttributeError(name)
        assert name in self._queries, f"{self._source} has no query named {name}; it has {sorted(self._queries)}"
        return self._queries[name].sql

    def all(self) -> tuple[Query, ...]:
        """Every query, in the order of the file."""
        return tuple(self._queries.values())


def load_queries(package: str, file: str = "queries.sql") -> Queries:
    """Read the queries beside *package*'s Python; call it with ``__package__`` or the package's name."""
    text = (files(package) / file).read_text(encoding="utf-8")
    return Queries(f"{package}/{file}", parse_queries(text, source=f"{package}/{file}"))


def parse_queries(text: str, *, source: str) -> list[Query]:
    """Read blocks of ``-- name: x``, comment lines that describe it, and SQL up to the next block."""
    found: list[Query] = []
    for name, lines in _blocks(text):
        described = list(_leading_comments(lines))
        sql = "\n".join(lines[len(described) :]).strip().removesuffix(";").rstrip()
        assert sql, f"{source}: {name} has no SQL"
        assert all(name != query.name for query in found), f"{source}: two queries are named {name}"
        found.append(Query(name, " ".join(line.lstrip("- ").strip() for line in described).strip(), sql))
    return found


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    name: str | None = None
    lines: list[str] = []
    for line in text.splitlines():
        if match := _NAME.match(line):
            if name is not None:
                yield name, lines
            name, lines = match["name"], []
        elif name is not None:
            lines.append(line)
    if name is not None:
        yield name, lines


def _leading_comments(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if line.strip() and not line.startswith("--"):
            return
        yield line
