"""From a schema and a table to features: columns as they are, and formulas that names and units suggest."""

from __future__ import annotations

from typing import NamedTuple

from tiao.credit.scoring.features import cleaner, formula
from tiao.credit.scoring.model import Column, Feature
from tiao.credit.training.binning import Value
from tiao.credit.training.champion import Values
from tiao.credit.training.enrichment import Candidate, candidates
from tiao.credit.training.texts import family_of
from tiao.learning.cells import Cell
from tiao.learning.coding import special_key
from tiao.learning.contract import Table
from tiao.learning.schema import ColumnSchema, Schema

#: A code of its own is worth a feature when this many rows carry it.
_CODE_ROWS = 50
#: A label column with more distinct values than this share of the rows is a name, not a category.
_NAMES_SHARE = 0.5


class Design(NamedTuple):
    """What the model reads. *plain* are columns as they are, *codes* mark special codes, *blocks* hold formulas."""

    columns: tuple[Column, ...]
    plain: tuple[Candidate, ...]
    codes: tuple[Candidate, ...]
    blocks: tuple[tuple[Candidate, ...], ...]
    left_out: dict[str, str]

    @property
    def derived(self) -> tuple[Candidate, ...]:
        """List the formulas of all blocks."""
        return tuple(one for block in self.blocks for one in block)


def design_of(schema: Schema, table: Table) -> Design:
    """Choose columns and formulas; a constant or a column of names is left out with the reason."""
    columns, plain, left_out = [], [], {}
    for number, spec in enumerate((c for c in schema.columns if c.role in {"feature", "amount"}), start=1):
        reason = None if spec.may_be_feature else f"type {spec.type} is not a tabular feature"
        reason = reason or _useless(spec, table.cells[spec.name])
        if reason is not None:
            left_out[spec.name] = reason
            continue
        low, high = spec.range or (None, None)
        kind: str = "number" if spec.is_number else "category"
        columns.append(Column(spec.name, kind, spec.special_values(), low, high))  # type: ignore[arg-type]
        family = spec.family or family_of(spec.name, number=number)
        feature = Feature(spec.name, kind, family, (spec.name,))  # type: ignore[arg-type]
        plain.append(Candidate(feature, spec.direction if spec.is_number else None))
    by_name = {spec.name: spec for spec in schema.columns}
    codes = _codes(columns, plain, table)
    return Design(tuple(columns), tuple(plain), tuple(codes), candidates(plain, by_name), left_out)


def _useless(spec: ColumnSchema, cells: list[Cell]) -> str | None:
    distinct = {cell for cell in cells if cell is not None}
    if not distinct:
        return "no value at all"
    if len(distinct) == 1 and all(cell is not None for cell in cells):
        return "constant"
    if not spec.is_number and len(distinct) > max(50, _NAMES_SHARE * len(cells)):
        return f"{len(distinct)} distinct labels in {len(cells)} rows: a name, not a category"
    return None


def _codes(columns: list[Column], plain: list[Candidate], table: Table) -> list[Candidate]:
    """Mark each special code that enough rows carry; codes that always come together are marked once."""
    seen: set[bytes] = set()
    marked = []
    for column, one in zip(columns, plain, strict=True):
        for code in column.special:
            is_code = bytes(cell == code for cell in table.cells[column.name])
            if sum(is_code) >= _CODE_ROWS and is_code not in seen:
                seen.add(is_code)
                name = f"{column.name} is {special_key(code)}"
                feature = Feature(name, "number", one.feature.family, (column.name,), "is_code", code)
                marked.append(Candidate(feature, None))
    return marked


def values_of(columns: tuple[Column, ...], chosen: tuple[Candidate, ...], table: Table) -> Values:
    """Compute feature values with the very functions that serve them."""
    by_name = {column.name: column for column in columns}
    cleaned = {name: [cleaner(column)(cell) for cell in table.cells[name]] for name, column in by_name.items()}
    computed: list[list[Value]] = []
    special: list[tuple[float, ...]] = []
    for candidate in chosen:
        feature = candidate.feature
        value = formula(feature, by_name)
        computed.append([value(*cells) for cells in zip(*(cleaned[name] for name in feature.inputs), strict=True)])
        special.append(by_name[feature.inputs[0]].special if feature.op == "value" else ())
    features = tuple(candidate.feature for candidate in chosen)
    return Values(features, computed, special, [candidate.direction for candidate in chosen])
