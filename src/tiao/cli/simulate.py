"""`tiao simulate`: live a made-up world through, check every invariant each day, and fingerprint the ledger."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from tiao.cli import attacking
from tiao.cli.output import standard_output, write_file
from tiao.credit.scoring import Bundle, load_bundle
from tiao.ledger import actions as ledger
from tiao.reports import beside, page, terminal
from tiao.reports.beside import Side, side
from tiao.runtime.checks import Violation, examining, run_checks
from tiao.runtime.config import read_config
from tiao.runtime.db import Database
from tiao.runtime.migrations import migrate
from tiao.runtime.secrets import FieldCipher
from tiao.runtime.server import Server, open_server
from tiao.simulator.attacks.model import Attack
from tiao.simulator.living import DayLog, live_year
from tiao.simulator.neighbours import open_neighbours
from tiao.simulator.straining import Strain
from tiao.simulator.watching import turn_warning_on
from tiao.simulator.world import World, make_world, open_world
from tiao.values.ids import seeded_ids
from tiao.values.refusal import Refusal
from tiao.wiring import Outside, open_platform, shipped_behaviour

#: A year from here sees the calendar of two years and a change of the law (cost sheets from August 2026).
_OPENED_ON = datetime.fromisoformat("2025-11-01")
#: Where there is no terminal, progress is a line after so many days.
_TOLD_EVERY = 30
#: Rows of a violated invariant that are shown.
_ROWS_SHOWN = 5


class SimulationNeedsEmbedded(Refusal):
    """A simulation makes and replaces databases of its own; unset TIAO_DATABASE_URL."""


class InvariantBroken(Refusal):
    """An invariant does not hold after a simulated day."""


class Lived(NamedTuple):
    """What a simulated life came to."""

    fingerprint: str
    totals: Counter[str]
    living_seconds: float
    checking_seconds: float
    side: Side


def simulate(  # noqa: PLR0913  each is an option of the command
    customers: Annotated[int, typer.Option("--customers", min=1, help="How many people live.")] = 200,
    days: Annotated[int, typer.Option("--days", min=1, help="How many days they live.")] = 90,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Where all chance comes from.")] = 1,
    opened_on: Annotated[
        datetime, typer.Option("--opened-on", formats=["%Y-%m-%d"], help="The first day.")
    ] = _OPENED_ON,
    check_every: Annotated[int, typer.Option(min=0, help="Run every invariant after each so many days.")] = 1,
    *,
    twice: Annotated[bool, typer.Option("--twice", help="Live it twice and demand the same ledger.")] = False,
    warning: Annotated[
        Literal["off", "on", "both"],
        typer.Option(
            "--warning", help="Early warning by behaviour; both lives it twice and puts the lives side by side."
        ),
    ] = "on",
    behaviour: Annotated[
        Path | None, typer.Option("--behaviour", help="Warn by this model of behaviour instead of the one that ships.")
    ] = None,
    strain: Annotated[
        bool, typer.Option("--strain", help="Most people buy up to their limits, and some earn less from one day on.")
    ] = False,
    attack: Annotated[
        str | None,
        typer.Option(
            "--attack",
            help="Frauds on three weeks of a normal world, lived twice: "
            "all, card_testing, takeover, cash_out, ring, refund_abuse.",
        ),
    ] = None,
    model: Annotated[
        bool, typer.Option("--model", help="With --attack: once more with a model, trained on a life of another seed.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", help="With both: where the page and its JSON go; var/reports otherwise.")
    ] = None,
) -> None:
    """Live a seeded world with a failing bank in a database of its own, sim_SEED, which is made anew."""
    out = standard_output()
    if attack is not None:
        _attacked(out, attack, customers, seed, opened_on, html, has_model=model)
        return
    world = make_world(seed, customers=customers, opened_on=opened_on.date(), with_mishaps=True)
    if strain:
        world = world._replace(strain=Strain())
    name = f"sim_{seed}"
    if warning == "both" and twice:
        raise typer.BadParameter("both lives are to differ", param_hint="--twice")
    plans = [(name, warning == "on"), (f"{name}_again", warning == "on")] if twice else [(name, warning == "on")]
    if warning == "both":
        plans = [(name, False), (f"{name}_warned", True)]
    config = read_config(os.environ)
    warner = shipped_behaviour() if behaviour is None else load_bundle(behaviour)
    with open_server(config) as server:
        lived = [
            asyncio.run(_live(_fresh(server, each), world, each, days, check_every, warner if is_on else None))
            for each, is_on in plans
        ]
    for (each, _), one in zip(plans, lived, strict=True):
        _show(out, each, one)
    if warning == "both":
        _show_beside(out, lived[0].side, lived[1].side, html or config.var / "reports" / f"{name}.html")
        return
    if len({one.fingerprint for one in lived}) > 1:
        out.print("[red]the two lives came to different ledgers[/red]")
        raise typer.Exit(1)
    if twice:
        out.print("[green]both lives came to the same ledger[/green]")


def _attacked(
    out: Console, wanted: str, customers: int, seed: int, opened_on: datetime, html: Path | None, *, has_model: bool
) -> None:
    """Play frauds, and show what became of them."""
    known = {each.value: each for each in Attack}
    if wanted not in {"all", *known}:
        raise typer.BadParameter(f"one of all, {', '.join(known)}", param_hint="--attack")
    attacks = list(Attack) if wanted == "all" else [known[wanted]]
    config = read_config(os.environ)
    with open_server(config) as server, _progress() as progress:
        tasks: dict[str, TaskID] = {}

        def tell(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total)
            progress.update(tasks[name], completed=done)

        lives = attacking.attack(
            attacks,
            customers=max(customers, attacking.CUSTOMERS_MIN),
            seed=seed,
            opened_on=opened_on.date(),
            fresh=lambda name: _fresh(server, name),
            tell=tell,
            has_model=has_model,
        )
    page_at = html or config.var / "reports" / f"attack_{seed}.html"
    attacking.show(out, lives, opened_on.date(), page_at)


def _fresh(server: Server, name: str) -> str:
    """Make the database anew. Refuses: SimulationNeedsEmbedded."""
    if server.embedded is None:
        raise SimulationNeedsEmbedded
    server.embedded.drop_database(name)
    return server.ensure_programme(name)


async def _live(url: str, world: World, name: str, days: int, check_every: int, warns: Bundle | None) -> Lived:
    # The people are made up, so their key may follow from the seed: the same seed then fills the same buckets anywhere.
    vault = FieldCipher({1: hashlib.sha256(world.seed.encode()).digest()})
    db = await Database.open(url)
    try:
        await migrate(db)
        await open_world(db, world, name=name, lender="tiao simulation")
        async with open_neighbours(world.seed, with_notices=True) as near:
            outside = Outside(near.bank, near.bank_key, near.bureau, near.bureau_secret)
            async with open_platform(db, outside, ids=seeded_ids(world.seed), vault=vault) as platform:
                if warns is not None:
                    await turn_warning_on(platform, warns)
                with _progress() as progress:
                    task = progress.add_task(name, total=days)
                    began = time.monotonic()
                    checking = 0.0

                    async def on_day(lived: DayLog) -> None:
                        nonlocal checking
                        progress.update(task, advance=1, description=f"{name} {lived.day}")
                        number = (lived.day - world.opened_on).days + 1
                        if not progress.console.is_terminal and (number % _TOLD_EVERY == 0 or number == days):
                            # A bar that nobody watches says nothing until the end; a line in a log does.
                            print(f"{name}: {number} of {days} days, {lived.day}", file=sys.stderr, flush=True)  # noqa: T201  progress
                        if check_every and (number % check_every == 0 or number == days):
                            started = time.monotonic()
                            await _check(db, lived)
                            checking += time.monotonic() - started

                    log = await live_year(platform, world, days, neighbours=near, on_day=on_day)
                    seconds = time.monotonic() - began
        async with db.snapshot() as tx:
            fingerprint = await ledger.fingerprint(tx)
            found = await side(tx, "off" if warns is None else "on")
        return Lived(fingerprint, log.totals, seconds - checking, checking, found)
    finally:
        await db.close()


def _show_beside(out: Console, off: Side, on: Side, html: Path) -> None:
    """Print what the two lives came to, and write it as a page and as a document beside it."""
    terminal.show_tables(out, [beside.paired_table(off, on), beside.table(off, on), beside.hit_table([off, on])])
    write_file(html, page.render_beside(off, on).encode())
    document = html.with_suffix(".json")
    write_file(document, msgspec.json.format(msgspec.json.encode({"off": off, "on": on})))
    out.print(f"report: {html}, {document}", soft_wrap=True)


async def _check(db: Database, lived: DayLog) -> None:
    """Run every invariant. Refuses: InvariantBroken."""
    async with examining(db) as tx:
        violations = await run_checks(tx)
    if violations:
        told = "\n".join(_told(violation) for violation in violations)
        raise InvariantBroken(f"after {lived.day}:\n{told}", day=lived.day.isoformat())


def _told(violation: Violation) -> str:
    rows = "\n".join(f"    {dict(zip(violation.columns, row, strict=True))}" for row in violation.rows[:_ROWS_SHOWN])
    return f"  {violation.check}: {violation.description}\n{rows}"


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True))


def _show(out: Console, name: str, lived: Lived) -> None:
    table = Table(title=f"What happened in {name}", title_justify="left")
    table.add_column("what")
    table.add_column("times", justify="right")
    for what, times in sorted(lived.totals.items()):
        if times:
            table.add_row(escape(what), f"{times:,}")
    out.print(table)
    out.print(f"lived in {lived.living_seconds:.1f} s, checked in {lived.checking_seconds:.1f} s")
    out.print(f"ledger {lived.fingerprint}", soft_wrap=True)
