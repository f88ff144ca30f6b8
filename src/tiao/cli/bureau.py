"""`tiao bureau`: run the credit bureau simulator, for demos and trials; the people it knows are made up."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.console import Console

from tiao.cli.simulated import LOOPBACK, serve, shared_secret
from tiao.simulator.bureau import BureauSimulator
from tiao.values.refusal import Kind, Refusal

SECRET_VARIABLE = "TIAO_BUREAU_SECRET"  # noqa: S105  its name, not its value


class BureauSecretMissing(Refusal):
    """The bureau simulator needs the secret it shares with tiao: set TIAO_BUREAU_SECRET to 64 hexadecimal digits."""

    kind = Kind.INVALID


def bureau(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on loopback.")] = 8101,
    seed: Annotated[int, typer.Option(help="Who the bureau thinks people are follows from it.")] = 1,
) -> None:
    """Run the credit bureau simulator on loopback. It shares the secret in TIAO_BUREAU_SECRET with tiao."""
    app = BureauSimulator(shared_secret(os.environ.get(SECRET_VARIABLE, ""), BureauSecretMissing), seed=seed)
    Console(stderr=True).print(f"bureau simulator on http://{LOOPBACK}:{port}")
    serve(app, port)
