"""The data contract: what is refused, where, and what is not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tiao.learning.contract import read_frame, read_table, table_of
from tiao.learning.refusals import InputRefused
from tiao.learning.schema import Schema, schema_of

SCHEMA = {
    "schema_version": 1,
    "name": "t",
    "kind": "credit",
    "columns": [
        {"name": "id", "type": "integer", "role": "id"},
        {"name": "bad", "type": "integer", "role": "target", "bad": [1], "good": [0]},
        {"name": "count", "type": "integer", "role": "feature"},
        {"name": "ratio", "type": "number", "role": "feature"},
        {"name": "kind", "type": "category", "role": "feature"},
        {"name": "sex", "type": "category", "role": "protected"},
        {"name": "note", "type": "text", "role": "exclude", "reason": "free text"},
    ],
}


def with_column(column: dict[str, Any]) -> dict[str, Any]:
    return {"columns": [*SCHEMA["columns"], column]}  # type: ignore[misc]


def schema() -> Schema:
    return schema_of(SCHEMA)


def frame(**changes: list[Any]) -> pl.DataFrame:
    columns = {
        "id": [1, 2, 3],
        "bad": [0, 1, 0],
        "count": [5, 6, None],
        "ratio": [0.1, 0.2, 0.3],
        "kind": ["a", "b", None],
        "sex": ["f", "m", "f"],
    }
    return pl.DataFrame(columns | changes, strict=False)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"count": ["5", "6", "7"]}, ("wrong_type", "count", None, "String")),
        ({"count": [True, False, True]}, ("wrong_type", "count", None, "Boolean")),
        ({"count": [5.0, 6.5, 7.0]}, ("not_an_integer", "count", 1, 6.5)),
        ({"bad": [0, 7, 0]}, ("unknown_target", "bad", 1, 7.0)),
        ({"id": [1, 2, 1]}, ("repeated_id", "id", 2, "1")),
        ({"id": [1, None, 3]}, ("missing_id", "id", 1, None)),
        ({"kind": [0.5, 1.0, 2.0]}, ("wrong_type", "kind", 0, 0.5)),
    ],
)
def test_a_broken_column_is_refused_with_its_place(changes: dict[str, list[Any]], fault: tuple[Any, ...]) -> None:
    with pytest.raises(InputRefused) as refused:
        table_of(frame(**changes), schema(), is_training=True)
    assert tuple(refused.value.faults[0]) == fault


def test_every_fault_is_listed() -> None:
    with pytest.raises(InputRefused) as refused:
        table_of(frame(id=[1, 1, 3], bad=[0, 9, 8]).drop("ratio"), schema(), is_training=True)
    assert {(f.error, f.column, f.row) for f in refused.value.faults} == {
        ("missing_column", "ratio", None),
        ("repeated_id", "id", 1),
        ("unknown_target", "bad", 1),
        ("unknown_target", "bad", 2),
    }


@pytest.mark.parametrize("absent", ["bad", "sex", "note"])
def test_scoring_does_not_need_target_protected_or_excluded_columns(absent: str) -> None:
    present = frame().with_columns(note=pl.lit("x"))
    assert table_of(present.drop(absent), schema(), is_training=False).rows == 3


@pytest.mark.parametrize("absent", ["id", "count", "ratio", "kind"])
def test_scoring_needs_the_id_and_every_feature(absent: str) -> None:
    with pytest.raises(InputRefused, match="missing_column"):
        table_of(frame().drop(absent), schema(), is_training=False)


def test_a_csv_file_gives_the_same_cells_as_parquet(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    rows = pl.DataFrame(
        {
            "id": list(range(50)),
            "bad": chance.integers(0, 2, 50),
            "count": [None if i % 7 == 0 else int(i) for i in range(50)],
            "ratio": pl.Series(chance.normal(size=50) * 1e-3, dtype=pl.Float32),
            "kind": [None if i % 9 == 0 else bool(i % 2) for i in range(50)],
            "sex": ["f"] * 50,
        }
    )
    rows.write_parquet(tmp_path / "rows.parquet")
    rows.write_csv(tmp_path / "rows.csv")
    from_parquet = read_table(tmp_path / "rows.parquet", schema(), is_training=True)
    from_csv = read_table(tmp_path / "rows.csv", schema(), is_training=True)
    assert from_csv.cells == from_parquet.cells
    assert from_csv.ids == from_parquet.ids
    assert from_csv.protected == from_parquet.protected


def test_a_csv_cell_that_does_not_parse_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(
        "id,bad,count,ratio,kind,sex\n1,0,5,0.1,a,f\n2,1,six,0.2,b,m\n", encoding="utf-8"
    )
    with pytest.raises(InputRefused) as refused:
        read_table(tmp_path / "rows.csv", schema(), is_training=True)
    assert tuple(refused.value.faults[0]) == ("not_a_number", "count", 1, "six")


def test_a_null_target_is_unlabelled_and_an_unnamed_column_only_a_warning() -> None:
    table = table_of(frame(bad=[0, None, 1]).with_columns(extra=pl.lit(1)), schema(), is_training=True)
    assert table.target is not None
    assert np.isnan(table.target).tolist() == [False, True, False]
    assert table.warnings == ["column extra is not in the schema and was ignored"]


TIMED = SCHEMA | {
    "columns": [
        *SCHEMA["columns"],  # type: ignore[misc]
        {"name": "happened", "type": "timestamp", "role": "event_time"},
        {"name": "known", "type": "timestamp", "role": "label_time", "unit": "s"},
    ]
}
NOW = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("happened", "known", "fault"),
    [
        (["2026-01-01", "2026-01-02", "2026-02-01"], [1767700000, None, None], ("in_the_future", "happened", 2)),
        (["2026-01-01", "soon", None], [1767700000] * 3, ("not_an_instant", "happened", 1)),
        (["2026-01-01"] * 3, ["1767700000", "late", None], ("not_an_instant", "known", 1)),
        (["2026-01-01T08:00:00+08:00"] * 3, [1767225600, 1767225599, None], ("label_before_event", "known", 1)),
    ],
)
def test_instants_that_cannot_be_are_refused(happened: list[Any], known: list[Any], fault: tuple[Any, ...]) -> None:
    rows = frame().with_columns(happened=pl.Series(happened), known=pl.Series(known))
    with pytest.raises(InputRefused) as refused:
        table_of(rows, schema_of(TIMED), is_training=True, at=NOW)
    assert tuple(refused.value.faults[0])[:3] == fault
    assert len(refused.value.faults) == 1


def test_an_instant_is_the_same_from_text_a_date_and_a_count() -> None:
    days = pl.Series([date(2026, 1, 1), date(2026, 1, 2), None])
    rows = frame().with_columns(happened=days, known=pl.Series([1767312000, 1767312000, None]))
    texts = rows.with_columns(happened=pl.Series(["2026-01-01 00:00:00", "2026-01-02T00:00:00Z", ""]))
    read = [table_of(each, schema_of(TIMED), is_training=True, at=NOW).instants for each in (rows, texts)]
    assert read[0]["event_time"].tolist() == read[1]["event_time"].tolist()
    assert read[0]["event_time"][1] == read[0]["label_time"][0] == 1767312000 * 1_000_000


def test_a_csv_file_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,bad,count,count,ratio,kind,sex\n1,0,5,5,0.1,a,f\n", encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        read_table(tmp_path / "rows.csv", schema(), is_training=True)
    assert tuple(refused.value.faults[0])[:2] == ("column_twice_in_file", "count")


def test_every_fault_of_a_schema_is_listed() -> None:
    columns = [
        {"name": "id", "type": "whole", "role": "id"},
        {"name": "bad", "type": "integer", "role": "goal"},
        {"name": "ratio", "type": "number", "role": "feature"},
        "kind",
    ]
    with pytest.raises(InputRefused) as refused:
        schema_of({"schema_version": 2, "name": "t", "kind": "credit", "columns": columns})
    assert [fault.column for fault in refused.value.faults] == [None, "id", "bad", "columns[3]"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"kind": "risk"}, "wrong_kind"),
        ({"schema_version": 2}, "invalid_schema"),
        ({"columns": SCHEMA["columns"][1:]}, "exactly_one_id_column"),  # type: ignore[index]
        ({"columns": [*SCHEMA["columns"], SCHEMA["columns"][2]]}, "column_named_twice"),  # type: ignore[misc,index]
        ({"columns": SCHEMA["columns"][:2]}, "no_feature_column"),  # type: ignore[index]
        (with_column({"name": "t", "type": "number", "role": "event_time"}), "not_a_timestamp"),
        (with_column({"name": "r", "type": "number", "role": "feature", "range": [2, 1]}), "range_upside_down"),
        (with_column({"name": "a", "type": "number", "role": "protected", "bands": [60, 25]}), "bands_not_rising"),
        (
            with_column({"name": "b", "type": "integer", "role": "target", "bad": [1], "good": [1]}),
            "exactly_one_target",
        ),
    ],
)
def test_a_schema_that_breaks_the_contract_is_refused(change: dict[str, Any], error: str) -> None:
    with pytest.raises(InputRefused) as refused:
        schema_of(SCHEMA | change)
    assert refused.value.faults[0].error.startswith(error)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id,count\n1,2\n\n3,4,5\n", ("row_of_other_width", None, 1, "3 cells, the header has 2")),
        ("id,count\n1,2\n3\n", ("row_of_other_width", None, 1, "1 cells, the header has 2")),
        ("id;count\n1;2\n", ("other_delimiter", None, None, "id;count")),
    ],
)
def test_a_csv_file_whose_rows_are_cut_otherwise_is_refused_with_its_place(
    tmp_path: Path, text: str, fault: tuple[Any, ...]
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        read_frame(path)
    assert tuple(refused.value.faults[0]) == fault


def test_a_mark_at_the_beginning_and_line_ends_in_quotes_are_part_of_no_cell(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes('\ufeffid,word\r\n1,"a\r\nb, c"\r\n'.encode())
    assert read_frame(path).to_dict(as_series=False) == {"id": ["1"], "word": ["a\r\nb, c"]}
