"""Every query is understood by PostgreSQL against the migrated schema, and every one has a use."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tiao.runtime.checks import load_checks
from tiao.runtime.embedded import Embedded
from tiao.runtime.queries import Query, parse_queries

SRC = Path(__file__).parents[2] / "src" / "tiao"
FILES = sorted(path for path in SRC.rglob("*.sql") if not path.is_relative_to(SRC / "sql"))


def queries_of(path: Path) -> list[Query]:
    return parse_queries(path.read_text(), source=path.relative_to(SRC).as_posix())


NAMED = [
    (f"{path.parent.relative_to(SRC)}.{path.stem}.{each.name}", each) for path in FILES for each in queries_of(path)
]


@pytest.fixture(scope="module")
def prepared_url(server: Embedded) -> Iterator[str]:
    """One database is enough: preparing changes nothing."""
    name = f"prepare_every_query_{os.getpid()}"
    server.drop_database(name)
    server.ensure_database(name, template="tiao_template")
    yield server.url(name)
    server.drop_database(name)


@pytest.mark.parametrize("query", [pytest.param(query, id=name) for name, query in NAMED])
def test_a_query_prepares(prepared_url: str, query: Query) -> None:
    with psycopg.connect(prepared_url) as connection:
        connection.execute(f"prepare it as {query.numbered()}".encode())


@pytest.mark.parametrize("check", [pytest.param(check, id=check.name) for check in load_checks()])
def test_an_invariant_prepares_and_says_what_it_holds(prepared_url: str, check: Query) -> None:
    assert check.description
    assert check.parameters() == ()
    with psycopg.connect(prepared_url) as connection:
        connection.execute(f"prepare it as select * from ({check.sql}) as violation".encode())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_query_is_described_and_used(path: Path) -> None:
    users = SRC if path.parent.name == "runtime" else path.parent  # everybody may use what belongs to no domain
    python = "\n".join(each.read_text() for each in users.rglob("*.py"))
    queries = queries_of(path)
    assert [each.name for each in queries if not each.description] == [], "without a description"
    assert [each.name for each in queries if not re.search(rf"\.{each.name}\b", python)] == [], "without a use"
