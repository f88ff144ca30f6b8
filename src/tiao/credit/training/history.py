"""Rows that a behavioural model is trained on: lines as they stood months before it was known what came of them.

From what a programme's own scores saw, or from files in the layout of the published card set, whose amounts are put as
shares of the limit: so a model fits every currency, and what one source teaches can be held against the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from tiao.credit.training.behaviour import BILL, DEFAULT, PAID, STATUS
from tiao.credit.warning.model import MONTHS, Looked
from tiao.credit.warning.rules import READS, Read, share
from tiao.learning.contract import read_frame
from tiao.learning.refusals import Fault, InputRefused
from tiao.learning.whole import write_folder

_LIMIT = "LIMIT_BAL"
_MONTHLY = {f"{stem}_{month}" for stem in ("months_late", "owed", "paid") for month in range(1, MONTHS + 1)}


def write_cards(data: Path, out: Path, *, ahead: int) -> int:
    """Write rows and schema from a file of monthly statuses, bills and payments, *ahead* months before the outcome.

    Shape: *ahead* 1 sees all six months, 2 all but the latest, and so on. Refuses: InputRefused.
    """
    frame = read_frame(data)
    needed = ("ID", _LIMIT, *STATUS, *BILL, *PAID, DEFAULT)
    absent = [name for name in needed if name not in frame.columns]
    if absent:
        raise InputRefused([Fault("missing_column", name) for name in absent])
    columns = {name: [int(float(cell)) for cell in frame[name].to_list()] for name in needed}
    limits = [max(1, limit) for limit in columns[_LIMIT]]
    made: dict[str, list[Any]] = {"id": columns["ID"]}
    for month in range(1, MONTHS - ahead + 2):
        seen = month + ahead - 2
        made[f"months_late_{month}"] = columns[STATUS[seen]]
        made[f"owed_{month}"] = [share(*pair) for pair in zip(columns[BILL[seen]], limits, strict=True)]
        made[f"paid_{month}"] = [share(*pair) for pair in zip(columns[PAID[seen]], limits, strict=True)]
    made["bad"] = columns[DEFAULT]
    reads = tuple(each for each in READS if each.name in made and each.name in _MONTHLY)
    ids = {"name": "id", "type": "integer", "role": "id"}
    _write(out, pl.DataFrame(made), [ids, *map(_column, reads)])
    return frame.height


def write_looked(rows: Sequence[Looked], out: Path) -> int:
    """Write rows and schema from what a programme's own scores saw and what came of it; one customer stays together."""
    made: dict[str, list[Any]] = {
        "id": [f"{each.line_id}/{each.scored_on.isoformat()}" for each in rows],
        "customer": [str(each.customer_id) for each in rows],
        "scored_on": [each.scored_on.isoformat() for each in rows],
        "known_on": [each.known_on.isoformat() for each in rows],
        **{read.name: [each.features.get(read.name) for each in rows] for read in READS},
        "bad": [int(each.is_bad) for each in rows],
    }
    reads = [read for read in READS if any(cell is not None for cell in made[read.name])]
    columns: list[dict[str, Any]] = [
        {"name": "id", "type": "text", "role": "id"},
        {"name": "customer", "type": "category", "role": "group", "entity": "customer"},
        {"name": "scored_on", "type": "timestamp", "role": "event_time"},
        {"name": "known_on", "type": "timestamp", "role": "label_time"},
        *map(_column, reads),
    ]
    kept = [column["name"] for column in columns]
    frame = pl.DataFrame({name: made[name] for name in (*kept, "bad")}, infer_schema_length=None)
    _write(out, frame, columns)
    return len(rows)


def _write(out: Path, frame: pl.DataFrame, columns: Sequence[dict[str, Any]]) -> None:
    target = {"name": "bad", "type": "integer", "role": "target", "bad": [1], "good": [0]}
    schema = {"schema_version": 1, "name": "behaviour", "kind": "credit", "columns": [*columns, target]}
    files = {
        "rows.csv": frame.write_csv().encode(),
        "schema.json": msgspec.json.format(msgspec.json.encode(schema), indent=1) + b"\n",
    }
    write_folder(out, files)


def _column(read: Read) -> dict[str, Any]:
    told = {"direction": read.direction, "family": read.family, "unit": read.unit}
    plain: dict[str, Any] = {"name": read.name, "type": "integer", "role": "feature"}
    return plain | {name: value for name, value in told.items() if value is not None}
