"""Two lives of one world side by side: what early warning did to losses, limits and their use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from tiao.credit.warning import actions as warning
from tiao.credit.warning import rules
from tiao.learning.metrics import auc, caught
from tiao.lending import months
from tiao.reports.model import DayRow
from tiao.reports.paired import CustomerLife, differences
from tiao.reports.reading import report, share
from tiao.reports.tables import Table, amount, percent
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import BUCKETS

_QUERIES = load_queries("tiao.reports", "beside.sql")
#: A warning is right where its line comes to be 31 days late in so many days.
RIGHT_WITHIN_DAYS = 90


class Sums(NamedTuple):
    """What limits and losses came to at the end, and what moved limits on the way."""

    lines: int
    limits_minor: int
    used_minor: int
    captured_minor: int
    declined: int
    lost_loans: int
    lost_minor: int
    recovered_minor: int
    late_minor: int
    income_minor: int
    raised: int
    cut: int
    frozen: int
    scores: int
    warned: int


class Hit(Struct, frozen=True):
    """How well scores told what came of lines: *caught* is the share of bad rows that the worst tenth holds."""

    rows: int
    bad: int
    auc: float
    caught: float


class Side(Struct, frozen=True):
    """One life. *use* is the mean share of limits in use over its days; *hit* is None where nothing was scored."""

    name: str
    currency: str
    sums: Sums
    use: str | None
    days: tuple[date, ...]
    outstanding_minor: tuple[int, ...]
    limits_minor: tuple[int, ...]
    lost_minor: tuple[int, ...]
    hit: Hit | None
    customers: tuple[CustomerLife, ...] = ()


async def side(tx: Tx, name: str) -> Side:
    """Read one life; *tx* is a snapshot. Refuses: ProgrammeMissing."""
    read = await report(tx)
    days = [row.day for row in read.days]
    limits = _running(days, await _by_day(tx, _QUERIES.limits_by_day))
    return Side(
        name=name,
        currency=read.currency,
        sums=await tx.one(_QUERIES.side, Sums),
        use=share(sum(row.outstanding_minor for row in read.days), sum(limits)),
        days=tuple(days),
        outstanding_minor=tuple(row.outstanding_minor for row in read.days),
        limits_minor=limits,
        lost_minor=_running(days, await _by_day(tx, _QUERIES.lost_by_day)),
        hit=await _hit(tx, _last(read.days)),
        customers=tuple(await tx.rows(_QUERIES.by_customer, CustomerLife)),
    )


def table(off: Side, on: Side) -> Table:
    """Lay two lives out beside each other, with what the second has more."""
    currency = off.currency

    def money(name: str, before: int, after: int) -> tuple[str, ...]:
        return (name, amount(before, currency), amount(after, currency), amount(after - before, currency))

    def count(name: str, before: int, after: int) -> tuple[str, ...]:
        return (name, f"{before:,}", f"{after:,}", f"{after - before:+,}")

    a, b = off.sums, on.sums
    rows = [
        count("lines", a.lines, b.lines),
        money("limits at the end", a.limits_minor, b.limits_minor),
        money("in use at the end", a.used_minor, b.used_minor),
        ("mean share of limits in use", percent(off.use), percent(on.use), ""),
        money("bought", a.captured_minor, b.captured_minor),
        count("purchases declined", a.declined, b.declined),
        money("income", a.income_minor, b.income_minor),
        count("loans lost", a.lost_loans, b.lost_loans),
        money("principal lost", a.lost_minor, b.lost_minor),
        ("  as a share of what was bought", _share(a), _share(b), ""),
        money("recovered", a.recovered_minor, b.recovered_minor),
        money("61 or more days late at the end", a.late_minor, b.late_minor),
        money("income less what is lost or 61 days late", _left(a), _left(b)),
        count("limits raised", a.raised, b.raised),
        count("limits cut", a.cut, b.cut),
        count("lines frozen", a.frozen, b.frozen),
        count("monthly scores", a.scores, b.scores),
        count("lines that warn at the end", a.warned, b.warned),
    ]
    return Table("Early warning", ("", off.name, on.name, "difference"), tuple(rows))


def hit_table(sides: Sequence[Side]) -> Table:
    """Lay out how well the scores told beforehand what came of lines."""
    rows = [
        (each.name, f"{each.hit.rows:,}", f"{each.hit.bad:,}", f"{each.hit.auc:.3f}", f"{each.hit.caught:.1%}")
        for each in sides
        if each.hit is not None
    ]
    title = f"Scores against lines 31 days late within {RIGHT_WITHIN_DAYS} days"
    return Table(title, ("", "ripe scores", "late", "AUC", "caught in the worst tenth"), tuple(rows))


def paired_table(off: Side, on: Side) -> Table:
    """Say of each figure whether the two lives differ by more than chance."""

    def told(value: float, kind: str) -> str:
        return f"{value / 1e4:.2f} %" if kind == "ppm" else amount(round(value), off.currency)

    rows = [
        (
            each.name,
            told(each.before, each.kind),
            told(each.after, each.kind),
            told(each.more, each.kind),
            f"{told(each.low, each.kind)} to {told(each.high, each.kind)}",
        )
        for each in differences(off.customers, on.customers)
    ]
    title = f"What it did, over the same {len(on.customers)} customers"
    return Table(title, ("", off.name, on.name, "difference", "95 % of draws"), tuple(rows))


def _left(sums: Sums) -> int:
    return sums.income_minor - sums.lost_minor + sums.recovered_minor - sums.late_minor


def _share(sums: Sums) -> str:
    return percent(share(sums.lost_minor, sums.captured_minor))


def _running(days: Sequence[date], moved: dict[date, int]) -> tuple[int, ...]:
    total, found = 0, []
    for day in days:
        total += moved.get(day, 0)
        found.append(total)
    return tuple(found)


async def _by_day(tx: Tx, query: str) -> dict[date, int]:
    _, rows = await tx.table(query)
    return dict(rows)


def _last(days: Sequence[DayRow]) -> date:
    return days[-1].day if days else date.min


async def _hit(tx: Tx, today: date) -> Hit | None:
    found = []
    for bucket in range(BUCKETS):
        scores = await warning.scores_in_bucket(tx, bucket)
        if scores:
            late = await months.late_after(tx, [(each.line_id, each.scored_on) for each in scores])
            rows = rules.looked(scores, late, today=today, days=RIGHT_WITHIN_DAYS)
            known = {(each.line_id, each.scored_on): each.is_bad for each in rows}
            found += [
                (known[each.line_id, each.scored_on], each.probability)
                for each in scores
                if (each.line_id, each.scored_on) in known
            ]
    bad = sum(is_bad for is_bad, _ in found)
    if not 0 < bad < len(found):
        return None
    target = np.array([float(is_bad) for is_bad, _ in found])
    probability = np.array([each for _, each in found])
    return Hit(len(found), bad, round(auc(target, probability), 4), round(caught(target, probability), 4))
