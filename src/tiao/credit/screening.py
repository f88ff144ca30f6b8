"""Which lines a review would change, over arrays: most stay as they are, and need no rule run, no lock and no record.

The rule of one line stays the only one that decides (`tiao.credit.rules.review_limit`). Here is only told, exactly, of
whom it would say anything: comparisons of whole numbers, and of the behaviour with the smallest number that passes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tiao.credit import reasons
from tiao.credit.model import LineHistory
from tiao.credit.rules import grade_limit
from tiao.credit.strategy import LimitPolicy
from tiao.credit.warning.rules import FRESH_DAYS
from tiao.values.money import AMOUNT_MAX_MINOR

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

#: The warnings, in the order in which a review names them.
_CODES = (reasons.WARNING_LATE_BILLS, reasons.WARNING_USE, reasons.WARNING_BEHAVIOUR)
#: Above every amount: what nothing bounds.
_UNBOUNDED = 2 * AMOUNT_MAX_MINOR
#: A share is computed in whole numbers as long as they fit; a policy of more digits has its lines looked at one by one.
_SHARE_TERM_MAX = 1_000_000


class Standing(NamedTuple):
    """How a line stands when it is reviewed, besides its history. *grade* is the last given, if any was.

    *limit_minor* is the whole limit; of a line with sublimits the fixed one is found when it is looked at.
    """

    line_id: object
    is_active: bool
    limit_minor: int
    used_minor: int
    sublimits: int
    grade: str | None
    income_minor: int | None
    behaviour: float | None
    behaviour_on: date | None
    flags: Sequence[str]


class Columns(NamedTuple):
    """Lines as arrays; -1 where an amount or a bound is not known.

    *Shape*: (lines,), and (warnings, lines) of those that were on. *is_odd* are those that are looked at in any case:
    lines with sublimits, and warnings not written as a review writes them.
    """

    is_active: Flags
    limit: Counts
    used: Counts
    floor: Counts
    ceiling: Counts
    income: Counts
    behaviour: npt.NDArray[np.float64]
    warned: Flags
    is_odd: Flags
    on_time: Counts
    since_change: Counts
    late: Counts
    stage: Counts
    is_after_cut: Flags


def changing(
    policy: LimitPolicy,
    standings: Sequence[Standing],
    histories: Sequence[LineHistory],
    *,
    on: date,
    cap_minor: int | None,
) -> Flags:
    """Tell which lines a review would decide about, or see other warnings on; those are to be looked at one by one.

    *Shape*: one answer a line, in order. What the profile says is not known here, and can only hold a raise back.
    """
    if not standings:
        return np.zeros(0, dtype=np.bool_)
    if not _is_countable(policy):
        return np.ones(len(standings), dtype=np.bool_)
    lines = columns_of(policy, standings, histories, on=on)
    warned = _warned(policy, lines)
    is_other: Flags = (warned != lines.warned).any(axis=0) | lines.is_odd
    return is_other | (lines.is_active & _decides(policy, lines, warned, cap_minor))


def columns_of(
    policy: LimitPolicy, standings: Sequence[Standing], histories: Sequence[LineHistory], *, on: date
) -> Columns:
    """Lay lines out in arrays."""
    _, active, limit, used, sublimits, grades, incomes, behaviour, behaviour_on, flags = zip(*standings, strict=True)
    _, on_time, stage, since_change, late, after_cut = zip(*histories, strict=True)
    rows = {grade: grade_limit(policy, policy.thin_file.grade if grade is None else grade) for grade in set(grades)}
    floors = {grade: -1 if row is None else row.floor_minor for grade, row in rows.items()}
    ceilings = {grade: -1 if row is None else row.ceiling_minor for grade, row in rows.items()}
    days = {day: day is not None and 0 <= (on - day).days <= FRESH_DAYS for day in set(behaviour_on)}
    known = [
        math.nan if value is None or not days[day] else value
        for value, day in zip(behaviour, behaviour_on, strict=True)
    ]
    seen = [tuple(names) for names in flags]
    kept = {names: tuple(code in names for code in _CODES) for names in set(seen)}
    odd = {names for names in kept if names != tuple(code for code in _CODES if code in names)}
    return Columns(
        is_active=np.array(active, dtype=np.bool_),
        limit=np.array(limit, dtype=np.int64),
        used=np.array(used, dtype=np.int64),
        floor=np.array([floors[grade] for grade in grades], dtype=np.int64),
        ceiling=np.array([ceilings[grade] for grade in grades], dtype=np.int64),
        income=np.array([-1 if income is None else income for income in incomes], dtype=np.int64),
        behaviour=np.array(known, dtype=np.float64),
        warned=np.array([kept[names] for names in seen], dtype=np.bool_).T,
        is_odd=np.array(
            [count > 0 or names in odd for count, names in zip(sublimits, seen, strict=True)], dtype=np.bool_
        ),
        on_time=np.array(on_time, dtype=np.int64),
        since_change=np.array(since_change, dtype=np.int64),
        late=np.array(late, dtype=np.int64),
        stage=np.array(stage, dtype=np.int64),
        is_after_cut=np.array(after_cut, dtype=np.bool_),
    )


def _warned(policy: LimitPolicy, lines: Columns) -> Flags:
    """Say which warnings are on, as `rules.warnings_on` does. *Shape*: (warnings, lines)."""
    bands, whole = policy.warnings, np.maximum(lines.limit, 1)
    levels = (
        (lines.late >= math.ceil(bands.late_bills.on_from), lines.late > math.floor(bands.late_bills.off_at)),
        (
            _scaled(lines.used, bands.use.on_from) >= _parts(whole, bands.use.on_from),
            _scaled(lines.used, bands.use.off_at) > _parts(whole, bands.use.off_at),
        ),
        (
            np.nan_to_num(lines.behaviour) >= _least(bands.behaviour.on_from),
            np.nan_to_num(lines.behaviour) > _most(bands.behaviour.off_at),
        ),
    )
    return np.array(
        [comes | (before & stays) for (comes, stays), before in zip(levels, lines.warned, strict=True)], dtype=np.bool_
    )


def _decides(policy: LimitPolicy, lines: Columns, warned: Flags, cap_minor: int | None) -> Flags:
    """Say for which lines `rules.review_limit` has a verdict, given that they are active."""
    count, is_graded = warned.sum(axis=0), lines.floor >= 0
    frozen = lines.stage >= policy.freeze_from_stage
    if policy.freeze_from_warnings > 0:
        frozen |= is_graded & (count >= policy.freeze_from_warnings)
    is_cut = (count >= policy.cut_from_warnings) & (lines.since_change >= policy.cut_rest_bills)
    cut = _steps(policy, np.maximum(lines.floor, _share_of(lines.limit, 1 - Fraction(policy.cut_share))))
    needed = np.where(lines.is_after_cut, policy.raise_after_cut_bills, policy.raise_after_bills)
    is_calm = np.isnan(lines.behaviour) | (lines.behaviour <= _most(policy.raise_behaviour_max))
    is_clean = (count == 0) & (lines.stage == 0) & (lines.on_time >= needed) & is_calm
    by_income = np.maximum(lines.floor, _share_of(lines.income, Fraction(policy.income_cap_multiple)))
    most = np.minimum(lines.ceiling, policy.programme_cap_minor if cap_minor is None else cap_minor)
    most = np.minimum(np.minimum(most, policy.programme_cap_minor), np.where(lines.income < 0, _UNBOUNDED, by_income))
    raised = _steps(policy, np.minimum(_share_of(lines.limit, 1 + Fraction(policy.raise_share)), most))
    moves = np.where(is_cut, cut < lines.limit, is_clean & (raised > lines.limit))
    return np.asarray(frozen | (is_graded & moves), dtype=np.bool_)


def _is_countable(policy: LimitPolicy) -> bool:
    """Tell whether the policy's shares are computed in 64 bits."""
    bands = policy.warnings
    shares = (policy.cut_share, policy.raise_share, policy.income_cap_multiple, bands.use.on_from, bands.use.off_at)
    return all(max(abs(each.numerator), each.denominator) <= _SHARE_TERM_MAX for each in map(Fraction, shares))


def _share_of(amount: Counts, share: Fraction) -> Counts:
    """Take a share of amounts. Rounds: down; none is negative where it counts."""
    return amount * share.numerator // share.denominator


def _steps(policy: LimitPolicy, limit: Counts) -> Counts:
    return limit - limit % policy.limit_step_minor


def _scaled(part: Counts, share: Decimal) -> Counts:
    """Scale a part so that it compares with `_parts` of a whole as its share does with *share*, without dividing."""
    return part * Fraction(share).denominator


def _parts(whole: Counts, share: Decimal) -> Counts:
    return whole * Fraction(share).numerator


def _least(level: Decimal) -> float:
    """Give the smallest float that is at least *level*."""
    near = float(level)
    return near if Fraction(near) >= Fraction(level) else math.nextafter(near, math.inf)


def _most(level: Decimal) -> float:
    """Give the largest float that is at most *level*."""
    near = float(level)
    return near if Fraction(near) <= Fraction(level) else math.nextafter(near, -math.inf)
