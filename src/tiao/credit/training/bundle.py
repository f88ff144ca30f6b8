"""A trained model as a folder that appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tiao.credit.scoring.bundle import content_digest
from tiao.credit.scoring.model import Model
from tiao.learning.forms import Reason
from tiao.learning.whole import write_folder


def versioned(model: Model, reasons: list[Reason]) -> Model:
    """Name the model by the digest of its content."""
    return msgspec.structs.replace(model, model_version=content_digest(model, reasons))


def write_bundle(out: Path, model: Model, reasons: list[Reason], extra: dict[str, str]) -> None:
    """Write the folder; what stood there before is replaced as a whole.

    Shape: *extra* maps file names to text.
    """
    write_folder(
        out,
        {
            "model.json": msgspec.json.format(msgspec.json.encode(model), indent=0) + b"\n",
            "reasons.json": msgspec.json.format(msgspec.json.encode(reasons), indent=1) + b"\n",
            **{name: text.encode() for name, text in extra.items()},
        },
    )
