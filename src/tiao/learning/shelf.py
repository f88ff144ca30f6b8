"""Finished parts of a training, kept so that one that was killed goes on instead of beginning again.

A shelf belongs to one content: the data, the schema and the code that trains. Anything else gets an empty one.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple


class Shelf:
    """Texts by name in a folder; without a folder nothing is kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def kept(self, name: str, make: Callable[[], str]) -> str:
        """Give the text that is kept, or make it and keep it; a text appears whole or not at all."""
        if self._folder is None:
            return make()
        place = self._folder / name
        if place.is_file():
            return place.read_text(encoding="utf-8")
        text = make()
        self._folder.mkdir(parents=True, exist_ok=True)
        building = place.with_name(f"{name}.part")
        building.write_text(text, encoding="utf-8")
        building.replace(place)
        return text

    def clear(self) -> None:
        """Throw everything away."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


#: Hears of each step that is done.
Told = Callable[[str], None]


def silent(_: str) -> None:
    """Tell nobody."""


class Workplace(NamedTuple):
    """Who hears of progress, and where finished parts are kept."""

    say: Told = silent
    shelf: Shelf = Shelf()


def shelf_beside(out: Path, inputs: Sequence[Path], packages: Sequence[str]) -> Shelf:
    """Open the shelf of a training that writes *out* from *inputs* with the code of *packages*."""
    content = hashlib.sha256()
    code = sorted(
        (part for package in packages for part in files(package).iterdir()),
        key=lambda part: part.name,
    )
    for part in code:
        if part.name.endswith(".py"):
            content.update(part.read_bytes())
    for path in inputs:
        if path.is_file():
            content.update(hashlib.sha256(path.read_bytes()).digest())
    return Shelf(out.parent / f".{out.name}.{content.hexdigest()[:16]}")
