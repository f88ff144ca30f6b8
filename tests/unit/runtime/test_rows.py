"""Rows become frozen values by column name."""

from enum import Enum
from typing import NamedTuple

import msgspec
import pytest

from tiao.runtime.rows import row_maker


class Colour(Enum):
    RED = "red"


class Part(msgspec.Struct, frozen=True):
    weight: int


class Thing(msgspec.Struct, frozen=True):
    id: int
    name: str
    size: int = 7


class Named(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str


class Pair(NamedTuple):
    id: int
    name: str


class Single(NamedTuple):
    id: int


class Painted(msgspec.Struct, frozen=True):
    id: int
    colour: Colour | None
    parts: list[Part]


@pytest.mark.parametrize(
    ("row_type", "columns", "row", "value"),
    [
        (Thing, ("id", "name", "size"), (1, "a", 2), Thing(1, "a", 2)),
        (Thing, ("id", "name"), (1, "a"), Thing(1, "a", 7)),
        (Thing, ("size", "name", "id"), (2, "a", 1), Thing(1, "a", 2)),
        (Thing, ("name", "id"), ("a", 1), Thing(1, "a", 7)),
        (Named, ("id", "name"), (1, "a"), Named(id=1, name="a")),
        (Named, ("name", "id"), ("a", 1), Named(id=1, name="a")),
        (Pair, ("name", "id"), ("a", 1), Pair(1, "a")),
        (Single, ("id",), (1,), Single(1)),
        (Painted, ("id", "colour", "parts"), (1, "red", [{"weight": 5}]), Painted(1, Colour.RED, [Part(5)])),
        (Painted, ("parts", "id", "colour"), ([], 1, None), Painted(1, None, [])),
    ],
)
def test_a_row_fills_the_fields_its_columns_name(
    row_type: type[object], columns: tuple[str, ...], row: tuple[object, ...], value: object
) -> None:
    assert row_maker(row_type, columns)(row) == value


def test_a_column_without_a_field_is_a_bug() -> None:
    with pytest.raises(AssertionError, match=r"Thing has no field for \['colour'\]"):
        row_maker(Thing, ("id", "colour"))


def test_a_field_without_column_or_default_is_a_bug() -> None:
    with pytest.raises(TypeError, match="name"):
        row_maker(Thing, ("id",))((1,))


def test_a_word_that_is_not_in_the_enum_is_a_bug() -> None:
    with pytest.raises(msgspec.ValidationError, match="Invalid enum value"):
        row_maker(Painted, ("id", "colour", "parts"))((1, "blue", []))


def test_only_structs_and_named_tuples_are_row_types() -> None:
    with pytest.raises(AssertionError, match="neither"):
        row_maker(dict, ("id",))
