"""`tiao simulate --attack`: frauds on a normal world, with and without what payments turned out to be fed back."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
from rich.console import Console

from tiao.cli.output import write_file
from tiao.reports import page, terminal
from tiao.reports.charts import Series
from tiao.reports.tables import Table, amount, percent
from tiao.runtime.db import Database
from tiao.runtime.migrations import migrate
from tiao.runtime.secrets import FieldCipher
from tiao.simulator.attacks.model import Attack, Day, Outcome, Played
from tiao.simulator.attacks.playing import QUIET_DAYS, Play
from tiao.simulator.attacks.staging import set_stage
from tiao.simulator.neighbours import open_neighbours
from tiao.simulator.programmes import open_programme
from tiao.values.ids import seeded_ids
from tiao.wiring import Outside, open_platform

#: So many days of attacks follow the quiet ones.
ATTACK_DAYS = 7
#: Fewer would not do: some attacks meet a score of people a day.
CUSTOMERS_MIN = 260
CURRENCY = "CNY"
_FUNDING_MINOR = 10**12
Fresh = Callable[[str], str]
Tell = Callable[[str, int, int], None]


def attack(
    attacks: Sequence[Attack], *, customers: int, seed: int, opened_on: date, fresh: Fresh, tell: Tell
) -> tuple[Played, Played]:
    """Live the same three weeks twice: with labels fed back, and without."""
    with_labels, without = (
        asyncio.run(
            _live(fresh(f"attack_{seed}_{int(learns)}"), attacks, customers, seed, opened_on, tell, learns=learns)
        )
        for learns in (True, False)
    )
    return with_labels, without


async def _live(
    url: str, attacks: Sequence[Attack], customers: int, seed: int, opened_on: date, tell: Tell, *, learns: bool
) -> Played:
    name = "with labels" if learns else "without labels"
    vault = FieldCipher({1: hashlib.sha256(f"attack {seed}".encode()).digest()})
    db = await Database.open(url)
    try:
        await migrate(db)
        opened = await open_programme(
            db,
            name=f"attack_{seed}",
            currency=CURRENCY,
            opened_on=opened_on,
            funding_minor=_FUNDING_MINOR,
            lender="tiao simulation",
        )
        async with open_neighbours(str(seed)) as near:
            outside = Outside(near.bank, near.bank_key, near.bureau, near.bureau_secret)
            async with open_platform(db, outside, ids=seeded_ids(f"attack {seed}"), vault=vault) as platform:
                starts_at = opened.day_starts_at(opened_on)
                stage = await set_stage(platform, str(seed), starts_at, customers)
                play = Play(platform, stage, str(seed), attacks, learns=learns)
                first = starts_at + timedelta(days=1)
                return await play.live(first, QUIET_DAYS + ATTACK_DAYS, lambda done, total: tell(name, done, total))
    finally:
        await db.close()


def show(out: Console, with_labels: Played, without: Played, opened_on: date, html: Path) -> None:
    """Print what became of each attack, and write the page with its charts and the figures as JSON beside it."""
    shown = [_attacks("Attacks, what payments were fed back", with_labels), _attacks("The same, not fed back", without)]
    shown.append(_sides(with_labels, without))
    terminal.show_tables(out, shown)
    intro = (
        f"The same {len(with_labels.days)} days of one seeded world, lived twice; the first {QUIET_DAYS} are quiet. "
        "What payments turned out to be is fed back to the features in one life only."
    )
    charts = _charts(with_labels, without, opened_on)
    write_file(html, page.render_lives("Frauds on a normal world", intro, shown, charts).encode())
    write_file(html.with_suffix(".json"), msgspec.json.format(msgspec.json.encode([with_labels, without])))
    out.print(f"report: {html}, {html.with_suffix('.json')}", highlight=False, soft_wrap=True)


def _attacks(title: str, played: Played) -> Table:
    columns: tuple[str, ...] = ("attack", "first noticed by", "mostly stopped by", "payments", "stopped", "share")
    columns += ("attempted", "went through", "noticed after")
    return Table(title, columns, tuple(_attack_row(each) for each in played.attacks), numbers_from=3)


def _attack_row(each: Outcome) -> tuple[str, ...]:
    return (
        each.attack.value,
        each.noticed_by or "nobody",
        next(iter(each.stopped_by), ""),
        str(each.payments),
        str(each.stopped),
        _share(each.stopped, each.payments),
        amount(each.attempted_minor, CURRENCY),
        amount(each.lost_minor, CURRENCY),
        "never" if each.minutes is None else f"{each.minutes} min",
    )


def _sides(with_labels: Played, without: Played) -> Table:
    said: tuple[tuple[str, Callable[[Played], str]], ...] = (
        ("fraud stopped", lambda one: amount(sum(each.saved_minor for each in one.days), CURRENCY)),
        ("fraud that went through", lambda one: amount(sum(each.lost_minor for each in one.days), CURRENCY)),
        ("honest payments", lambda one: str(one.honest)),
        ("of them challenged", lambda one: f"{one.challenged} ({_share(one.challenged, one.honest)})"),
        ("of them declined", lambda one: f"{one.refused} ({_share(one.refused, one.honest)})"),
        ("cases opened", lambda one: str(sum(each.cases for each in one.days))),
        ("cases on the busiest day", lambda one: str(max(each.cases for each in one.days))),
    )
    rows = tuple((name, of(with_labels), of(without)) for name, of in said)
    return Table("Both lives", ("", "fed back", "not fed back"), rows)


def _charts(
    with_labels: Played, without: Played, opened_on: date
) -> list[tuple[str, Sequence[date], Sequence[Series], int]]:
    days = [opened_on + timedelta(days=1 + each.number) for each in with_labels.days]

    def pair(of: Callable[[Day], int]) -> list[Series]:
        return [
            Series("fed back", "#c26a1b", [of(each) for each in with_labels.days]),
            Series("not fed back", "#6b7280", [of(each) for each in without.days]),
        ]

    return [
        (f"Fraud that went through, a day, {CURRENCY}", days, pair(lambda day: day.lost_minor), 100),
        (f"Fraud that was stopped, a day, {CURRENCY}", days, pair(lambda day: day.saved_minor), 100),
        ("Honest payments challenged, a day", days, pair(lambda day: day.challenged), 1),
        ("Cases opened, a day", days, pair(lambda day: day.cases), 1),
    ]


def _share(part: int, whole: int) -> str:
    return percent(None if not whole else str(Decimal(part) / Decimal(whole)))
