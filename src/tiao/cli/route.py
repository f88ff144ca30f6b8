"""`tiao route`: hold the router of payments against simpler policies in a made-up world; no database, no clock."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from tiao.cli.answering import answer_input
from tiao.cli.route_backtest import backtest
from tiao.simulator.routing.wire import simulated

route_app = typer.Typer(help="Simulate how payments choose their channel.", no_args_is_help=True)
route_app.command()(backtest)


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
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("payments", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)

        answer_input(lambda asked: simulated(asked, policy, has_trace=has_trace, tell=tell), is_json=is_json)
