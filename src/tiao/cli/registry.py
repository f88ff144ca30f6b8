"""`tiao registry`: run the simulator of the register of companies, for demos and trials; what it knows is made up."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer
from granian.constants import Interfaces
from granian.server.embed import Server
from rich.console import Console

from tiao.simulator.registry import RegistrySimulator
from tiao.values.refusal import Kind, Refusal

#: Nobody but this machine has business with a simulator.
LOOPBACK = "127.0.0.1"
SECRET_VARIABLE = "TIAO_REGISTRY_SECRET"  # noqa: S105  its name, not its value
SECRET_BYTES_MIN = 32


class RegistrySecretMissing(Refusal):
    """The register's simulator needs the secret it shares with tiao: TIAO_REGISTRY_SECRET, 64 hexadecimal digits."""

    kind = Kind.INVALID


def registry(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on loopback.")] = 8103,
    seed: Annotated[int, typer.Option(help="What the register has of companies follows from it.")] = 1,
) -> None:
    """Run the simulator of the register of companies on loopback. It shares TIAO_REGISTRY_SECRET with tiao."""
    app = RegistrySimulator(_read_secret(os.environ.get(SECRET_VARIABLE, "")), seed=seed)
    Console(stderr=True).print(f"register of companies on http://{LOOPBACK}:{port}")
    server = Server(app, address=LOOPBACK, port=port, interface=Interfaces.ASGI, websockets=False)
    asyncio.run(server.serve())


def _read_secret(text: str) -> bytes:
    """Read the shared secret. Refuses: RegistrySecretMissing."""
    try:
        secret = bytes.fromhex(text)
    except ValueError as error:
        raise RegistrySecretMissing from error
    if len(secret) < SECRET_BYTES_MIN:
        raise RegistrySecretMissing
    return secret
