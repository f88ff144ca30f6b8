"""`tiao bench quarter`, `reconcile` and `route`: what payments through several channels cost, and that they hold."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from tiao.bench import collecting as collections
from tiao.bench import quarter as quarters
from tiao.bench import reconcile as reconciling
from tiao.bench import routing
from tiao.cli.measured import print_json, print_table, progress, shown, table_of
from tiao.cli.output import standard_output
from tiao.payments.routing.capability import FileFormat


class DayForm(StrEnum):
    """How the file of the day is written: as UnionPay does, or as a bank's statement."""

    ZM = "zm"
    CAMT053 = "camt053"


JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]


def quarter(
    customers: Annotated[int, typer.Option("--customers", min=5, help="Customers with autopay.")] = 200,
    days: Annotated[int, typer.Option("--days", min=1, help="Days of failures.")] = 90,
    seed: Annotated[int, typer.Option("--seed", help="Where chance comes from.")] = 1,
    *,
    is_json: JsonOption = False,
) -> None:
    """Live a quarter of payments over three wires with every failure switched on, and hold all sides together."""
    with progress() as tell:
        report = asyncio.run(quarters.measure(customers, days, seed, lambda done, total: tell("days", done, total)))
    if is_json:
        print_json(report)
        return
    table = Table("", "")
    for name in report.__struct_fields__:
        table.add_row(name, str(getattr(report, name)))
    standard_output().print(table)


def reconcile(
    rows: Annotated[int, typer.Option("--rows", min=1_000, help="Payments of the day.")] = 1_000_000,
    form: Annotated[DayForm, typer.Option("--form", help="How the file is written.")] = DayForm.ZM,
    *,
    is_json: JsonOption = False,
) -> None:
    """Hold a channel's day file against our books, three in a thousand payments at odds, and find each of them."""
    with progress() as tell:
        report = asyncio.run(reconciling.measure(rows, tell, FileFormat(form.value)))
    if is_json:
        print_json(report)
        return
    table = Table("", "seconds", "MiB at most")
    table.add_row("by the clock", f"{report.wall_seconds:.1f}", "")
    table.add_row("here, CPU", f"{report.client_cpu_seconds:.1f}", f"{report.client_memory_mib:.0f}")
    table.add_row("PostgreSQL, CPU", f"{report.server_cpu_seconds:.1f}", f"{report.server_memory_mib:.0f}")
    summary = f"{report.rows:,} rows, {report.file_mib:.0f} MiB: {report.matched:,} agree, {report.different:,} differ"
    print_table(table, report.machine, summary)


def route(
    decisions: Annotated[int, typer.Option("--decisions", min=100, help="Payments that want a channel.")] = 20_000,
    *,
    is_json: JsonOption = False,
) -> None:
    """Choose a channel for payments one by one, with filter, beliefs of 20,000 outcomes and explanation."""
    with progress() as tell:
        report = routing.measure(decisions, lambda done, total: tell("rounds", done, total))
    if is_json:
        print_json(report)
        return
    table = table_of("us a decision")
    table.add_row("CPU, mean", shown(report.cpu_mean_us))
    table.add_row("p50", shown(report.wall_p50_us))
    table.add_row("p99", shown(report.wall_p99_us))
    shares = ", ".join(f"{name} {share:.0%}" for name, share in report.shares.items())
    print_table(table, report.machine, f"{report.decisions:,} decisions among {report.channels} channels: {shares}")


def collection(
    customers: Annotated[int, typer.Option("--customers", min=2, help="Accounts whose money comes and goes.")] = 60,
    months: Annotated[int, typer.Option("--months", min=4, max=60, help="Months of bills, one a month.")] = 15,
    seed: Annotated[int, typer.Option("--seed", help="Where chance comes from.")] = 1,
    *,
    is_json: JsonOption = False,
) -> None:
    """Debit bills at learned hours and at a fixed one, from accounts at the simulated bank: share collected, tries."""
    with progress() as tell:
        report = collections.measure(customers, months, 3, seed, lambda done, total: tell("customers", done, total))
    if is_json:
        print_json(report)
        return
    table = Table("policy", "collected", "by the due day", "tries a bill", "failures", "days late")
    for each in report.policies:
        table.add_row(
            each.policy,
            f"{each.collected:.1%}",
            f"{each.on_time:.1%}",
            f"{each.tries_a_bill:.2f}",
            f"{each.failures:,}",
            f"{each.days_late_mean:.1f}",
        )
    print_table(table, report.machine, f"{report.policies[0].bills:,} bills of {report.customers} customers")
