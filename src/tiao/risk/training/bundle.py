"""A trained model as a folder that appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tiao.learning.forms import Reason
from tiao.learning.whole import write_folder
from tiao.risk.model import Model
from tiao.risk.training.card import model_card


def write_bundle(out: Path, model: Model, reasons: list[Reason]) -> None:
    """Write model, reasons and card; what stood there before is replaced as a whole."""
    write_folder(
        out,
        {
            "model.json": msgspec.json.format(msgspec.json.encode(model), indent=0) + b"\n",
            "reasons.json": msgspec.json.format(msgspec.json.encode(reasons), indent=1) + b"\n",
            "card.md": model_card(model, reasons).encode(),
        },
    )
