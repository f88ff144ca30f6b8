"""`tiao bench`: what it costs here, with the yardstick beside it; every measurement stops by itself."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tiao.bench import apply as applying
from tiao.bench import authorise as purchases
from tiao.bench import close as closing
from tiao.bench import features as streaming
from tiao.bench import http as wired
from tiao.bench import loans as engine
from tiao.bench import replay as replaying
from tiao.bench import risk as risks
from tiao.bench import scoring as scores
from tiao.bench.measures import ROUNDS_MIN
from tiao.cli.bench_payments import collection, quarter, reconcile, route
from tiao.cli.measured import figure, print_json, print_table, progress, shown, table_of
from tiao.cli.output import standard_output

bench_app = typer.Typer(
    help="Measure the loan engine, purchases and the close of a day.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]
_TERMINATED = 128 + signal.SIGTERM


@bench_app.callback()
def bench() -> None:
    """Measure; each command asserts that what it measured was also right."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # so that temporary servers are stopped then too


@bench_app.command("loans")
def loans(
    count: Annotated[int, typer.Option("--loans", min=1, help="Loans to price anew.")] = 100_000,
    seconds: Annotated[int, typer.Option("--seconds", min=1, help="Begin no round of them after that.")] = 60,
    *,
    is_json: JsonOption = False,
) -> None:
    """Price loans anew (schedule, yearly rate, cap), and replay a loan of 700 events under every allocation."""
    with progress() as tell:
        report = engine.measure(count, seconds, tell)
    if is_json:
        print_json(report)
        return
    table = table_of("CPU, us a loan")
    table.add_row("schedule", shown(report.schedule_us))
    table.add_row("yearly rate", shown(report.yearly_rate_us))
    table.add_row("cap", shown(report.cap_us))
    table.add_row("whole", shown(report.whole_us))
    replays = table_of("CPU, ms a replay")
    for name, taken in report.replay_ms.items():
        replays.add_row(name, shown(taken))
    standard_output().print(table)
    print_table(
        replays,
        report.machine,
        f"{report.loans:,} loans of {report.instalments} instalments, {shown(report.loans_per_second)} a second; "
        f"{report.events} events on {report.event_rows} rows at most {report.replay_worst_ms:.1f} ms "
        f"({report.replay_worst}); all parts add up",
    )


@bench_app.command("authorise")
def authorise(
    seconds: Annotated[int, typer.Option("--seconds", min=1, help="Length of a round.")] = 8,
    rounds: Annotated[int, typer.Option("--rounds", min=ROUNDS_MIN, help="Rounds of each side.")] = 4,
    lines: Annotated[int, typer.Option("--lines", min=purchases.CALLERS, help="Credit lines.")] = 1_000_000,
    merchants: Annotated[int, typer.Option("--merchants", min=1, help="Merchants, by Zipf's law.")] = 2_000,
    *,
    is_json: JsonOption = False,
) -> None:
    """Authorise and capture purchases from 64 and from 512 callers, in turn with pgbench's TPC-B on the same server."""
    setting = purchases.Setting(lines=lines, merchants=merchants, seconds=seconds, rounds=rounds)
    with progress() as tell:
        report = asyncio.run(purchases.measure(setting, tell))
    if is_json:
        print_json(report)
        return
    few, many, theirs = report.few, report.many, report.tpcb
    table = table_of(f"{few.callers} callers", f"{many.callers} callers", "TPC-B")
    costs = (few.cost, many.cost, theirs)
    table.add_row("a second", *(shown(cost.per_second) for cost in costs))
    table.add_row("server CPU, us an item", *(shown(cost.server_cpu_us) for cost in costs))
    table.add_row("client CPU, us an item", *(shown(cost.client_cpu_us) for cost in costs))
    table.add_row("WAL, bytes an item", *(shown(cost.wal_bytes) for cost in costs))
    table.add_row("p50, ms", shown(few.p50_ms), shown(many.p50_ms), "")
    table.add_row("p99, ms", shown(few.p99_ms), shown(many.p99_ms), "")
    table.add_row("times TPC-B, by the clock", shown(few.ratio_tpcb), shown(many.ratio_tpcb), "")
    table.add_row("times TPC-B, by CPU", shown(few.ratio_cpu), shown(many.ratio_cpu), "")
    print_table(
        table,
        report.machine,
        f"{report.items:,} items, of which {report.repeated:,} with a repeated key; {report.lines:,} lines; "
        f"{report.memory_mib:.0f} MiB here at the end; {report.invariants_held} invariants hold",
    )


@bench_app.command("http")
def http(
    seconds: Annotated[int, typer.Option("--seconds", min=1, help="Length of a round.")] = 8,
    rounds: Annotated[int, typer.Option("--rounds", min=ROUNDS_MIN, help="Rounds of each side.")] = 4,
    lines: Annotated[int, typer.Option("--lines", min=wired.CONNECTIONS, help="Credit lines.")] = 100_000,
    merchants: Annotated[int, typer.Option("--merchants", min=1, help="Merchants, by Zipf's law.")] = 200,
    *,
    is_json: JsonOption = False,
) -> None:
    """Buy over HTTP from 256 connections of a `tiao serve`, in turn with pgbench's TPC-B on the same server.

    Risk control decides each purchase, with a model of 200 trees that is trained and put to work before.
    """
    setting = wired.Setting(lines=lines, merchants=merchants, seconds=seconds, rounds=rounds)
    with progress() as tell:
        report = asyncio.run(wired.measure(setting, tell))
    if is_json:
        print_json(report)
        return
    table = table_of(f"{report.connections} connections", "TPC-B")
    costs = (report.cost, report.tpcb)
    table.add_row("a second", *(shown(cost.per_second) for cost in costs))
    table.add_row("tiao serve CPU, us an item", shown(report.cost.served_cpu_us), "")
    table.add_row("PostgreSQL CPU, us an item", *(shown(cost.server_cpu_us) for cost in costs))
    table.add_row("client CPU, us an item", *(shown(cost.client_cpu_us) for cost in costs))
    table.add_row("WAL, bytes an item", *(shown(cost.wal_bytes) for cost in costs))
    table.add_row("p50, ms", shown(report.p50_ms), "")
    table.add_row("p99, ms", shown(report.p99_ms), "")
    table.add_row("times TPC-B, by the clock", shown(report.ratio_tpcb), "")
    table.add_row("times TPC-B, by CPU", shown(report.ratio_cpu), "")
    print_table(
        table,
        report.machine,
        f"{report.items:,} items, of which {report.repeated:,} with a repeated key; {report.lines:,} lines; "
        f"{report.scored:,} scored by {report.model.trees} trees; {report.served_memory_mib:.0f} MiB in tiao serve "
        f"at the end, a process at most {report.served_peaks_mib[0]:.0f}; ready after {report.start_seconds:.1f} s; "
        f"{report.invariants_held} invariants hold",
    )


@bench_app.command("replay")
def replay(
    purchases: Annotated[int, typer.Option("--purchases", min=1_000, help="Rows of the file.")] = 100_000,
    customers: Annotated[int, typer.Option("--customers", min=10, help="Customers in it.")] = 2_000,
    *,
    is_json: JsonOption = False,
) -> None:
    """Replay a file of purchases made for it, as `tiao replay` does, and tell what selling costs of it."""
    with progress() as tell:
        report = asyncio.run(replaying.measure(purchases, customers, tell))
    if is_json:
        print_json(report)
        return
    table = Table("selling", "")
    table.add_row("purchases a second", f"{report.per_second:,.0f}")
    table.add_row("client CPU, us a purchase", figure(report.client_cpu_us))
    table.add_row("PostgreSQL CPU, us a purchase", figure(report.server_cpu_us))
    print_table(
        table,
        report.machine,
        f"{report.purchases:,} purchases of {report.customers:,} customers on {report.days} days, of which "
        f"{report.sold:,} were sold in {report.selling_seconds:.1f} s; reading the file took "
        f"{report.reading_seconds:.2f} s, the whole replay {report.seconds:.1f} s; "
        f"{report.invariants_held} invariants hold",
    )


@bench_app.command("score")
def score(
    model: Annotated[Path | None, typer.Option("--model", help="A bundle; the shipped one if left out.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Rows; the shipped sample if left out.")] = None,
    rows: Annotated[int, typer.Option("--rows", min=100, help="How many of them.")] = 2_000,
    *,
    is_json: JsonOption = False,
) -> None:
    """Score applications one by one with their reasons, and check each against the batch, bit for bit."""
    with progress() as tell:
        report = scores.measure(model, data, rows, tell)
    if is_json:
        print_json(report)
        return
    table = table_of(*(one.name for one in report.scorers))
    for label, field in (("CPU p50, us", "cpu_p50_us"), ("CPU p99, us", "cpu_p99_us"), ("p50, us", "wall_p50_us")):
        table.add_row(label, *(shown(getattr(one, field)) for one in report.scorers))
    table.add_row("p99, us", *(shown(one.wall_p99_us) for one in report.scorers))
    table.add_row("CPU in a batch, us", *(figure(one.batch_cpu_us) for one in report.scorers))
    table.add_row("features, trees", *(f"{one.features}, {one.trees}" for one in report.scorers))
    print_table(
        table, report.machine, f"{report.rows:,} rows of model {report.model_version}; alone and in a batch the same"
    )


@bench_app.command("apply")
def apply(
    rate: Annotated[
        int, typer.Option("--rate", min=1, help="Applications a second, whatever is still under way.")
    ] = 20,
    seconds: Annotated[int, typer.Option("--seconds", min=1, help="Length of a round.")] = 10,
    rounds: Annotated[int, typer.Option("--rounds", min=ROUNDS_MIN, help="Rounds.")] = 4,
    *,
    is_json: JsonOption = False,
) -> None:
    """Apply for credit lines over HTTP at a steady rate, with a bureau simulator as a program of its own."""
    with progress() as tell:
        report = asyncio.run(applying.measure(applying.Setting(rate, seconds, rounds), tell))
    if is_json:
        print_json(report)
        return
    table = table_of(f"{report.rate} applications a second")
    table.add_row("a second", shown(report.per_second))
    for label, value in (("p50, ms", report.p50_ms), ("p95, ms", report.p95_ms), ("p99, ms", report.p99_ms)):
        table.add_row(label, shown(value))
    table.add_row("tiao serve CPU, us an item", shown(report.served_cpu_us))
    table.add_row("PostgreSQL CPU, us an item", shown(report.server_cpu_us))
    table.add_row("bureau CPU, us an item", shown(report.bureau_cpu_us))
    decided = ", ".join(f"{count:,} {outcome}" for outcome, count in report.outcomes.items())
    print_table(
        table,
        report.machine,
        f"{report.applications:,} applications: {decided}; p99 {'within' if report.is_within_goal else 'above'} "
        f"{report.goal_ms:.0f} ms, the slowest {report.worst_ms:.0f}; {report.rerun} run again to the bit; "
        f"{report.invariants_held} invariants hold",
    )


@bench_app.command("close")
def close(
    loans: Annotated[int, typer.Option("--loans", min=2, help="Loans of four instalments.")] = 500_000,
    sample: Annotated[int, typer.Option("--sample", min=2, help="Loans closed line after line.")] = closing.SAMPLE,
    *,
    is_json: JsonOption = False,
) -> None:
    """Close an ordinary day and the worst one over a book of loans in sets, and line after line on a sample."""
    with progress() as tell:
        report = asyncio.run(closing.measure(loans, sample, tell))
    if is_json:
        print_json(report)
        return
    worst = max(report.days, key=lambda day: (day.instalments, day.day))
    ordinary = next(day for day in report.ordinary_days if day.day == report.ordinary.days[0])
    table = Table("step", "rows", "seconds", "server CPU, s", "worst day: rows", "seconds", "server CPU, s")
    for mild, hard in zip(ordinary.steps, worst.steps, strict=True):
        cells = [
            cell
            for step in (mild, hard)
            for cell in (f"{step.rows:,}", f"{step.seconds:.2f}", f"{step.server_cpu_seconds:.2f}")
        ]
        table.add_row(mild.step, *cells)
    print_table(
        table,
        report.machine,
        f"{report.loans:,} loans, {report.instalments:,} instalments\n"
        f"{_told_of('an ordinary day', report.ordinary)}\n{_told_of('the worst day', report.worst)}\n"
        f"on the worst day, server CPU, us an instalment touched: accrue {shown(report.accrue_us)}, bill "
        f"{report.bill_us:.1f}; a quiet day takes {shown(report.quiet_day_seconds)} s; {report.workers} workers; "
        f"the books sold in {report.selling_seconds:.0f} s; {report.client_mib_at_most:.0f} MiB here at most; "
        f"{report.invariants_held} invariants hold",
    )


def _told_of(name: str, kind: closing.KindOfDay) -> str:
    rows = kind.row_by_row
    return (
        f"{name}: {kind.late:,} late, {kind.billed:,} billed, {kind.staged:,} moved between stages; "
        f"{shown(kind.seconds)} s, {shown(kind.book_us)} us of server CPU an instalment of the book, "
        f"{kind.instalments_per_second.median:,.0f} of them a second; line after line {rows.wall_us:,.0f} us a line, "
        f"{rows.cpu_us:,.0f} of them CPU, in sets {rows.set_wall_us:.1f} and {rows.set_cpu_us:.1f}: "
        f"{rows.ratio_wall:.0f} times faster, {rows.ratio_cpu:.0f} times less CPU"
    )


@bench_app.command("features")
def features(
    payments: Annotated[int, typer.Option("--payments", min=1_000, help="Payments of a generated file.")] = 1_460_000,
    data: Annotated[Path | None, typer.Option("--data", help="Payments of your own, with --schema.")] = None,
    schema: Annotated[Path | None, typer.Option("--schema", help="Names, types and roles of its columns.")] = None,
    *,
    hourly: Annotated[bool, typer.Option("--hourly", help="All of an hour at one instant: sets over columns.")] = False,
    is_json: JsonOption = False,
) -> None:
    """Stream payments through stored states, and check each feature against a replay of the file, bit for bit."""
    with progress() as tell:
        report = streaming.measure(data, schema, payments, tell, hourly=hourly)
    if is_json:
        print_json(report)
        return
    table = table_of("CPU, us a payment")
    table.add_row("streamed, states as bytes", f"{report.streamed_us:.1f}")
    table.add_row("replayed in memory", f"{report.replayed_us:.1f}")
    print_table(
        table,
        report.machine,
        f"{report.payments:,} payments, {report.outcomes:,} outcomes, {report.values:,} values: "
        f"{report.differing} differ; {report.states:,} states of {report.state_bytes // report.states} bytes",
    )


@bench_app.command("risk")
def risk(
    payments: Annotated[int, typer.Option("--payments", min=1, help="Payments for the parts.")] = 40_000,
    rounds: Annotated[int, typer.Option("--rounds", min=0, help="Rounds with and without it; 0: none.")] = 4,
    *,
    is_json: JsonOption = False,
) -> None:
    """Decide payments in sets, part by part; then buy with and without risk control in turns."""
    with progress() as tell:
        report = asyncio.run(risks.measure(risks.Setting(payments, 20_000, 200, 4, rounds), tell))
    if is_json:
        print_json(report)
        return
    table = table_of(f"{report.rules} rules, {report.trees} trees, microseconds of processor time a payment")
    for each in report.parts:
        table.add_row(f"sets of {each.set_size}, {each.entities} entities: features", shown(each.features_us))
        table.add_row("    rules, model, reasons, record", shown(each.judge_us))
        table.add_row(f"    all of it; {each.flagged_ppm / 10_000:.1f} % flagged", shown(each.total_us))
    for whole in report.path:
        table.add_row(
            f"sets of {whole.set_size}, {whole.entities} entities, committed: process", shown(whole.process_us)
        )
        table.add_row("    PostgreSQL", shown(whole.postgres_us))
    if report.ratio is not None and report.more_client_cpu_us is not None and report.more_server_cpu_us is not None:
        table.add_row("purchases a second, of those without", shown(report.ratio))
        table.add_row("    more of the process", shown(report.more_client_cpu_us))
        table.add_row("    more of PostgreSQL", shown(report.more_server_cpu_us))
    print_table(
        table,
        report.machine,
        f"every tenth decision run again, every state folded anew; {report.invariants_held} invariants hold",
    )


for _command in (collection, quarter, reconcile, route):
    bench_app.command()(_command)
