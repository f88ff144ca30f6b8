"""The schema of a data file: names, types and roles of its columns (version 1 of the data contract)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from tiao.learning.refusals import Fault, InputRefused

Type = Literal["integer", "number", "category", "boolean", "timestamp", "text"]
Role = Literal[
    "id", "target", "feature", "amount", "protected", "group", "event_time", "available_at", "as_of", "label_time",
    "weight", "exclude",
]  # fmt: skip

Kind = Literal["credit", "risk", "business"]

#: Types whose values can be features of a table model.
TABULAR = ("integer", "number", "category", "boolean")
_CODE = str | int | float | bool


class ColumnSchema(msgspec.Struct, frozen=True):
    """One column of the contract."""

    name: str
    type: Type
    role: Role
    bad: tuple[_CODE, ...] = ()
    good: tuple[_CODE, ...] = ()
    unlabelled: tuple[_CODE, ...] = ()
    direction: Literal[1, -1] | None = None
    family: str | None = None
    special: dict[str, str] | tuple[float, ...] = {}
    unit: str | None = None
    range: tuple[float | None, float | None] | None = None
    bands: tuple[float, ...] = ()
    entity: str | None = None
    reason: str | None = None

    @property
    def is_number(self) -> bool:
        """Tell whether its values are quantities."""
        return self.type in {"integer", "number"}

    @property
    def may_be_feature(self) -> bool:
        """Tell whether its value may enter a model at all."""
        return self.role in {"feature", "amount"} and self.type in TABULAR

    def special_values(self) -> tuple[float, ...]:
        """List the values that are codes and no quantity."""
        return tuple(sorted({float(code) for code in self.special}))


class Schema(msgspec.Struct, frozen=True):
    """The schema of one table."""

    schema_version: Literal[1]
    name: str
    kind: Kind
    columns: tuple[ColumnSchema, ...]

    def of_role(self, *roles: Role) -> list[ColumnSchema]:
        """List the columns with one of *roles*, in order."""
        return [column for column in self.columns if column.role in roles]

    def one(self, role: Role) -> ColumnSchema | None:
        """Give the first column of a role, or None."""
        return next(iter(self.of_role(role)), None)


def read_schema(path: Path, *, kind: Kind = "credit") -> Schema:
    """Read and check a schema file. Refuses: InputRefused."""
    try:
        content = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as fault:
        raise InputRefused([Fault("unreadable_schema", value=str(fault))]) from fault
    return schema_of(content, kind=kind)


def schema_of(content: Any, *, kind: Kind = "credit") -> Schema:  # noqa: ANN401  whatever the JSON file held
    """Check the content of a schema. Refuses: InputRefused with every fault."""
    try:
        schema = msgspec.convert(content, type=Schema)
    except msgspec.ValidationError as fault:
        raise InputRefused(_unread(content, fault)) from fault
    faults = _faults(schema, kind)
    if faults:
        raise InputRefused(faults)
    return schema


def _unread(content: Any, first: msgspec.ValidationError) -> list[Fault]:  # noqa: ANN401  same
    """List what of a schema has the wrong form, column by column: the decoder alone would stop at the first."""
    columns = content.get("columns") if isinstance(content, dict) else None
    if not isinstance(columns, list):
        return [Fault("invalid_schema", value=str(first))]
    faults = []
    for number, column in enumerate(columns):
        try:
            msgspec.convert(column, type=ColumnSchema)
        except msgspec.ValidationError as fault:
            name = column.get("name") if isinstance(column, dict) else None
            known = name if isinstance(name, str) else f"columns[{number}]"
            faults.append(Fault("invalid_schema", known, value=str(fault)))
    try:
        msgspec.convert({**content, "columns": []}, type=Schema)
    except msgspec.ValidationError as fault:
        faults.insert(0, Fault("invalid_schema", value=str(fault)))
    return faults or [Fault("invalid_schema", value=str(first))]


def _faults(schema: Schema, kind: Kind) -> list[Fault]:
    faults: list[Fault] = []
    if schema.kind != kind:
        faults.append(Fault("wrong_kind", value=schema.kind))
    seen: set[str] = set()
    for column in schema.columns:
        if column.name in seen:
            faults.append(Fault("column_named_twice", column.name))
        seen.add(column.name)
        try:
            column.special_values()
        except ValueError:
            faults.append(Fault("special_code_not_a_number", column.name, value=str(sorted(map(str, column.special)))))
        low, high = column.range or (None, None)
        if low is not None and high is not None and low > high:
            faults.append(Fault("range_upside_down", column.name, value=f"{low:g} to {high:g}"))
        if list(column.bands) != sorted(set(column.bands)):
            faults.append(Fault("bands_not_rising", column.name, value=str(list(column.bands))))
    faults += [
        Fault(f"exactly_one_{role}_column", value=len(schema.of_role(role)))
        for role in ("id", "target")
        if len(schema.of_role(role)) != 1
    ]
    faults += [
        Fault(f"at_most_one_{role}_column", value=len(schema.of_role(role)))
        for role in ("event_time", "available_at", "as_of", "label_time", "weight")
        if len(schema.of_role(role)) > 1
    ]
    faults += _missing(schema)
    faults += [
        Fault("not_a_timestamp", column.name, value=column.type)
        for column in schema.of_role("event_time", "available_at", "as_of", "label_time")
        if column.type != "timestamp"
    ]
    target = schema.one("target")
    if target is not None:
        if not target.bad or not target.good:
            faults.append(Fault("target_needs_bad_and_good", target.name))
        kinds = [{str(code) for code in codes} for codes in (target.bad, target.good, target.unlabelled)]
        both = (kinds[0] & kinds[1]) | (kinds[0] & kinds[2]) | (kinds[1] & kinds[2])
        faults += [Fault("target_value_in_two_kinds", target.name, value=code) for code in sorted(both)]
    return faults


def _missing(schema: Schema) -> list[Fault]:
    """List what a kind cannot do without: features, or for a replay of events when, whose, and at most one amount."""
    faults: list[Fault] = []
    if schema.kind != "risk":
        has_feature = any(column.may_be_feature for column in schema.columns)
        return faults if has_feature else [Fault("no_feature_column")]
    if not schema.of_role("event_time"):
        faults.append(Fault("exactly_one_event_time_column", value=0))
    if not schema.of_role("group"):
        faults.append(Fault("no_group_column"))
    if len(schema.of_role("amount")) > 1:
        faults.append(Fault("at_most_one_amount_column", value=len(schema.of_role("amount"))))
    faults += [Fault("group_of_no_entity", column.name) for column in schema.of_role("group") if not column.entity]
    return faults
