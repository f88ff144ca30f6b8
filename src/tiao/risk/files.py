"""Whole files: replayed, scored and written."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from tiao.learning.contract import Table
from tiao.learning.schema import Schema
from tiao.learning.shelf import Told, silent
from tiao.learning.whole import write_frame
from tiao.risk.model import DECISIONS, Model
from tiao.risk.replay import events_of, replay
from tiao.risk.scoring import Scored, Scorer

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def score_table(model: Model, schema: Schema, table: Table, *, label_delay_us: int, say: Told = silent) -> list[Scored]:
    """Replay a file from nothing on and score each payment, in the order of the file."""
    scorer = Scorer(model)
    events = events_of(table, schema, label_delay_us=label_delay_us)
    own = [feature.name for feature in model.features if feature.kind != "fold"]
    scored: dict[int, Scored] = {}
    for part in replay(events, model.definition):
        rows = part.rows.tolist()
        cells = {name: [table.cells[name][row] for row in rows] for name in own}
        scored.update(zip(rows, scorer.score(part.values, cells), strict=True))
        say(f"scored {len(scored)} of {table.rows} payments")
    return [scored[row] for row in range(table.rows)]


def write_scores(table: Table, scored: list[Scored], out: Path) -> None:
    """Write the scores as Parquet, in the order of the file; it appears whole or not at all."""
    frame = pl.DataFrame(
        {
            "transaction_id": pl.Series(table.ids, dtype=pl.Int64 if table.id_is_integer else pl.String),
            "score": pl.Series([one.score for one in scored], dtype=pl.Float64),
            "decision": pl.Series([one.decision for one in scored], dtype=pl.String),
            "reasons": pl.Series([list(one.reasons) for one in scored], dtype=pl.List(pl.String)),
        }
    )
    write_frame(out, frame)


def decided(scored: list[Scored]) -> dict[str, int]:
    """Count the decisions."""
    counts = Counter(one.decision for one in scored)
    return {decision: counts[decision] for decision in DECISIONS}
