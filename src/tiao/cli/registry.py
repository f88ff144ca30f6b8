"""`tiao registry`: run the simulator of the register of companies, for demos and trials; what it knows is made up."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.console import Console

from tiao.cli.simulated import LOOPBACK, serve, shared_secret
from tiao.simulator.registry import RegistrySimulator
from tiao.values.refusal import Kind, Refusal

SECRET_VARIABLE = "TIAO_REGISTRY_SECRET"  # noqa: S105  its name, not its value


class RegistrySecretMissing(Refusal):
    """The register's simulator needs the secret it shares with tiao: TIAO_REGISTRY_SECRET, 64 hexadecimal digits."""

    kind = Kind.INVALID


def registry(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on loopback.")] = 8103,
    seed: Annotated[int, typer.Option(help="What the register has of companies follows from it.")] = 1,
) -> None:
    """Run the simulator of the register of companies on loopback. It shares TIAO_REGISTRY_SECRET with tiao."""
    app = RegistrySimulator(shared_secret(os.environ.get(SECRET_VARIABLE, ""), RegistrySecretMissing), seed=seed)
    Console(stderr=True).print(f"register of companies on http://{LOOPBACK}:{port}")
    serve(app, port)
