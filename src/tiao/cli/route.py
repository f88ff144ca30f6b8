"""`tiao route`: hold the router of payments against simpler policies in a made-up world; no database, no clock."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from tiao.simulator.routing.wire import simulated

_REFUSED = 1
_WRONG_OPTION = 2

route_app = typer.Typer(help="Simulate how payments choose their channel.", no_args_is_help=True)


@route_app.callback()
def route() -> None:
    """Simulate how payments choose their channel."""


@route_app.command()
def simulate(
    policy: Annotated[
        str, typer.Option("--policy", help="default (as in production), oracle, random, round_robin or fixed:CHANNEL.")
    ],
    *,
    is_json: Annotated[bool, typer.Option("--json", help="One scenario in, its figures out.")] = False,
    has_trace: Annotated[bool, typer.Option("--trace", help="Show each payment's channel too.")] = False,
) -> None:
    """Route payments through channels that fail and recover: JSON on stdin, JSON on stdout."""
    if not is_json:
        typer.echo("say --json: the scenario is read from standard input", err=True)
        raise typer.Exit(_WRONG_OPTION)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("payments", total=None)
        text, was_lived = simulated(
            sys.stdin.buffer.read(),
            policy,
            has_trace=has_trace,
            tell=lambda done, total: progress.update(bar, completed=done, total=total),
        )
    sys.stdout.buffer.write(text + b"\n")
    if not was_lived:
        raise typer.Exit(_REFUSED)
