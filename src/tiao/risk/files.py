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
from tiao.risk.replay import Events, events_of, replay
from tiao.risk.scoring import Scored, Scorer

Flags = npt.NDArray[np.bool_]


def score_table(model: Model, schema: Schema, table: Table, *, label_delay_us: int, say: Told = silent) -> list[Scored]:
    """Replay a file from nothing on and score each payment, in the order of the file."""
    scored = score_events(model, table, events_of(table, schema, label_delay_us=label_delay_us), say=say)
    return [scored[row] for row in range(table.rows)]


def score_events(
    model: Model, table: Table, events: Events, *, wanted: Flags | None = None, say: Told = silent
) -> dict[int, Scored]:
    """Replay all payments and score those *wanted*. Shape: by row of the file; *wanted* in the order of time."""
    scorer = Scorer(model)
    own = [feature.name for feature in model.features if feature.kind != "fold"]
    scored: dict[int, Scored] = {}
    count = len(events.rows)
    for part in replay(events, model.definition, wanted=wanted, say=lambda done: say(f"{done} of {count} payments")):
        rows = part.rows.tolist()
        cells = {name: [table.cells[name][row] for row in rows] for name in own}
        scored.update(zip(rows, scorer.score(part.values, cells), strict=True))
    return scored


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
