"""What a policy pack is made of: rows with dates, and overrides that name who, why and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum

from msgspec import Struct

#: What a row may hold: YAML's own scalars, lists and maps. Rates and shares are exact decimal strings.
PolicyValue = object


class Mode(Enum):
    """Whether a row counts by itself or only when an override switches it on."""

    DEFAULT = "default"
    SWITCH = "switch"


class Stricter(Enum):
    """Which way a number must go to be stricter on the lender than the pack."""

    LOWER = "lower"
    HIGHER = "higher"


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a row's number comes from."""

    name: str
    in_force: date | None = None
    address: str | None = None
    note: str | None = None


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """One dated value: it holds for *applies_to* from *effective_from* up to, not including, *effective_to*.

    *anchor* says which date is asked: the contract's unless the row names another. *when* narrows the row to cases.
    """

    id: str
    value: PolicyValue
    unit: str
    applies_to: tuple[str, ...]
    binding: str
    evidence: str
    source: str
    enforced_in: str
    effective_from: date | None = None
    effective_to: date | None = None
    mode: Mode = Mode.DEFAULT
    anchor: str = "contract_date"
    when: dict[str, int | str | bool] = {}
    options: tuple[str, ...] = ()
    verify: bool = False
    confidence: str | None = None
    article: str | None = None
    see_also: tuple[str, ...] = ()
    must_refuse: str | None = None
    note: str | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether *day* lies in the row's time."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day < self.effective_to
        )

    def fits(self, facts: Mapping[str, int | str | bool]) -> bool:
        """Tell whether the row is narrowed to this case: `_max` and `_min` compare, anything else must be equal."""
        return all(_condition_holds(key, wanted, facts) for key, wanted in self.when.items())


class Override(Struct, frozen=True, forbid_unknown_fields=True):
    """An operator's departure from a default: it switches a row on, chooses another option, or is stricter.

    Exactly one of *switches_on* (the row's source), *chooses* and *tightens* is set. What is only stricter needs no
    second person. It holds from *from_on*, or the day of its approval, up to, not including, *expires_on*.
    """

    rule: str
    applies_to: str
    approved_by: str
    reviewed_by: str
    reason: str
    approved_on: date
    review_on: date
    expires_on: date
    switches_on: str | None = None
    chooses: str | bool | None = None
    tightens: int | str | None = None
    from_on: date | None = None

    @property
    def starts_on(self) -> date:
        """The first day on which it is in force."""
        return self.from_on or self.approved_on

    def holds_on(self, day: date) -> bool:
        """Tell whether the override is in force on *day*."""
        return self.starts_on <= day < self.expires_on


def _condition_holds(key: str, wanted: int | str | bool, facts: Mapping[str, int | str | bool]) -> bool:  # noqa: FBT001  a condition's value may be a boolean
    name, bound = (key[:-4], key[-3:]) if key.endswith(("_max", "_min")) else (key, "")
    if name not in facts:
        return False
    if not bound:
        return facts[name] == wanted
    fact = facts[name]
    assert isinstance(fact, int), f"{name} is compared, so it is a number"
    assert isinstance(wanted, int), f"{key} is a bound, so it is a number"
    return fact <= wanted if bound == "max" else fact >= wanted
