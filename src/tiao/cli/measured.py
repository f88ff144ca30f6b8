"""How `tiao bench` shows what it measured: a bar while it goes on, a table or one JSON document in the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tiao.bench.measures import Machine, Spread
from tiao.cli.output import standard_output

#: From here on digits after the point say nothing.
_WHOLE_FROM = 1000


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show how far a measurement is, on stderr; each of its parts has a line."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=2) as progress:
        tasks = {}

        def tell(part: str, done: int, total: int) -> None:
            if part not in tasks:
                tasks[part] = progress.add_task(part, total=total)
            progress.update(tasks[part], completed=done, total=total)

        yield tell


def table_of(*sides: str) -> Table:
    """Make a table with a column for each side."""
    table = Table()
    table.add_column("")
    for side in sides:
        table.add_column(f"{side}: median (low to high)", justify="right")
    return table


def shown(value: Spread) -> str:
    """Write a spread."""
    return f"{figure(value.median)} ({figure(value.low)} to {figure(value.high)})"


def figure(value: float) -> str:
    """Write a figure with as many digits as it repeats to."""
    return f"{value:,.0f}" if value >= _WHOLE_FROM else f"{value:.3g}"


def print_table(table: Table, machine: Machine, summary: str) -> None:
    """Print a table, what it comes to, and the machine."""
    out = standard_output()
    out.print(table)
    out.print(summary, highlight=False)
    out.print(
        f"{machine.cores} cores, {machine.memory_gib} GiB, {machine.system}, Python {machine.python}; "
        f"load before it began: {machine.load_before}",
        highlight=False,
    )


def print_json(report: msgspec.Struct) -> None:
    """Print one JSON document."""
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    sys.stdout.buffer.flush()
