"""`tiao refusals`: every "no" a caller may hear, as the page docs/refusals.md."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import groupby
from operator import itemgetter

from tiao.values.refusal import Refusal, known_refusals

_DECLARES = re.compile(r"^class \w+\([^)]*Refus(?:al|ed)\b", re.MULTILINE)
_HEAD = """# Refusals

Every "no" that tiao gives on purpose, made from the code by `make docs`. The code stands in `type` and `code` of the
`application/problem+json` answer; the kind decides the HTTP status. A database constraint of the same name gives the
same refusal.
"""


def refusals() -> None:
    """Write every refusal, by package, in Markdown."""
    sys.stdout.write(page())


def page() -> str:
    """Write the page docs/refusals.md."""
    load_all()
    named = sorted((_package(each), code, each) for code, each in known_refusals().items() if _is_ours(each))
    parts = [_HEAD]
    for package, group in groupby(named, key=itemgetter(0)):
        parts += [f"\n## {package}\n", "| code | kind | what it says |", "|---|---|---|"]
        parts += [f"| `{code}` | {each.kind.value} | {_cell(each.title())} |" for _, code, each in group]
    return "\n".join(parts) + "\n"


def load_all() -> None:
    """Import every module that declares a refusal, so that all are known."""
    for module, source in _modules(files("tiao"), "tiao"):
        if _DECLARES.search(source):
            import_module(module)


def _modules(directory: Traversable, package: str) -> Iterator[tuple[str, str]]:
    for each in sorted(directory.iterdir(), key=lambda found: found.name):
        if each.is_dir() and (each / "__init__.py").is_file():
            yield from _modules(each, f"{package}.{each.name}")
        elif each.name.endswith(".py"):
            name = package if each.name == "__init__.py" else f"{package}.{each.name.removesuffix('.py')}"
            yield name, each.read_text(encoding="utf-8")


def _is_ours(refusal: type[Refusal]) -> bool:
    return refusal.__module__.startswith("tiao.")


def _package(refusal: type[Refusal]) -> str:
    return refusal.__module__.split(".")[1]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
