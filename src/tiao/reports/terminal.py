"""A report in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tiao.reports.model import Equation, Report
from tiao.reports.tables import Table, amount, equation_rows, tables


def show(out: Console, report: Report) -> None:
    """Print every table, and the equations last."""
    out.print(f"[bold]{escape(report.programme)}[/bold]: {report.opened_on} to {report.closed_through}")
    show_tables(out, tables(report))
    out.print(_equations(report))
    verdict = "[green]every equation holds[/green]" if report.is_balanced else "[red]an equation does not hold[/red]"
    out.print(f"{len(report.equations)} equations: {verdict}")


def show_tables(out: Console, shown: Sequence[Table]) -> None:
    """Print tables that have rows."""
    for table in shown:
        if table.rows:
            out.print(_drawn(table))


def _drawn(table: Table) -> RichTable:
    drawn = RichTable(title=escape(table.title), title_justify="left")
    for place, column in enumerate(table.columns):
        drawn.add_column(column, justify="right" if place >= table.numbers_from else "left")
    for row in table.rows:
        drawn.add_row(*(escape(cell) for cell in row))
    return drawn


def _equations(report: Report) -> RichTable:
    drawn = RichTable(title="Reconciliation, each figure from the place named beside it", title_justify="left")
    for side in ("left side", "right side"):
        drawn.add_column(side)
        drawn.add_column(report.currency, justify="right", no_wrap=True)
    for equation in report.equations:
        _add(drawn, equation, report.currency)
    return drawn


def _add(drawn: RichTable, equation: Equation, currency: str) -> None:
    """Add an equation: its name, both sides term by term, their sums and the difference."""

    def cell(value: int) -> str:
        return figure(equation, value, currency)

    drawn.add_row(f"[bold]{escape(equation.name)}[/bold]")
    for left, left_from, left_amount, right, right_from, right_amount in equation_rows(equation):
        drawn.add_row(
            escape(f"{left} [{left_from}]") if left else "",
            cell(left_amount) if left else "",
            escape(f"{right} [{right_from}]") if right else "",
            cell(right_amount) if right else "",
        )
    drawn.add_row("sum", cell(equation.left_minor), "sum", cell(equation.right_minor))
    colour = "green" if equation.difference_minor == 0 else "red"
    drawn.add_row("", "", f"[{colour}]difference[/{colour}]", cell(equation.difference_minor), end_section=True)


def figure(equation: Equation, value: int, currency: str) -> str:
    """Write a figure of an equation: purchases as a count, money in major units."""
    return f"{value:,}" if is_count(equation) else amount(value, currency)


def is_count(equation: Equation) -> bool:
    """Tell whether an equation counts purchases, not money."""
    return any(term.source == "file" for term in equation.left)
