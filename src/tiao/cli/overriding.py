"""`tiao policy overrides|propose|approve|withdraw`: departures from the rules, decided at the machine itself."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from tiao.cli.database import ProgrammeOption
from tiao.cli.operators import acting, people
from tiao.cli.output import standard_output
from tiao.policy.pack import Pack
from tiao.runtime import overrides
from tiao.runtime.clock import ProgrammeClock
from tiao.runtime.config import read_config
from tiao.runtime.db import Database, Tx
from tiao.runtime.overrides import OverrideKind, Proposal, StoredOverride, Who
from tiao.runtime.programme import MomentSource, Programme, read_programme
from tiao.runtime.server import open_server
from tiao.values.ids import id_source, read_id, show_id
from tiao.values.moment import Moment
from tiao.wiring import check_engine, shipped_engine

T = TypeVar("T")

#: How the API names an override.
PREFIX = "pov"

By = Annotated[str, typer.Option("--by", help="Which operator decides: the name on a key, an id, or a key.")]
Why = Annotated[str, typer.Option("--reason", help="Why, as it is to be read later.")]
Which = Annotated[str, typer.Argument(metavar="ID", help="The override, as `tiao policy overrides` names it.")]
_DAY = ["%Y-%m-%d"]


def overrides_command(programme: ProgrammeOption = None) -> None:
    """List every departure from the policy pack, who stands behind it, and how it stands today."""
    names: dict[str, str] = {}

    async def work(tx: Tx, now: Moment, _: Programme) -> list[tuple[StoredOverride, str]]:
        names.update(await people(tx))
        return [(one, one.state_on(now.today)) for one in await overrides.overrides(tx)]

    table = Table("id", "rule", "for", "what", "state", "from", "until", "by", "why", box=None, pad_edge=False)
    for one, state in _run(programme, work):
        who = [names.get(person, person) for person in dict.fromkeys((one.person, one.approved_by)) if person]
        days = (str(one.starts_on or one.from_on), str(one.ends_on or one.expires_on))
        what = f"{one.kind} {one.value}"
        cells = (show_id(PREFIX, one.id), one.rule, one.applies_to, what, state, *days, " and ".join(who), one.reason)
        table.add_row(*map(escape, cells))
    standard_output().print(table)


def propose(  # noqa: PLR0913  each option is a field of the fact
    rule: Annotated[str, typer.Argument(help="The rule's id, such as deferral.max_days.")],
    *,
    by: By,
    reason: Why,
    from_on: Annotated[datetime, typer.Option("--from", formats=_DAY, help="The first day; tomorrow at the earliest.")],
    review_on: Annotated[datetime, typer.Option("--review", formats=_DAY, help="When it is looked at again.")],
    expires_on: Annotated[datetime, typer.Option("--until", formats=_DAY, help="The first day it holds no more.")],
    switches: Annotated[str | None, typer.Option(help="Switch on the row with this source.")] = None,
    chooses: Annotated[str | None, typer.Option(help="Choose this option; true or false of a yes or no.")] = None,
    tightens: Annotated[str | None, typer.Option(help="A stricter number.")] = None,
    lender: Annotated[str | None, typer.Option(help="For whom; the programme's lender if left out.")] = None,
    programme: ProgrammeOption = None,
) -> None:
    """Propose a departure from a rule; somebody else approves it, unless it is only stricter."""
    given = [
        (OverrideKind.SWITCH, switches),
        (OverrideKind.CHOICE, chooses if chooses not in {"true", "false"} else chooses == "true"),
        (OverrideKind.TIGHTER, None if tightens is None else _number(tightens)),
    ]
    chosen = [(kind, value) for kind, value in given if value is not None]
    if len(chosen) != 1:
        raise typer.BadParameter("exactly one of --switches, --chooses, --tightens")
    [(kind, value)] = chosen
    _need(reason)

    async def work(tx: Tx, now: Moment, opened: Programme) -> str:
        days = (from_on.date(), review_on.date(), expires_on.date())
        proposal = Proposal(rule, lender or opened.lender_type, kind, value, reason, *days)
        override_id, after = await overrides.propose(tx, now, opened.zone, proposal, await _who(tx, now, by))
        earliest = max(proposal.from_on, overrides.earliest_on(now, opened.zone))
        check_engine(shipped_engine(), after, lender_type=opened.lender_type, on=earliest)
        return show_id(PREFIX, override_id)

    typer.echo(_run(programme, work))


def approve(override: Which, by: By, reason: Why, programme: ProgrammeOption = None) -> None:
    """Approve what somebody else proposed: it holds from its day, tomorrow at the earliest."""
    wanted = read_id(PREFIX, override)
    _need(reason)

    async def work(tx: Tx, now: Moment, opened: Programme) -> str:
        after = await overrides.approve(tx, now, opened.zone, wanted, await _who(tx, now, by), reason)
        starts_on = after.overrides[-1].starts_on
        check_engine(shipped_engine(), after, lender_type=opened.lender_type, on=starts_on)
        return f"in force from {starts_on}"

    typer.echo(_run(programme, work))


def withdraw(override: Which, by: By, reason: Why, programme: ProgrammeOption = None) -> None:
    """End an override from tomorrow on; one that was stricter is lifted by somebody else than who set it."""
    wanted = read_id(PREFIX, override)
    _need(reason)

    async def work(tx: Tx, now: Moment, opened: Programme) -> str:
        await overrides.withdraw(tx, now, opened.zone, wanted, await _who(tx, now, by), reason)
        return f"holds no more from {overrides.earliest_on(now, opened.zone)}"

    typer.echo(_run(programme, work))


def programme_rules(programme: str | None) -> tuple[Pack, date]:
    """Read the rules of an installation's programme, overrides included, and what day it is there."""

    async def work(tx: Tx, now: Moment, _: Programme) -> tuple[Pack, date]:
        return await overrides.rules_of(tx), now.today

    return _run(programme, work)


OVERRIDING: dict[str, Callable[..., None]] = {
    "overrides": overrides_command,
    "propose": propose,
    "approve": approve,
    "withdraw": withdraw,
}


def _run(programme: str | None, work: Callable[[Tx, Moment, Programme], Awaitable[T]]) -> T:
    async def connected(url: str) -> T:
        db = await Database.open(url, pool_max=1)
        try:
            async with db.begin() as tx:
                opened = await read_programme(tx)
                moments = MomentSource(ProgrammeClock(), opened.zone, id_source(secrets.token_bytes))
                return await work(tx, await moments(tx), opened)
        finally:
            await db.close()

    with open_server(read_config(os.environ)) as server:
        return asyncio.run(connected(server.url_of(programme)))


async def _who(tx: Tx, now: Moment, by: str) -> Who:
    if not by.strip():
        raise typer.BadParameter("an operator's name", param_hint="--by")
    return Who(await acting(tx, now, by), "at the machine")


def _need(reason: str) -> None:
    if not reason.strip():
        raise typer.BadParameter("why", param_hint="--reason")


def _number(text: str) -> int | str:
    """Read a count as one, and an exact decimal as it is written."""
    try:
        Decimal(text)
    except InvalidOperation as fault:
        raise typer.BadParameter("a number", param_hint="--tightens") from fault
    return int(text) if text.isdecimal() else text
