"""A report as one HTML file: tables, charts, equations, and no request to anybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from tiao.reports.beside import Side, hit_table, paired_table, table
from tiao.reports.charts import Series, bar_chart, line_chart
from tiao.reports.model import Report
from tiao.reports.tables import STAGES, Table, equation_rows, tables
from tiao.reports.terminal import figure
from tiao.values.money import CURRENCY_DECIMALS

_BLUE, _GREEN, _ORANGE, _GREY = "#2b5fa8", "#2f8a57", "#c26a1b", "#6b7280"


def render(report: Report) -> str:
    """Write the page."""
    return _template().render(
        report=report,
        tables=[table for table in tables(report) if table.rows],
        charts=_charts(report),
        equations=[(equation, equation_rows(equation)) for equation in report.equations],
        figure=lambda equation, value: figure(equation, value, report.currency),
    )


def _charts(report: Report) -> list[tuple[str, str]]:
    unit = 10 ** CURRENCY_DECIMALS[report.currency]
    days = [row.day for row in report.days]
    return [
        (
            f"Captured and received a day, {report.currency}",
            line_chart(
                "Captured and received a day",
                days,
                [
                    Series("captured", _BLUE, [row.captured_minor for row in report.days]),
                    Series("received", _GREEN, [row.received_minor for row in report.days]),
                    Series("paid out", _GREY, [row.paid_out_minor for row in report.days]),
                ],
                unit=unit,
            ),
        ),
        (
            f"Outstanding at the end of a day, {report.currency}",
            line_chart(
                "Outstanding at the end of a day",
                days,
                [Series("outstanding", _ORANGE, [row.outstanding_minor for row in report.days])],
                unit=unit,
            ),
        ),
        (
            "Purchases captured a day",
            line_chart(
                "Purchases captured a day",
                days,
                [Series("purchases", _BLUE, [row.purchases for row in report.days])],
                unit=1,
            ),
        ),
        (
            f"Principal outstanding by days past due, {report.currency}",
            bar_chart(
                "Principal outstanding by days past due",
                [STAGES[row.stage] for row in report.stages],
                Series("principal", _BLUE, [row.principal_minor for row in report.stages]),
                unit=unit,
            ),
        ),
        (
            "Declined purchases by reason",
            bar_chart(
                "Declined purchases by reason",
                [each.reason for each in report.decline_reasons],
                Series("purchases", _ORANGE, [each.purchases for each in report.decline_reasons]),
                unit=1,
            ),
        ),
    ]


def render_beside(off: Side, on: Side) -> str:
    """Write the page of two lives side by side."""
    money = 10 ** CURRENCY_DECIMALS[off.currency]
    drawn = (
        ("Principal lost so far", off.lost_minor, on.lost_minor, off.currency, money),
        ("Outstanding at the end of a day", off.outstanding_minor, on.outstanding_minor, off.currency, money),
        ("Limits of all lines", off.limits_minor, on.limits_minor, off.currency, money),
        ("Share of limits in use", _in_use(off), _in_use(on), "%", 100),
    )
    tables = (paired_table(off, on), table(off, on), hit_table([off, on]))
    return _template("beside.html").render(
        off=off,
        tables=[each for each in tables if each.rows],
        charts=[
            (f"{title}, {unit}", line_chart(title, off.days, _pair(off, on, before, after), unit=scale))
            for title, before, after, unit, scale in drawn
        ],
    )


def _in_use(side: Side) -> list[int]:
    """Give the share of limits in use on each day, in hundredths of a percent."""
    return [
        10_000 * used // limit if limit else 0
        for used, limit in zip(side.outstanding_minor, side.limits_minor, strict=True)
    ]


def render_lives(
    title: str, intro: str, tables: Sequence[Table], charts: Sequence[tuple[str, Sequence[date], Sequence[Series], int]]
) -> str:
    """Write a page of tables and of lines over days; each chart with its title, days, series and unit."""
    drawn = [(name, line_chart(name, days, series, unit=unit)) for name, days, series, unit in charts]
    return _template("lives.html").render(title=title, intro=intro, tables=tables, charts=drawn)


def _pair(off: Side, on: Side, before: Sequence[int], after: Sequence[int]) -> list[Series]:
    return [Series(off.name, _GREY, before), Series(on.name, _ORANGE, after)]


@cache
def _template(name: str = "report.html") -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    text = (files("tiao.reports") / "templates" / name).read_text(encoding="utf-8")
    return environment.from_string(text)
