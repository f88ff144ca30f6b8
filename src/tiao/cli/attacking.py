"""`tiao simulate --attack`: frauds on a normal world, with and without what payments turned out to be fed back."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

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
from tiao.simulator.attacks.modelling import adopt, train_on
from tiao.simulator.attacks.playing import QUIET_DAYS, Play
from tiao.simulator.attacks.staging import set_stage
from tiao.simulator.neighbours import open_neighbours
from tiao.simulator.platform import moment
from tiao.simulator.programmes import open_programme
from tiao.values.ids import seeded_ids
from tiao.wiring import Outside, open_platform

if TYPE_CHECKING:
    from tiao.risk.training.train import Trained

#: So many days of attacks follow the quiet ones.
ATTACK_DAYS = 7
#: Fewer would not do: some attacks meet a score of people a day.
CUSTOMERS_MIN = 260
CURRENCY = "CNY"
_FUNDING_MINOR = 10**12
FED_BACK = "fed back"
#: The life that a model is trained on has a seed so far away.
_OTHER_SEED = 1_000_000
_COLOURS = ("#c26a1b", "#6b7280", "#1f6f8b")
Fresh = Callable[[str], str]
Tell = Callable[[str, int, int], None]


class Life(NamedTuple):
    """A life with fraud in it: what was done against it, in few words, and what came of it."""

    name: str
    played: Played


class _Plan(NamedTuple):
    """How a life is lived. *model* decides beside the rules, if there is one."""

    database: str
    name: str
    seed: int
    learns: bool
    model: Trained | None = None


def attack(
    attacks: Sequence[Attack],
    *,
    customers: int,
    seed: int,
    opened_on: date,
    fresh: Fresh,
    tell: Tell,
    has_model: bool = False,
) -> list[Life]:
    """Live the same three weeks twice: with labels fed back, and without; *has_model*: once more, with a model.

    The model is trained on a life of another seed. Refuses: TrainingUnavailable.
    """
    plans = [_Plan(f"attack_{seed}_1", FED_BACK, seed, learns=True)]
    plans.append(_Plan(f"attack_{seed}_0", "not fed back", seed, learns=False))
    if has_model:
        other = _Plan(f"attack_{seed}_other", "to train on", seed + _OTHER_SEED, learns=True)
        url = fresh(other.database)
        asyncio.run(_live(url, other, list(Attack), customers, opened_on, tell))
        model = asyncio.run(_trained(url))
        plans.append(_Plan(f"attack_{seed}_2", "fed back, and a model", seed, learns=True, model=model))
    return [
        Life(each.name, asyncio.run(_live(fresh(each.database), each, attacks, customers, opened_on, tell)))
        for each in plans
    ]


async def _trained(url: str) -> Trained:
    db = await Database.open(url)
    try:
        return await train_on(db, CURRENCY)
    finally:
        await db.close()


async def _live(
    url: str, plan: _Plan, attacks: Sequence[Attack], customers: int, opened_on: date, tell: Tell
) -> Played:
    seed = str(plan.seed)
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
        async with open_neighbours(seed) as near:
            outside = Outside(near.bank, near.bank_key, near.bureau, near.bureau_secret)
            async with open_platform(db, outside, ids=seeded_ids(f"attack {seed}"), vault=vault) as platform:
                starts_at = opened.day_starts_at(opened_on)
                stage = await set_stage(platform, seed, starts_at, customers)
                if plan.model is not None:
                    await adopt(db, moment(platform, seed, "model", starts_at), plan.model)
                    await platform.control.look(db, platform.moments)
                play = Play(platform, stage, seed, attacks, learns=plan.learns)
                first = starts_at + timedelta(days=1)
                days = QUIET_DAYS + ATTACK_DAYS
                return await play.live(first, days, lambda done, total: tell(plan.name, done, total))
    finally:
        await db.close()


def show(out: Console, lives: Sequence[Life], opened_on: date, html: Path) -> None:
    """Print what became of each attack, and write the page with its charts and the figures as JSON beside it."""
    shown = [_attacks(f"Attacks: {each.name}", each.played) for each in lives]
    shown.append(_sides(lives))
    terminal.show_tables(out, shown)
    intro = (
        f"The same {len(lives[0].played.days)} days of one seeded world, lived {len(lives)} times; the first "
        f"{QUIET_DAYS} are quiet. What payments turned out to be is fed back to the features where it says so. "
        "A model was trained on a world of another seed."
    )
    write_file(html, page.render_lives("Frauds on a normal world", intro, shown, _charts(lives, opened_on)).encode())
    write_file(html.with_suffix(".json"), msgspec.json.format(msgspec.json.encode([each.played for each in lives])))
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


def _sides(lives: Sequence[Life]) -> Table:
    said: tuple[tuple[str, Callable[[Played], str]], ...] = (
        ("fraud stopped", lambda one: amount(sum(each.saved_minor for each in one.days), CURRENCY)),
        ("fraud that went through", lambda one: amount(sum(each.lost_minor for each in one.days), CURRENCY)),
        ("honest payments", lambda one: str(one.honest)),
        ("of them challenged", lambda one: f"{one.challenged} ({_share(one.challenged, one.honest)})"),
        ("of them declined", lambda one: f"{one.refused} ({_share(one.refused, one.honest)})"),
        ("cases opened", lambda one: str(sum(each.cases for each in one.days))),
        ("cases on the busiest day", lambda one: str(max(each.cases for each in one.days))),
    )
    rows = tuple((name, *(of(each.played) for each in lives)) for name, of in said)
    return Table("The lives beside each other", ("", *(each.name for each in lives)), rows)


def _charts(lives: Sequence[Life], opened_on: date) -> list[tuple[str, Sequence[date], Sequence[Series], int]]:
    days = [opened_on + timedelta(days=1 + each.number) for each in lives[0].played.days]

    def beside(of: Callable[[Day], int]) -> list[Series]:
        return [
            Series(life.name, colour, [of(each) for each in life.played.days])
            for life, colour in zip(lives, _COLOURS, strict=False)
        ]

    return [
        (f"Fraud that went through, a day, {CURRENCY}", days, beside(lambda day: day.lost_minor), 100),
        (f"Fraud that was stopped, a day, {CURRENCY}", days, beside(lambda day: day.saved_minor), 100),
        ("Honest payments challenged, a day", days, beside(lambda day: day.challenged), 1),
        ("Cases opened, a day", days, beside(lambda day: day.cases), 1),
    ]


def _share(part: int, whole: int) -> str:
    return percent(None if not whole else str(Decimal(part) / Decimal(whole)))
