"""A policy pack: rows from a file, one answer for each question, and a hash chain over everything that shaped it.

A value is found so: rows of the id whose time holds the date; switched rows only if an override names them; the
narrowest party wins (a local bank before banks before all lenders); of those left a switched row beats a default one,
and a row narrowed to the case beats one that is not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path
from typing import NamedTuple, Self

import msgspec
import yaml

from tiao.policy.faults import missing, overlaps, row_faults
from tiao.policy.model import Mode, Override, PolicyValue, Row, Source, Stricter
from tiao.policy.refusals import PolicyOverrideRefused, PolicyPackInvalid, PolicyValueMissing

Facts = Mapping[str, int | str | bool]
NO_FACTS: Facts = {}
_MULTIPLE = "_multiple"

#: First bytes of everything that is hashed; a change of the form changes the number.
_CANONICAL_FORM = b"tiao-policy-1\n"


class PackFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as written."""

    schema_version: int
    pack: str
    as_of: date
    currency: str
    applies_to_values: dict[str, str | None]
    sources: dict[str, Source]
    parameters: list[Row]
    required: tuple[str, ...] = ()
    #: Rules that an operator may be stricter about, and which way that is.
    stricter: dict[str, Stricter] = {}


class Found(NamedTuple):
    """A row that answered, and the value it gave once an override had its say."""

    row: Row
    value: PolicyValue


class Pack:
    """Dated rules of one market, unchangeable; every addition gives a new pack whose digest covers the old one's."""

    __slots__ = (
        *("_by_id", "as_of", "currency", "digest", "name", "overrides", "parents", "rows", "sources", "stricter"),
    )

    def __init__(self, file: PackFile, *, required: Iterable[str] = ()) -> None:
        """Refuses: PolicyPackInvalid, naming every fault."""
        faults = row_faults(file.parameters, parents=file.applies_to_values, sources=file.sources)
        faults += overlaps(file.parameters) + missing(file.parameters, (*file.required, *required, *file.stricter))
        if faults:
            raise PolicyPackInvalid(faults)
        self.name = file.pack
        self.currency = file.currency
        self.as_of = file.as_of
        self.parents = file.applies_to_values
        self.sources = file.sources
        self.rows: tuple[Row, ...] = tuple(file.parameters)
        self.overrides: tuple[Override, ...] = ()
        self.stricter = file.stricter
        self.digest = _chain(b"", [[file.pack, file.as_of, file.currency, file.stricter], *file.parameters])
        self._by_id = _index(self.rows)

    @classmethod
    def load(cls, name: str | Path, *, required: Iterable[str] = ()) -> Self:
        """Read a shipped pack by its name (``cn``, ``eu``) or any pack by its path. Refuses: PolicyPackInvalid."""
        file = name if isinstance(name, Path) else resources.files("tiao.policy").joinpath("packs", f"{name}.yaml")
        if not file.is_file():
            raise PolicyPackInvalid([f"there is no pack {name}"])
        return cls.read(file.read_text(encoding="utf-8"), required=required)

    @classmethod
    def read(cls, text: str, *, required: Iterable[str] = ()) -> Self:
        """Read a pack from YAML. Refuses: PolicyPackInvalid."""
        try:
            file = msgspec.convert(yaml.load(text, Loader=yaml.CSafeLoader), PackFile)
        except (yaml.YAMLError, msgspec.ValidationError) as fault:
            raise PolicyPackInvalid([str(fault)]) from fault
        return cls(file, required=required)

    def find(self, name: str, *, on: date, lender_type: str, when: Facts = NO_FACTS) -> Found | None:
        """Find the row that answers for a party on a date, or nothing where no rule reaches."""
        alive = [row for row in self.rows_of(name) if row.holds_on(on) and row.fits(when)]
        line = self.line_of(lender_type)
        for party in line:
            counted = [row for row in alive if party in row.applies_to and self._counts(row, line, on)]
            if counted:
                best = max(_rank(row) for row in counted)
                winners = [row for row in counted if _rank(row) == best]
                assert len(winners) == 1, f"{name}: two rows answer for {party} on {on}"
                return Found(winners[0], self._chosen(winners[0], line, on))
        return None

    def value(self, name: str, *, on: date, lender_type: str, when: Facts = NO_FACTS) -> PolicyValue:
        """Give the value in force. Refuses: PolicyValueMissing."""
        found = self.find(name, on=on, lender_type=lender_type, when=when)
        if found is None:
            raise PolicyValueMissing(f"{name} for {lender_type} on {on}", rule=name, lender_type=lender_type)
        return found.value

    def decimal(self, name: str, *, on: date, lender_type: str, when: Facts = NO_FACTS) -> Decimal:
        """Give a rate or share, exactly; multiples of a benchmark and references to another rule are followed.

        Refuses: PolicyValueMissing.
        """
        value = self.value(name, on=on, lender_type=lender_type, when=when)
        return self._exact(value, on=on, lender_type=lender_type, when=when)

    def _exact(self, value: PolicyValue, *, on: date, lender_type: str, when: Facts = NO_FACTS) -> Decimal:
        match value:
            case str() if value in self._by_id:
                return self.decimal(value, on=on, lender_type=lender_type, when=when)
            case str() | int():
                return Decimal(value)
            case dict():
                benchmark, multiple = self.multiple(value)
                return multiple * self.decimal(benchmark, on=on, lender_type=lender_type)
            case _:
                raise AssertionError(f"{value!r} is not a number")

    def reaches(self, name: str, *, on: date, lender_type: str, when: Facts = NO_FACTS) -> bool:
        """Tell whether a rule, and the rule it refers to if it does, answers for a party on a date."""
        found = self.find(name, on=on, lender_type=lender_type, when=when)
        if found is None or not isinstance(found.value, str) or found.value not in self._by_id:
            return found is not None
        return self.reaches(found.value, on=on, lender_type=lender_type, when=when)

    def multiple(self, value: Mapping[str, str]) -> tuple[str, Decimal]:
        """Read ``{lpr_1y_multiple: "4"}``: the benchmark's id and how many times it is taken."""
        ((key, times),) = value.items()
        benchmark = key.removesuffix(_MULTIPLE)
        assert benchmark in self._by_id, f"{key} names no benchmark"
        return benchmark, Decimal(times)

    def integer(self, name: str, *, on: date, lender_type: str, when: Facts = NO_FACTS) -> int:
        """Give an amount in minor units or a count. Refuses: PolicyValueMissing."""
        value = self.value(name, on=on, lender_type=lender_type, when=when)
        assert isinstance(value, int), f"{name} is not a whole number"
        return value

    def flag(self, name: str, *, on: date, lender_type: str, when: Facts = NO_FACTS) -> bool:
        """Give a yes or no; where no row reaches, the duty does not exist yet and the answer is no."""
        found = self.find(name, on=on, lender_type=lender_type, when=when)
        assert found is None or isinstance(found.value, bool), f"{name} is not a yes or no"
        return found is not None and found.value is True

    def text(self, name: str, *, on: date, lender_type: str, when: Facts = NO_FACTS) -> str:
        """Give the name of a choice. Refuses: PolicyValueMissing."""
        value = self.value(name, on=on, lender_type=lender_type, when=when)
        assert isinstance(value, str), f"{name} is not a choice"
        return value

    def overridden(self, override: Override) -> Pack:
        """Apply an operator's override. Refuses: PolicyOverrideRefused."""
        self._check(override)
        after = self._copy()
        after.overrides = (*self.overrides, override)
        after.digest = _chain(bytes.fromhex(self.digest), [override])
        return after

    def extended(self, rows: Sequence[Row], *, by: str, reason: str) -> Pack:
        """Add rows, such as a month's benchmark rate; each ends the open row before it. Refuses: PolicyPackInvalid."""
        kept = list(self.rows)
        for row in rows:
            kept = [_ended_by(old, row) for old in kept]
            kept.append(row)
        faults = row_faults(rows, parents=self.parents, sources=self.sources) + overlaps(kept)
        if faults:
            raise PolicyPackInvalid(faults)
        after = self._copy()
        after.rows = tuple(kept)
        after.digest = _chain(bytes.fromhex(self.digest), [[by, reason], *rows])
        after._by_id = _index(after.rows)  # noqa: SLF001  its own kind
        return after

    def line_of(self, party: str) -> tuple[str, ...]:
        """Name a party and the wider ones it belongs to, narrowest first."""
        assert party in self.parents, f"no party is called {party}"
        line = [party]
        while (wider := self.parents[line[-1]]) is not None:
            line.append(wider)
        return tuple(line)

    def ids(self) -> tuple[str, ...]:
        """List the ids of all rules, in the order of the file."""
        return tuple(self._by_id)

    def rows_of(self, name: str) -> tuple[Row, ...]:
        """List the rows of one rule."""
        return self._by_id.get(name, ())

    def _counts(self, row: Row, line: tuple[str, ...], on: date) -> bool:
        return row.mode is Mode.DEFAULT or any(
            item.rule == row.id and item.switches_on == row.source and item.applies_to in line and item.holds_on(on)
            for item in self.overrides
        )

    def _chosen(self, row: Row, line: tuple[str, ...], on: date) -> PolicyValue:
        for item in reversed(self.overrides):
            if item.rule == row.id and item.chooses is not None and item.applies_to in line and item.holds_on(on):
                return item.chooses
        value = row.value
        for item in self.overrides:
            if item.rule == row.id and item.tightens is not None and item.applies_to in line and item.holds_on(on):
                value = item.tightens if self._is_stricter(item, value, line[0], on) else value
        return value

    def _is_stricter(self, item: Override, value: PolicyValue, party: str, on: date) -> bool:
        """Tell whether an override is stricter than a value; the law may have overtaken it since it was made."""
        if item.tightens is None or type(item.tightens) is not (int if isinstance(value, int) else str):
            return False
        wanted, found = Decimal(item.tightens), self._exact(value, on=on, lender_type=party)
        return wanted < found if self.stricter[item.rule] is Stricter.LOWER else wanted > found

    def _may_tighten(self, item: Override, rows: Iterable[Row], reach: tuple[str, ...]) -> bool:
        """Tell whether the pack lets a rule be stricter, and the number is that against some row in force by then."""
        if item.rule not in self.stricter or not _is_number(item.tightens):
            return False
        reached = [row for row in rows if not set(reach).isdisjoint(row.applies_to) and row.holds_on(item.starts_on)]
        return any(self._is_stricter(item, row.value, item.applies_to, item.starts_on) for row in reached)

    def _check(self, item: Override) -> None:
        rows = self.rows_of(item.rule)
        reach = self.line_of(item.applies_to) if item.applies_to in self.parents else ()
        is_switch = any(
            row.mode is Mode.SWITCH and row.source == item.switches_on and not set(reach).isdisjoint(row.applies_to)
            for row in rows
        )
        # A yes or no that is law is no choice; where a law leaves one, its row lists the options.
        is_choice = any(
            item.chooses in row.options
            or (isinstance(row.value, bool) and isinstance(item.chooses, bool) and row.binding != "law")
            for row in rows
        )
        named = [item.switches_on, item.chooses, item.tightens]
        is_tighter = item.tightens is not None
        demands = {
            "it names one thing, a switch, a choice or a stricter number": sum(one is not None for one in named) == 1,
            "this rule has no such switch for this party": item.switches_on is None or is_switch,
            "this rule has no such choice": item.chooses is None or is_choice,
            "this rule cannot be stricter for this party, or the number is not": not is_tighter
            or self._may_tighten(item, rows, reach),
            "somebody stands behind it, and two people unless it is only stricter": bool(item.approved_by)
            and (is_tighter or (bool(item.reviewed_by) and item.approved_by != item.reviewed_by)),
            "it gives a reason": bool(item.reason.strip()),
            "it is reviewed before it ends": item.approved_on <= item.review_on <= item.expires_on,
            "it ends after it starts": item.approved_on <= item.starts_on < item.expires_on,
        }
        faults = [demand for demand, is_met in demands.items() if not is_met]
        if faults:
            raise PolicyOverrideRefused("; ".join(faults), rule=item.rule)

    def _copy(self) -> Pack:
        after = object.__new__(Pack)
        for slot in self.__slots__:
            setattr(after, slot, getattr(self, slot))
        return after


def canonical(part: object) -> bytes:
    """Give the bytes that are hashed: JSON with sorted keys and no spaces, after the number of this form."""
    plain = msgspec.to_builtins(part, str_keys=True)
    return _CANONICAL_FORM + json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _chain(before: bytes, parts: Iterable[object]) -> str:
    digest = before
    for part in parts:
        digest = hashlib.sha256(digest + canonical(part)).digest()
    return digest.hex()


def _index(rows: Sequence[Row]) -> dict[str, tuple[Row, ...]]:
    index: dict[str, list[Row]] = {}
    for row in rows:
        index.setdefault(row.id, []).append(row)
    return {name: tuple(group) for name, group in index.items()}


def _is_number(value: int | str | None) -> bool:
    """Tell whether something is a number that is not negative."""
    try:
        number = Decimal(-1 if value is None else value)
    except InvalidOperation:
        return False
    return number.is_finite() and number >= 0


def _rank(row: Row) -> tuple[bool, bool]:
    return row.mode is Mode.SWITCH, bool(row.when)


def _ended_by(old: Row, new: Row) -> Row:
    is_same_place = (old.id, old.mode, old.applies_to, old.when) == (new.id, new.mode, new.applies_to, new.when)
    if not is_same_place or old.effective_to is not None or new.effective_from is None:
        return old
    if old.effective_from is not None and old.effective_from >= new.effective_from:
        return old
    return msgspec.structs.replace(old, effective_to=new.effective_from)
