"""`tiao programme`: open a new installation's programme, and issue operators' keys where no key can ask for one."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console

from tiao.partners import actions as partners
from tiao.partners.model import Role
from tiao.policy.pack import Pack
from tiao.runtime.clock import ProgrammeClock, business_date
from tiao.runtime.config import read_config
from tiao.runtime.db import Database, Tx
from tiao.runtime.migrations import migrate
from tiao.runtime.placement import BucketMap
from tiao.runtime.programme import (
    MomentSource,
    Programme,
    ProgrammeMissing,
    create_programme,
    read_programme,
)
from tiao.runtime.server import open_server
from tiao.sharding.preparing import prepare
from tiao.sharding.refusals import ShardUnavailable
from tiao.values.ids import id_source
from tiao.values.moment import Moment
from tiao.values.refusal import Kind, Refusal

T = TypeVar("T")

programme_app = typer.Typer(help="Open the programme of this installation; issue its first keys.", no_args_is_help=True)


class ProgrammeExists(Refusal):
    """The database holds a programme already."""


class ProgrammeTermsInvalid(Refusal):
    """A programme needs a known market, lender type and time zone."""

    kind = Kind.INVALID


@programme_app.command("create")
def create(
    name: Annotated[str, typer.Option(help="The lender, as customers read it.")],
    lender_type: Annotated[str, typer.Option(help="As the policy pack names it: bank, cfc, mfc, merchant_credit.")],
    market: Annotated[str, typer.Option(help="Which policy pack and calendar.")] = "CN",
    currency: Annotated[str, typer.Option()] = "CNY",
    time_zone: Annotated[str, typer.Option(help="Where its business days begin and end.")] = "Asia/Shanghai",
    *,
    test_clock: Annotated[bool, typer.Option("--test-clock", help="A sandbox whose time is moved by hand.")] = False,
) -> None:
    """Open the programme and print its first operator's key, once."""
    made = _programme(name, lender_type, market, currency, time_zone, datetime.now(UTC), is_test=test_clock)

    async def work(tx: Tx) -> str:
        try:
            await read_programme(tx)
        except ProgrammeMissing:
            await create_programme(tx, made)
            return await _operator_key(tx, "first operator")
        raise ProgrammeExists

    bucket_map = read_config(os.environ).bucket_map
    _print_key(_run(work) if bucket_map is None else asyncio.run(_create_everywhere(bucket_map, made)))


@programme_app.command("key")
def operator_key(label: Annotated[str, typer.Option(help="Whose: the same name is the same person.")]) -> None:
    """Issue an operator's key from the machine itself, for the first one or when all are lost."""
    _print_key(_run(lambda tx: _operator_key(tx, label)))


async def _create_everywhere(bucket_map: BucketMap, made: Programme) -> str:
    """Open the programme on every server, the home last: when it is there, it is everywhere.

    Refuses: ProgrammeExists, ShardUnavailable.
    """
    prepared = await prepare(bucket_map)
    if prepared.down:
        raise ShardUnavailable(f"the server of buckets {prepared.down[0].ranges} cannot be reached")
    home, *others = bucket_map.shards
    if home in prepared.programmes:
        raise ProgrammeExists
    # A call that was killed half-way is finished by the next: what it wrote first decides.
    chosen = next(iter(prepared.programmes.values()), made)
    for shard in (*others, home):
        if shard not in prepared.programmes:
            await _connected(shard.url, lambda tx: create_programme(tx, chosen))
    return await _connected(home.url, lambda tx: _operator_key(tx, "first operator"))


def _programme(
    name: str, lender_type: str, market: str, currency: str, time_zone: str, at: datetime, *, is_test: bool
) -> Programme:
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ProgrammeTermsInvalid(f"{time_zone} is no time zone", pointer="--time-zone") from error
    if market != "CN":
        raise ProgrammeTermsInvalid(f"no calendar ships for the market {market}", pointer="--market")
    if lender_type not in Pack.load(market.lower()).parents:
        raise ProgrammeTermsInvalid(f"the policy pack knows no lender type {lender_type}", pointer="--lender-type")
    today = business_date(at, zone)
    before = today - timedelta(days=1)
    return Programme(
        name, currency, time_zone, market, lender_type, is_test, at if is_test else None, before, before, today
    )


async def _operator_key(tx: Tx, label: str) -> str:
    programme = await read_programme(tx)
    now: Moment = await MomentSource(ProgrammeClock(), programme.zone, id_source(secrets.token_bytes))(tx)
    person = await partners.operator_for_key(tx, now, label)
    issued = await partners.issue_key(
        tx, now, role=Role.OPERATOR, subject_id=person, label=label, random_bytes=secrets.token_bytes
    )
    return issued.token


async def _connected(url: str, work: Callable[[Tx], Awaitable[T]]) -> T:
    db = await Database.open(url, pool_max=1)
    try:
        await migrate(db)
        async with db.begin() as tx:
            return await work(tx)
    finally:
        await db.close()


def _run(work: Callable[[Tx], Awaitable[str]]) -> str:
    with open_server(read_config(os.environ)) as server:
        url = server.ensure_programme() if server.bucket_map is None else server.bucket_map.shards[0].url
        return asyncio.run(_connected(url, work))


def _print_key(token: str) -> None:
    Console(stderr=True).print("operator's key, shown this once:")
    typer.echo(token)
