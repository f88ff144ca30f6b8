"""`tiao bureau`: run the credit bureau simulator, for demos and trials; the people it knows are made up."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer
from granian.constants import Interfaces
from granian.server.embed import Server
from rich.console import Console

from tiao.simulator.bureau import BureauSimulator
from tiao.values.refusal import Kind, Refusal

#: Nobody but this machine has business with a simulator.
LOOPBACK = "127.0.0.1"
SECRET_VARIABLE = "TIAO_BUREAU_SECRET"  # noqa: S105  its name, not its value
SECRET_BYTES_MIN = 32


class BureauSecretMissing(Refusal):
    """The bureau simulator needs the secret it shares with tiao: set TIAO_BUREAU_SECRET to 64 hexadecimal digits."""

    kind = Kind.INVALID


def bureau(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on loopback.")] = 8101,
    seed: Annotated[int, typer.Option(help="Who the bureau thinks people are follows from it.")] = 1,
) -> None:
    """Run the credit bureau simulator on loopback. It shares the secret in TIAO_BUREAU_SECRET with tiao."""
    app = BureauSimulator(_read_secret(os.environ.get(SECRET_VARIABLE, "")), seed=seed)
    Console(stderr=True).print(f"bureau simulator on http://{LOOPBACK}:{port}")
    server = Server(app, address=LOOPBACK, port=port, interface=Interfaces.ASGI, websockets=False)
    asyncio.run(server.serve())


def _read_secret(text: str) -> bytes:
    """Read the shared secret. Refuses: BureauSecretMissing."""
    try:
        secret = bytes.fromhex(text)
    except ValueError as error:
        raise BureauSecretMissing from error
    if len(secret) < SECRET_BYTES_MIN:
        raise BureauSecretMissing
    return secret
