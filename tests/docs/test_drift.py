"""A change of the API that breaks a page breaks the build: a field that another name is given to stops the compiler."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
MODULES = WEB / "node_modules"
FAULT = re.compile(r"^(\S+?)\(\d+,\d+\): error TS\d+: (.*)$")


class Renamed(NamedTuple):
    """A field of an answer that is given another name, and one page that reads it."""

    face: str
    schema: str
    field: str
    page: str


RENAMED = (
    Renamed("ops", "ActShown", "reason", "apps/ops/src/pages/Audit.tsx"),
    Renamed("merchant", "MonthShown", "is_final", "apps/merchant/src/pages/Statements.tsx"),
    Renamed("wallet", "BrowserSession", "began_at", "apps/wallet/src/Devices.tsx"),
)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Copy the pages' sources beside an API document; what they are built with is lent."""
    if not (MODULES / ".bin" / "tsc").exists():
        pytest.skip("NO COMPILER: `make web` brings it")
    web = tmp_path / "web"
    left_out = shutil.ignore_patterns("node_modules")
    for name in ("apps", "packages"):
        shutil.copytree(WEB / name, web / name, ignore=left_out)
    for name in ("package.json", "tsconfig.base.json"):
        shutil.copy(WEB / name, web)
    (web / "node_modules").mkdir()
    for module in MODULES.iterdir():
        # The pages' own packages are those beside them.
        if module.name != "@tiao":
            (web / "node_modules" / module.name).symlink_to(module)
    (web / "node_modules" / "@tiao").mkdir()
    for own in [*(web / "packages").iterdir(), *(web / "apps").iterdir()]:
        (web / "node_modules" / "@tiao" / own.name).symlink_to(own)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "openapi.json", tmp_path / "docs")
    return web


def node(web: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run one of Node's programs as `web/build.py` does."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return subprocess.run(
        command, cwd=web, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )


def compiled(web: Path, face: str) -> list[tuple[str, str]]:
    """Make the client's types anew and compile a face; give what the compiler complains of, file by file."""
    made = node(web, "npm", "run", "-s", "client")
    assert made.returncode == 0, made.stderr
    return [
        (found[1].removeprefix("../../"), found[2])
        for line in node(web, "npx", "tsc", "--pretty", "false", "-p", f"apps/{face}").stdout.splitlines()
        if (found := FAULT.match(line))
    ]


@pytest.mark.parametrize("renamed", RENAMED, ids=lambda each: each.face)
def test_a_renamed_field_stops_the_build_of_the_page_that_reads_it(sources: Path, renamed: Renamed) -> None:
    document = sources.parent / "docs" / "openapi.json"
    text = document.read_text()
    head, mark, rest = text.partition(f'      "{renamed.schema}": {{\n')
    schema, end, after = rest.partition("\n      },\n")
    assert mark, renamed.schema
    assert f'"{renamed.field}"' in schema
    document.write_text(head + mark + schema.replace(f'"{renamed.field}"', '"by_another_name"') + end + after)
    began = monotonic()
    faults = compiled(sources, renamed.face)
    took = monotonic() - began
    print(f"{renamed.face}: {len(faults)} faults after {took:.1f} s")  # noqa: T201  `make drift`
    assert renamed.page in {page for page, _ in faults}
    strangers = [fault for fault in faults if renamed.field not in fault[1]]
    assert strangers == [], "what breaks is what was renamed, and nothing else"
