"""What the code says about its books: the chart of accounts and every posting recipe, read from where they are made."""

import ast
import re
from collections.abc import Iterator
from textwrap import dedent
from typing import NamedTuple

from docs.pages import SRC, short

CHARTS = sorted((SRC / "sql" / "migrations").glob("*.sql"))
_ACCOUNT = re.compile(
    r"^  \((\d{4}), '([^']+)', '([^']+)', '(\w+)', '(\w+)', (true|false), (true|false)\)", re.MULTILINE
)
_SQL_RECIPE = re.compile(
    r"((?:^--[^\n]*\n)+)create or replace function (\w+)\((.*?)^end \$\$;", re.MULTILINE | re.DOTALL
)
_SQL_POST = re.compile(r"ledger_post_by_bucket\('(\w+)'")
_SIDE = re.compile(r"^\s*(?:Dr|Cr|\(or )")
_SECOND_COLUMN = re.compile(r"\s{2,}(?=(?:Dr|Cr)  )")


class Recipe(NamedTuple):
    """One business event in the books, as its author described it."""

    kind: str
    name: str
    place: str
    says: str
    entries: str


class LedgerAccount(NamedTuple):
    """One row of the chart."""

    code: str
    name: str
    name_zh: str
    kind: str
    owner: str
    is_line_use: bool
    is_balance_kept: bool


def chart() -> list[LedgerAccount]:
    rows = [row for path in CHARTS for row in _ACCOUNT.findall(path.read_text(encoding="utf-8"))]
    return sorted(LedgerAccount(*row[:5], row[5] == "true", row[6] == "true") for row in rows)


def recipes() -> list[Recipe]:
    return [*_python_recipes(), *_sql_recipes()]


def _python_recipes() -> Iterator[Recipe]:
    for path in sorted(SRC.glob("**/postings.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and "    Dr  " in (ast.get_docstring(node, clean=False) or ""):
                says, entries = _split(ast.get_docstring(node) or "")
                yield Recipe(_kind(node), node.name, short(path), says, entries)


def _kind(recipe: ast.FunctionDef) -> str:
    """Find the kind a recipe gives its posting: the keyword, or the one text it hands to what builds it."""
    for node in ast.walk(recipe):
        if isinstance(node, ast.keyword) and node.arg == "kind" and isinstance(node.value, ast.Constant):
            return str(node.value.value)
    calls = [node for node in ast.walk(recipe) if isinstance(node, ast.Call)]
    texts = [arg.value for call in calls for arg in call.args if isinstance(arg, ast.Constant)]
    [kind] = [text for text in texts if isinstance(text, str)]
    return kind


def _sql_recipes() -> Iterator[Recipe]:
    for path in sorted((SRC / "sql" / "functions").glob("*.sql")):
        for comment, name, body in _SQL_RECIPE.findall(path.read_text(encoding="utf-8")):
            kinds = _SQL_POST.findall(body)
            if kinds and name != "ledger_post_by_bucket":
                text = "\n".join(line.removeprefix("--").removeprefix(" ") for line in comment.splitlines())
                says, entries = _split(text)
                [kind] = set(kinds)
                yield Recipe(kind, name, short(path), says, entries)


def _split(text: str) -> tuple[str, str]:
    """Part what a recipe says first from its debits and credits; entries side by side come one under the other."""
    lines = text.splitlines()
    first = next(index for index, line in enumerate(lines) if _SIDE.match(line))
    says = [line.strip() for line in lines[:first] if line.strip() and not line.startswith("Shape:")]
    rows = [_SECOND_COLUMN.split(line) for line in dedent("\n".join(filter(_SIDE.match, lines))).splitlines()]
    columns = max(len(row) for row in rows)
    return " ".join(says), "\n".join(row[column] for column in range(columns) for row in rows if column < len(row))


def posted_kinds() -> set[str]:
    """Every kind of posting that any code gives."""
    found: set[str] = set()
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found |= set(_kinds_of(node.func.id, node))
    for path in (SRC / "sql").rglob("*.sql"):
        found |= set(_SQL_POST.findall(path.read_text(encoding="utf-8")))
    return found


def _kinds_of(called: str, call: ast.Call) -> Iterator[str]:
    if called == "Posting":
        kinds = [keyword.value for keyword in call.keywords if keyword.arg == "kind"]
    elif called in {"_of_payout", "_of", "_posting"}:
        kinds = call.args[:2]
    else:
        return
    yield from (kind.value for kind in kinds if isinstance(kind, ast.Constant) and isinstance(kind.value, str))
