"""A trained model as a folder that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import msgspec

from tiao.credit.scoring.bundle import content_digest
from tiao.credit.scoring.model import Model, Reason


def versioned(model: Model, reasons: list[Reason]) -> Model:
    """Name the model by the digest of its content."""
    return msgspec.structs.replace(model, model_version=content_digest(model, reasons))


def write_bundle(out: Path, model: Model, reasons: list[Reason], extra: dict[str, str]) -> None:
    """Write the folder beside its place, then move it there; what stood there before is replaced as a whole.

    Shape: *extra* maps file names to text.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        building.chmod(0o755)
        _write(building / "model.json", msgspec.json.format(msgspec.json.encode(model), indent=0) + b"\n")
        _write(building / "reasons.json", msgspec.json.format(msgspec.json.encode(reasons), indent=1) + b"\n")
        for name, text in extra.items():
            _write(building / name, text.encode())
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
