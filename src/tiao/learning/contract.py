"""A data file checked against its schema: every fault is found before anything is written.

A CSV file is read as text and parsed by the schema, so the same rows give the same values from either format.
"""

from __future__ import annotations

import csv
import math
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tiao.learning.cells import Cell, category_label
from tiao.learning.delimited import misread
from tiao.learning.instants import instants, later_than
from tiao.learning.refusals import FAULTS_MAX, Fault, InputRefused
from tiao.learning.schema import ColumnSchema, Schema

#: What a replay of events reads besides: its features are made of them.
_REPLAYED = frozenset({"event_time", "group"})
#: What it reads where the file has it: outcomes are features too.
_LEARNED = frozenset({"target", "label_time"})

#: What measuring reads besides what scoring reads.
_MEASURED = frozenset({"target", "weight", "protected", "event_time", "label_time"})

_TRUE, _FALSE = {"true", "1", "1.0"}, {"false", "0", "0.0"}


class Table(NamedTuple):
    """A checked file. Shape: all of one length; a missing number, label or instant is None (NaN for the target)."""

    ids: list[str | int]
    id_is_integer: bool
    cells: dict[str, list[Cell]]
    target: npt.NDArray[np.float64] | None
    weight: npt.NDArray[np.float64]
    instants: dict[str, npt.NDArray[np.int64]]
    groups: dict[str, list[Cell]]
    protected: dict[str, list[Cell]]
    warnings: list[str]

    @property
    def rows(self) -> int:
        """Count the rows."""
        return len(self.ids)

    def take(self, rows: npt.NDArray[np.int64]) -> Table:
        """Keep only *rows*, in that order."""
        index = rows.tolist()

        def pick(columns: dict[str, list[Cell]]) -> dict[str, list[Cell]]:
            return {name: [cells[row] for row in index] for name, cells in columns.items()}

        return self._replace(
            ids=[self.ids[row] for row in index],
            cells=pick(self.cells),
            target=None if self.target is None else self.target[rows],
            weight=self.weight[rows],
            instants={name: values[rows] for name, values in self.instants.items()},
            groups=pick(self.groups),
            protected=pick(self.protected),
        )


def read_frame(path: Path) -> pl.DataFrame:
    """Read a Parquet file, or a CSV file as text. Refuses: InputRefused."""
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        if path.name.endswith((".csv", ".csv.gz")):
            faults = misread(path)
            if faults:
                raise InputRefused(faults)
            return pl.read_csv(path, infer_schema=False, encoding="utf8")
    except (OSError, UnicodeDecodeError, csv.Error, pl.exceptions.PolarsError) as fault:
        raise InputRefused([Fault("unreadable_file", value=str(fault).splitlines()[0])]) from fault
    raise InputRefused([Fault("unknown_file_type", value=path.name)])


def read_table(
    path: Path, schema: Schema, *, is_training: bool, is_labelled: bool = False, at: datetime | None = None
) -> Table:
    """Read a file by its schema.

    Training needs every column but the excluded ones; scoring needs the id and the features and looks at nothing else,
    unless the rows *are labelled* and are to be measured. What happened after *at* cannot have been seen.
    Refuses: InputRefused with every fault found.
    """
    is_csv = path.suffix != ".parquet"
    return table_of(read_frame(path), schema, is_training=is_training, is_labelled=is_labelled, is_csv=is_csv, at=at)


def table_of(
    frame: pl.DataFrame,
    schema: Schema,
    *,
    is_training: bool,
    is_labelled: bool = False,
    is_csv: bool = False,
    at: datetime | None = None,
) -> Table:
    """Check a frame by its schema (see `read_table`); in *is_csv* every column is text and numbers are parsed."""
    faults: list[Fault] = _named_twice(frame, schema) if is_csv else []
    columns: dict[str, list[Cell]] = {}
    replayed = _REPLAYED if schema.kind == "risk" else frozenset()
    read = replayed | (_LEARNED if replayed else frozenset()) | (_MEASURED if is_labelled else frozenset())
    for column in schema.columns:
        if column.role == "exclude" or (column.type == "text" and column.role not in {"id", "group"}):
            continue
        if column.name not in frame.columns:
            if is_training or column.role == "id" or column.may_be_feature or column.role in replayed:
                faults.append(Fault("missing_column", column.name))
            continue
        if not (is_training or column.role == "id" or column.may_be_feature or column.role in read):
            continue
        columns[column.name] = _cells(frame[column.name], column, faults, is_csv=is_csv)
    named = {column.name for column in schema.columns}
    warnings = [f"column {name} is not in the schema and was ignored" for name in frame.columns if name not in named]
    warnings += _unbounded(schema, columns)
    if frame.height == 0:
        faults.append(Fault("no_rows"))
    ids = _ids(schema, columns, faults)
    target = _target(schema, columns, faults)
    weight = _weight(schema, columns, faults, frame.height)
    faults += later_than(at, schema, columns)
    faults += _unplaced(schema, columns) if replayed else []
    if faults:
        raise InputRefused(faults[:FAULTS_MAX])
    id_column = schema.one("id")
    return Table(
        ids=ids,
        id_is_integer=id_column is not None and id_column.type == "integer",
        cells={c.name: columns[c.name] for c in schema.columns if c.may_be_feature},
        target=target,
        weight=weight,
        instants={
            column.role: np.array([_NEVER if cell is None else cell for cell in columns[column.name]], dtype=np.int64)
            for column in schema.of_role("event_time", "available_at", "as_of", "label_time")
            if column.name in columns
        },
        groups={column.name: columns[column.name] for column in schema.of_role("group") if column.name in columns},
        protected={c.name: columns[c.name] for c in schema.of_role("protected") if c.name in columns},
        warnings=warnings,
    )


#: What the reader of CSV files appends to the second of two columns of one name.
_AGAIN = "_duplicated_"


def _named_twice(frame: pl.DataFrame, schema: Schema) -> list[Fault]:
    named = {column.name for column in schema.columns}
    stems = dict.fromkeys(name.rpartition(_AGAIN)[0] for name in frame.columns if _AGAIN in name)
    return [Fault("column_twice_in_file", stem) for stem in stems if stem in named]


#: An instant that is not known: later than any other.
_NEVER = np.iinfo(np.int64).max


def _cells(series: pl.Series, column: ColumnSchema, faults: list[Fault], *, is_csv: bool) -> list[Cell]:
    if series.dtype == pl.Null:
        return [None] * len(series)
    if column.role == "id":
        return _keys(series, column, faults, is_csv=is_csv)
    if column.is_number:
        return _numbers(series, column, faults, is_csv=is_csv)
    if column.type == "timestamp":
        return instants(series, column, faults)
    if column.type == "boolean":
        return _booleans(series, column, faults)
    return _labels(series, column, faults)


def _is_text(series: pl.Series) -> bool:
    return series.dtype in (pl.String, pl.Categorical, pl.Enum)


def _numbers(series: pl.Series, column: ColumnSchema, faults: list[Fault], *, is_csv: bool) -> list[Cell]:
    if not series.dtype.is_numeric() and not (is_csv and series.dtype == pl.String):
        faults.append(Fault("wrong_type", column.name, value=str(series.dtype)))
        return [None] * len(series)
    if series.dtype == pl.Float32:
        # Its shortest decimal form, so that a CSV file made from it gives the same number.
        series = series.cast(pl.String)
    values = series.cast(pl.Float64, strict=False)
    if series.dtype == pl.String:
        unread = values.is_null() & series.is_not_null() & (series != "")
        faults += [
            Fault("not_a_number", column.name, row, series[row]) for row in unread.arg_true().head(FAULTS_MAX).to_list()
        ]
    values = values.fill_nan(None)
    if column.type == "integer":
        uneven = values.is_finite() & (values != values.round(0))
        faults += [
            Fault("not_an_integer", column.name, row, values[row])
            for row in uneven.arg_true().head(FAULTS_MAX).to_list()
        ]
    return values.to_list()


def _keys(series: pl.Series, column: ColumnSchema, faults: list[Fault], *, is_csv: bool) -> list[Cell]:
    """Read ids as text whatever their storage; a whole number of any size keeps all its digits."""
    if column.is_number and not is_csv and not series.dtype.is_numeric():
        faults.append(Fault("wrong_type", column.name, value=str(series.dtype)))
        return [None] * len(series)
    keys: list[Cell] = [category_label(cell) for cell in series.to_list()]
    if column.type == "integer":
        for row, key in enumerate(keys):
            if key is not None and not str(key).lstrip("-").isdecimal():
                faults.append(Fault("not_an_integer", column.name, row, key))
                keys[row] = None
    return keys


def _labels(series: pl.Series, column: ColumnSchema, faults: list[Fault]) -> list[Cell]:
    if series.dtype.is_float() and column.type == "category":
        uneven = series.is_finite() & (series != series.round(0))
        if uneven.any():
            row = int(uneven.arg_true()[0])
            faults.append(Fault("wrong_type", column.name, row, series[row]))
    elif not (_is_text(series) or series.dtype.is_integer() or series.dtype == pl.Boolean or column.type == "text"):
        faults.append(Fault("wrong_type", column.name, value=str(series.dtype)))
        return [None] * len(series)
    return [category_label(cell) for cell in series.to_list()]


def _booleans(series: pl.Series, column: ColumnSchema, faults: list[Fault]) -> list[Cell]:
    cells: list[Cell] = []
    for row, label in enumerate(category_label(cell) for cell in series.to_list()):
        if label is not None and label not in _TRUE | _FALSE:
            faults.append(Fault("not_a_boolean", column.name, row, label))
        cells.append(None if label is None else "true" if label in _TRUE else "false")
    return cells


def _unplaced(schema: Schema, columns: dict[str, list[Cell]]) -> list[Fault]:
    """List the events without an instant, and amounts that no sum can take."""
    faults = []
    for column in schema.of_role("event_time"):
        cells = columns.get(column.name, [])
        faults += [Fault("missing_event_time", column.name, row) for row, cell in enumerate(cells) if cell is None]
    for column in schema.of_role("amount"):
        cells = columns.get(column.name, [])
        unbounded = [row for row, cell in enumerate(cells) if isinstance(cell, float) and math.isinf(cell)]
        faults += [Fault("amount_not_finite", column.name, row) for row in unbounded]
    return faults


def _unbounded(schema: Schema, columns: dict[str, list[Cell]]) -> list[str]:
    """Warn of features with infinite values: they are kept, as lying beyond every bound."""
    counts = {
        column.name: sum(isinstance(cell, float) and math.isinf(cell) for cell in columns.get(column.name, ()))
        for column in schema.columns
        if column.may_be_feature and column.is_number
    }
    return [f"column {name} has {count} infinite values" for name, count in counts.items() if count]


def _ids(schema: Schema, columns: dict[str, list[Cell]], faults: list[Fault]) -> list[str | int]:
    column = schema.one("id")
    if column is None or column.name not in columns:
        return []
    cells = columns.pop(column.name)
    seen: set[Cell] = set()
    for row, cell in enumerate(cells):
        if cell is None:
            faults.append(Fault("missing_id", column.name, row))
        elif cell in seen:
            faults.append(Fault("repeated_id", column.name, row, cell))
        seen.add(cell)
    if column.type == "integer":
        return [int(cell or 0) for cell in cells]
    return [str(cell) for cell in cells]


def _target(schema: Schema, columns: dict[str, list[Cell]], faults: list[Fault]) -> npt.NDArray[np.float64] | None:
    column = schema.one("target")
    if column is None or column.name not in columns:
        return None
    bad, good, unlabelled = (
        {category_label(code) for code in codes} for codes in (column.bad, column.good, column.unlabelled)
    )
    cells = columns.pop(column.name)
    target = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        label = category_label(cell)
        if label in bad:
            target[row] = 1.0
        elif label in good:
            target[row] = 0.0
        elif label is not None and label not in unlabelled:
            faults.append(Fault("unknown_target", column.name, row, cell))
    return target


def _weight(schema: Schema, columns: dict[str, list[Cell]], faults: list[Fault], rows: int) -> npt.NDArray[np.float64]:
    column = schema.one("weight")
    if column is None or column.name not in columns:
        return np.ones(rows)
    cells = columns[column.name]
    for row, cell in enumerate(cells):
        if not isinstance(cell, float) or cell < 0:
            faults.append(Fault("weight_missing_or_negative", column.name, row, cell))
    return np.array([cell if isinstance(cell, float) else 0.0 for cell in cells])
