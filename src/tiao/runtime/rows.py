"""How a database row becomes a frozen value: by column name, once for each pair of type and columns."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from inspect import signature
from operator import itemgetter
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

T = TypeVar("T")

_MAKERS: dict[tuple[type[Any], tuple[str, ...]], Callable[[tuple[Any, ...]], Any]] = {}


def row_maker(row_type: type[T], columns: tuple[str, ...]) -> Callable[[tuple[Any, ...]], T]:
    """Make the function that turns one row of *columns* into a *row_type*.

    A field without a column must have a default; a column without a field is a bug. Enum and Struct fields are
    converted from text and jsonb; everything else is taken as the driver gives it.
    """
    key = (row_type, columns)
    maker = _MAKERS.get(key)
    if maker is None:
        maker = _MAKERS[key] = _row_maker(row_type, columns)
    return maker


def _row_maker(row_type: type[Any], columns: tuple[str, ...]) -> Callable[[tuple[Any, ...]], Any]:
    fields, positional = _fields(row_type)
    unknown = [column for column in columns if column not in fields]
    assert not unknown, f"{row_type.__name__} has no field for {unknown}"
    hints = get_type_hints(row_type)
    converted = [(name, hints[name]) for name in columns if _needs_conversion(hints[name])]
    if not converted and columns == positional[: len(columns)]:
        return lambda row: row_type(*row)
    if not converted and len(columns) > 1 and set(columns) == set(positional):
        pick = itemgetter(*(columns.index(name) for name in positional))
        return lambda row: row_type(*pick(row))

    if set(columns) == set(positional):
        places = [columns.index(name) for name in positional]
        hinted = [(place, hints[name]) for place, name in enumerate(positional) if _needs_conversion(hints[name])]

        def make_in_order(row: tuple[Any, ...]) -> Any:  # noqa: ANN401  the row type is only known at run time
            values = [row[place] for place in places]
            for place, hint in hinted:
                values[place] = msgspec.convert(values[place], hint)
            return row_type(*values)

        return make_in_order

    def make(row: tuple[Any, ...]) -> Any:  # noqa: ANN401  same
        named = dict(zip(columns, row, strict=True))
        for name, hint in converted:
            named[name] = msgspec.convert(named[name], hint)
        return row_type(**named)

    return make


def _fields(row_type: type[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name all fields, and those that may be given by position."""
    fields = getattr(row_type, "__struct_fields__", None) or getattr(row_type, "_fields", None)
    assert fields, f"{row_type.__name__} is neither a msgspec Struct nor a NamedTuple"
    parameters = signature(row_type).parameters.values()
    return tuple(fields), tuple(each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD)


def _needs_conversion(hint: object) -> bool:
    if isinstance(hint, type) and issubclass(hint, (Enum, msgspec.Struct)):
        return True
    return any(_needs_conversion(part) for part in get_args(hint))
