"""`tiao serve` serves the API and the pages of this installation's programme, `tiao openapi` writes its document."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer
from granian import Granian
from granian.constants import Interfaces
from rich.console import Console

from tiao.api.outside import check_outside
from tiao.runtime.config import Config, field_key, read_config
from tiao.runtime.db import Database
from tiao.runtime.migrations import migrate
from tiao.runtime.placement import BucketMap
from tiao.runtime.programme import read_programme
from tiao.runtime.server import open_server

TARGET = "tiao.process:create_app"
#: Requests under way get so long to end after Ctrl-C.
STOP_SECONDS = 15


def serve(
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that serve; one of them does the daily work.")
    ] = 1,
    host: Annotated[str | None, typer.Option(help="Address to listen on, instead of TIAO_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port, instead of TIAO_PORT.")] = None,
) -> None:
    """Serve the API and the pages; the schema is brought up to date first. Ctrl-C lets requests under way end."""
    config = read_config(os.environ)
    check_outside(os.environ)
    field_key(config)  # made before several processes would each want to make one
    address, listening = host or config.host, port or config.port
    with open_server(config) as server:
        if config.bucket_map is None:
            url = server.ensure_programme()
            name = asyncio.run(_prepare(url))
            os.environ.update(_for_workers(config, url))
        else:
            name = asyncio.run(_prepare_all(config.bucket_map))
        Console(stderr=True).print(f"{name} on http://{address}:{listening}", highlight=False)
        Granian(
            TARGET,
            factory=True,
            address=address,
            port=listening,
            interface=Interfaces.ASGI,
            workers=workers,
            websockets=False,
            log_access=False,
            workers_kill_timeout=STOP_SECONDS,
        ).serve()


def openapi() -> None:
    """Write the API document, OpenAPI 3.1 in JSON."""
    from tiao.api.document import document  # noqa: PLC0415  the whole API, which `serve` leaves to its workers

    sys.stdout.write(document().decode())


async def _prepare(url: str) -> str:
    """Bring the schema up to date, and name the programme. Refuses: ProgrammeMissing."""
    db = await Database.open(url, pool_max=1)
    try:
        await migrate(db)
        async with db.begin() as tx:
            return (await read_programme(tx)).name
    finally:
        await db.close()


async def _prepare_all(bucket_map: BucketMap) -> str:
    """Bring every server that answers up to date, and name the programme. Refuses: NoShardAnswers, PlacementDiffers."""
    from tiao.sharding.preparing import prepare  # noqa: PLC0415  one server does not need it

    prepared = await prepare(bucket_map)
    for shard in prepared.down:
        Console(stderr=True).print(f"buckets {shard.ranges} cannot be reached; they are served when they can")
    return prepared.programme().name


def _for_workers(config: Config, url: str) -> dict[str, str]:
    """Tell the serving processes where the database is: they share the one that is running, they start none."""
    return {"TIAO_DATABASE_URL": url, "TIAO_VAR": str(config.var)}
