"""The JSON documents of `tiao apr`. Every field is read; an unknown one is refused."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from tiao.lending.rates.times import UnitName, YearCount


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JSON object of which every field is read."""


class _Question(_Strict, frozen=True, tag_field="convention"):
    id: str


class DatedFlow(_Strict, frozen=True):
    """Money on a date, or so many days after the start."""

    amount: str
    on: date | None = None
    after_days: str | None = None


class UnitFlow(_Strict, frozen=True):
    """Money on a date, or so many unit periods and a fraction after the start."""

    amount: str
    on: date | None = None
    after_unit_periods: int | None = None
    fraction: str | None = None


class PlainFlow(_Strict, frozen=True):
    """Money of one period."""

    amount: str


class UnitPeriodDoc(_Strict, frozen=True):
    """The length of a unit period."""

    every: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    unit: UnitName


class EffectiveAnnual(_Question, frozen=True, tag="effective_annual"):
    """EU APRC and XIRR: compound, a year."""

    cash_flows: list[DatedFlow]
    day_count: YearCount | None = None
    days_in_year: str | None = None


class UsActuarial(_Question, frozen=True, tag="us_actuarial"):
    """US Regulation Z, Appendix J: nominal, a year."""

    cash_flows: list[UnitFlow]
    unit_period: UnitPeriodDoc
    unit_periods_per_year: int | str | None = None


class PerPeriod(_Question, frozen=True, tag="per_period"):
    """IRR of flows one period apart."""

    cash_flows: list[PlainFlow]


class AnnuityQuestion(_Question, frozen=True, tag="annuity"):
    """One unknown of a level annuity."""

    solve: Literal["payment", "interest", "principal", "periods", "rate", "present_value", "future_value"]
    annual_rate: str | None = None
    periods_per_year: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    periods: int | str | None = None
    payment: str | None = None
    present_value: str | None = None
    future_value: str | None = None
    numbers: list[Annotated[int, msgspec.Meta(ge=1)]] | None = None


Question = EffectiveAnnual | UsActuarial | PerPeriod | AnnuityQuestion


class RateAnswer(msgspec.Struct, omit_defaults=True):
    """What `tiao apr` answers."""

    id: str
    convention: str
    rate: str | None = None
    is_unique: bool | None = None
    value: str | None = None
    values: list[str] | None = None
