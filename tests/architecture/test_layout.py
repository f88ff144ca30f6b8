"""What the house style says about files, held by tests."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "tiao"
FILES = sorted(SRC.rglob("*.py"))
LINES_MAX = 400
FUNCTION_LINES_MAX = 70
#: Each with its reason; better an empty set.
LONG_FILES_ALLOWED: frozenset[str] = frozenset()
LONG_FUNCTIONS_ALLOWED: frozenset[str] = frozenset()
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "manager", "base", "misc"}
#: Entry points and pure values have no states, tables or events to describe.
NEED_NO_README = {"cli", "values"}


def short(path: Path) -> str:
    return path.relative_to(SRC).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_longer_than_one_can_keep_in_mind() -> None:
    long = {short(path) for path in FILES if len(path.read_text().splitlines()) > LINES_MAX}
    assert long == LONG_FILES_ALLOWED


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{short(path)}:{each.name}"
        for path in FILES
        for each in functions(path)
        if (each.end_lineno or each.lineno) - each.lineno + 1 > FUNCTION_LINES_MAX
    }
    assert long == LONG_FUNCTIONS_ALLOWED


def test_every_name_says_what_is_inside() -> None:
    places = [path for path in SRC.rglob("*") if path.is_dir() or path.suffix == ".py"]
    assert [short(path) for path in places if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_every_package_says_what_it_owns() -> None:
    packages = {path.parent for path in SRC.glob("*/__init__.py")}
    silent = [each.name for each in packages if each.name not in NEED_NO_README and not (each / "README.md").exists()]
    assert silent == []


def test_the_product_knows_no_place_outside_itself() -> None:
    """No path of a developer's machine, and nothing of what lies beside the repository."""
    texts = [path for path in SRC.rglob("*") if path.suffix in {".py", ".sql", ".md", ".json", ".yaml", ".html", ".js"}]
    outside = re.compile(r"\.\./shared|(?<![\w.:/])/(?:home|root|work|tmp|Users|opt)/")
    found = [f"{short(path)}: {match[0]}" for path in texts for match in outside.finditer(path.read_text())]
    assert found == []


def test_locked_dependencies_name_no_host_and_no_path() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert re.findall(r"://|(?<= )/|--index-url|--find-links|file:", text) == [], lock.name
        pinned = re.findall(
            r"^([a-z0-9.-]+)(?:==\S+)(?: ;[^\\]*)? \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE
        )
        assert len(pinned) == len(re.findall(r"^[a-z]", text, re.MULTILINE)), f"{lock.name}: a line without a hash"


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_store_is_private_to_its_package(path: Path) -> None:
    own = path.relative_to(SRC).parts[0]
    foreign = [name for name in imported(path) if is_store(name) and name.split(".")[1] != own]
    assert foreign == []


def is_store(name: str) -> bool:
    parts = name.split(".")
    return parts[0] == "tiao" and "store" in parts[2:]


def imported(path: Path) -> Iterator[str]:
    """Every dotted name a file imports; what is imported from a module counts as a module of it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{short(path)}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_dependency_is_locked() -> None:
    """What pyproject.toml asks for and the lock does not hold would be missing after `make setup`; run `make lock`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    for lock, wanted in {
        "run.txt": [*project["project"]["dependencies"], *groups["build"]],
        "dev.txt": [*project["project"]["dependencies"], *groups["build"], *groups["dev"]],
    }.items():
        locked = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements" / lock).read_text(), re.MULTILINE))
        assert {re.split(r"[\[<>=~! ]", each)[0].lower() for each in wanted} - locked == set(), lock
