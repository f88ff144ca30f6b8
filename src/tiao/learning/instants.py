"""Instants of a data file: read from any form that the contract knows, and none later than they could be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl

from tiao.learning.cells import Cell
from tiao.learning.refusals import FAULTS_MAX, Fault
from tiao.learning.schema import ColumnSchema, Role, Schema

_SECOND = 1_000_000
_TICKS = {"s": _SECOND, "ms": 1_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instants(series: pl.Series, column: ColumnSchema, faults: list[Fault]) -> list[Cell]:
    """Read a column of instants. *Shape*: microseconds since 1970, UTC; naive is UTC."""
    tick = _TICKS.get(column.unit or "")
    if tick is not None and (series.dtype.is_numeric() or series.dtype == pl.String):
        ticks = series.cast(pl.Float64, strict=False)
        _unread(series, (ticks.is_null() | (ticks.is_finite() & (ticks != ticks.round(0)))), column, faults)
        whole = series.cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
        exact = series.cast(pl.Int64, strict=False).fill_null(whole)
        return (exact * tick).to_list()
    if series.dtype == pl.String:
        text = series.set(series == "", None)
        parsed = [_read(cell) for cell in text.to_list()]
        _unread(text, pl.Series([cell is None for cell in parsed], dtype=pl.Boolean), column, faults)
        return list(parsed)
    if series.dtype == pl.Date or isinstance(series.dtype, pl.Datetime):
        return series.cast(pl.Datetime("us")).to_physical().to_list()
    faults.append(Fault("wrong_type", column.name, value=str(series.dtype)))
    return [None] * len(series)


def _read(text: str | None) -> int | None:
    try:
        instant = None if text is None else datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if instant is None:
        return None
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
    since = aware - _EPOCH
    return (since.days * 86_400 + since.seconds) * _SECOND + since.microseconds


def _unread(series: pl.Series, is_unread: pl.Series, column: ColumnSchema, faults: list[Fault]) -> None:
    is_given = series.is_not_null() & (series != "") if series.dtype == pl.String else series.is_not_null()
    rows = (is_unread & is_given).arg_true().head(FAULTS_MAX).to_list()
    faults += [Fault("not_an_instant", column.name, row, str(series[row])) for row in rows]


def later_than(at: datetime | None, schema: Schema, columns: Mapping[str, list[Cell]]) -> list[Fault]:
    """List the instants that have not come yet at *at*, and labels known before the thing happened."""
    faults: list[Fault] = []
    if at is not None:
        now = int((at - _EPOCH).total_seconds()) * _SECOND
        for column in schema.of_role("event_time", "available_at", "as_of", "label_time"):
            late = [(row, cell) for row, cell in enumerate(columns.get(column.name, ())) if _after(cell, now)]
            faults += [Fault("in_the_future", column.name, row, _text(cell)) for row, cell in late[:FAULTS_MAX]]
    happened, known = _of(schema, columns, "event_time"), _of(schema, columns, "label_time")
    if happened is not None and known is not None:
        name = schema.of_role("label_time")[0].name
        early = [row for row, (event, label) in enumerate(zip(happened, known, strict=True)) if _after(event, label)]
        faults += [Fault("label_before_event", name, row, _text(known[row])) for row in early[:FAULTS_MAX]]
    return faults


def _of(schema: Schema, columns: Mapping[str, list[Cell]], role: Role) -> list[Cell] | None:
    column = schema.one(role)
    return None if column is None else columns.get(column.name)


def _after(cell: Cell, other: Cell) -> bool:
    return isinstance(cell, int) and isinstance(other, int) and cell > other


def _text(cell: Cell) -> str:
    assert isinstance(cell, int), "an instant is a whole number of microseconds"
    return datetime.fromtimestamp(cell // _SECOND, tz=UTC).isoformat()
