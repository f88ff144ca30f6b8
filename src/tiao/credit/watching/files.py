"""Files as rows to watch and applications to decide again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from tiao.credit.model import ApplicationInputs
from tiao.credit.scoring import Bundle, Scored
from tiao.credit.scoring.hints import hint_text, hints
from tiao.credit.watching.backtest import Past
from tiao.credit.watching.model import Watched
from tiao.learning.contract import Table, read_frame
from tiao.learning.refusals import Fault, InputRefused

_HINT_COLUMNS = {
    "id": pl.String,
    "code": pl.String,
    "column": pl.String,
    "now": pl.Float64,
    "then": pl.Float64,
    "bins": pl.Int64,
    "probability": pl.Float64,
    "customer_zh": pl.String,
    "customer_en": pl.String,
}


def watched_table(table: Table, scored: list[Scored], *, now: datetime, ripe_after_days: int) -> Watched:
    """Take a checked file and its scores.

    An outcome is ripe when its label was known by now; where the file does not say when, this many days after the
    event; where it has no instants at all, at once.
    """
    target, at = table.target, table.instants.get("event_time")
    known = table.instants.get("label_time")
    if target is not None:
        limit = int(now.timestamp() * 1_000_000)
        if known is not None:
            target = np.where(known <= limit, target, np.nan)
        elif at is not None:
            target = np.where(at <= limit - int(timedelta(days=ripe_after_days).total_seconds() * 1e6), target, np.nan)
    return Watched(
        cells=table.cells,
        probability=np.array([one.probability for one in scored], dtype=np.float64),
        grade=[one.grade for one in scored],
        target=target,
        at=at,
    )


def read_past(path: Path, *, currency: str, income_minor: int | None) -> list[Past]:
    """Read a scored file as applications: `id`, `probability`, `grade`, and where it has them `income_minor`, `bad`.

    Refuses: InputRefused with every fault found.
    """
    frame = read_frame(path)
    faults = [Fault("missing_column", name) for name in ("id", "probability", "grade") if name not in frame.columns]
    if "income_minor" not in frame.columns and income_minor is None:
        faults.append(Fault("missing_column", "income_minor"))
    if frame.height == 0:
        faults.append(Fault("no_rows"))
    if faults:
        raise InputRefused(faults)
    probability = _numbers(frame, "probability", faults)
    incomes = (
        _numbers(frame, "income_minor", faults) if "income_minor" in frame.columns else [income_minor] * frame.height
    )
    bad = _numbers(frame, "bad", faults) if "bad" in frame.columns else [None] * frame.height
    for row, value in enumerate(probability):
        if value is None or not 0 <= value <= 1:
            faults.append(Fault("not_a_probability", "probability", row, value))
    for row, value in enumerate(incomes):
        if value is None or value < 0 or value != int(value):
            faults.append(Fault("not_an_amount", "income_minor", row, value))
    faults += [Fault("unknown_target", "bad", row, value) for row, value in enumerate(bad) if value not in {None, 0, 1}]
    if faults:
        raise InputRefused(faults)
    scores = frame["score"].to_list() if "score" in frame.columns else [0] * frame.height
    ids, grades = frame["id"].to_list(), frame["grade"].to_list()
    return [
        Past(
            str(ids[row]),
            ApplicationInputs(currency, int(incomes[row] or 0), {}, None),
            Scored(float(probability[row] or 0.0), int(scores[row] or 0), str(grades[row]), (), ""),
            None if bad[row] is None else bool(bad[row]),
        )
        for row in range(frame.height)
    ]


def write_hints(bundle: Bundle, table: Table, out: Path, *, probability_max: float) -> tuple[int, int]:
    """Write the hints of all rows above a cut-off as Parquet; count the hints and the rows that have any."""
    found = []
    for row, key in enumerate(table.ids):
        for hint in hints(
            bundle, {name: cells[row] for name, cells in table.cells.items()}, probability_max=probability_max
        ):
            text = hint_text(bundle, hint)
            found.append({"id": str(key), **hint._asdict(), "customer_zh": text.zh, "customer_en": text.en})
    out.parent.mkdir(parents=True, exist_ok=True)
    building = out.with_name(f".{out.name}.part")
    pl.DataFrame(found, schema=_HINT_COLUMNS).write_parquet(building)
    building.replace(out)
    return len(found), len({one["id"] for one in found})


def _numbers(frame: pl.DataFrame, name: str, faults: list[Fault]) -> list[float | None]:
    values = frame[name].cast(pl.Float64, strict=False)
    unread = values.is_null() & frame[name].is_not_null() & (frame[name].cast(pl.String) != "")
    faults += [Fault("not_a_number", name, row, str(frame[name][row])) for row in unread.arg_true().to_list()]
    return values.fill_nan(None).to_list()
