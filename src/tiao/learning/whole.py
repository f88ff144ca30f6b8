"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl


def write_folder(out: Path, files: Mapping[str, bytes]) -> None:
    """Write the folder beside its place, then move it there; what stood there before is replaced as a whole."""
    out.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        building.chmod(0o755)
        for name, content in files.items():
            _write(building / name, content)
        if out.exists():
            retired = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
            out.replace(retired / out.name)
            building.replace(out)
            shutil.rmtree(retired)
        else:
            building.replace(out)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_frame(out: Path, frame: pl.DataFrame) -> None:
    """Write a Parquet file."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        whole = Path(folder) / out.name
        frame.write_parquet(whole, compression="zstd")
        whole.replace(out)
