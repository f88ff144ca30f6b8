"""A wheel holds the pages that stand there if they are made from its very sources; none, only for whoever says so."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
FACES = ("ops", "merchant", "wallet")
STATIC = "src/tiao/web/_static"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Copy what a wheel is built from, the pages left out."""
    copy = tmp_path / "sources"
    left_out = shutil.ignore_patterns("node_modules", "__pycache__", "_static")
    for name in ("src", "web"):
        shutil.copytree(ROOT / name, copy / name, ignore=left_out)
    (copy / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "openapi.json", copy / "docs")
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    return copy


def test_pages_made_from_these_sources_are_packed_and_not_built_again(sources: Path) -> None:
    for face in FACES:
        page = sources / STATIC / face / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(face)
    (sources / STATIC / ".source-sha256").write_text(digest_of(sources))
    packed = wheel_of(sources)
    assert {f"tiao/web/_static/{face}/index.html" for face in FACES} <= packed
    assert "tiao/web/faces.py" in packed


def test_a_wheel_without_pages_is_made_only_for_whoever_says_so(sources: Path) -> None:
    packed = wheel_of(sources, TIAO_WEB="skip")
    assert "tiao/web/faces.py" in packed
    assert not [name for name in packed if "_static" in name]
    with pytest.raises(RuntimeError, match="TIAO_WEB is one of auto, skip, force"):
        wheel_of(sources, TIAO_WEB="perhaps")


def digest_of(sources: Path) -> str:
    spec = importlib.util.spec_from_file_location("copied_build", sources / "web" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    digest: str = module.digest_of_sources()
    return digest


def wheel_of(sources: Path, **environment: str) -> set[str]:
    """Build as pip does, with no program to be found; give what is in the wheel."""
    out = sources.parent / "out"
    script = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", script, str(out)],
        cwd=sources,
        env={**os.environ, "PATH": "/nowhere", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    with ZipFile(next(out.glob("*.whl"))) as packed:
        return set(packed.namelist())
