"""The command line: `tiao COMMAND`. A command's module is imported when it is called, so that each starts at once."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from tiao.values.refusal import Refusal

#: Where each command lives: a function, or a group of commands.
COMMANDS: dict[str, str] = {
    "demo": "tiao.cli.demo:demo",
    "programme": "tiao.cli.programme:programme_app",
    "sandbox": "tiao.cli.sandbox:sandbox_app",
    "serve": "tiao.cli.serve:serve",
    "bank": "tiao.cli.bank:bank",
    "bureau": "tiao.cli.bureau:bureau",
    "sms": "tiao.cli.sms:sms",
    "registry": "tiao.cli.registry:registry",
    "doctor": "tiao.cli.doctor:doctor",
    "migrate": "tiao.cli.database:migrate",
    "verify": "tiao.cli.database:verify",
    "close": "tiao.cli.close:close",
    "explain": "tiao.cli.explain:explain",
    "replay": "tiao.cli.replay:replay",
    "simulate": "tiao.cli.simulate:simulate",
    "schedule": "tiao.cli.schedule:schedule",
    "apr": "tiao.cli.apr:apr",
    "qr": "tiao.cli.qr:qr_app",
    "route": "tiao.cli.route:route_app",
    "compat": "tiao.cli.compat:compat_app",
    "bench": "tiao.cli.bench:bench_app",
    "credit": "tiao.cli.credit:credit_app",
    "risk": "tiao.cli.risk:risk_app",
    "policy": "tiao.cli.policy:policy_app",
    "openapi": "tiao.cli.serve:openapi",
    "refusals": "tiao.cli.refusals:refusals",
}


class _Lazy(TyperGroup):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002  typer's own click is private
        """Name the commands, in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002  typer's own click is private
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
            alone.command(cmd_name)(found)
            found = alone
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="tiao",
    cls=_Lazy,
    help="A self-hosted pay-later platform.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def tiao() -> None:
    """Run a self-hosted pay-later platform."""


def main() -> None:
    """Run the command; a refusal is shown as a sentence and ends with code 1."""
    try:
        app()
    except Refusal as refusal:
        from rich.console import Console  # noqa: PLC0415  a command that succeeds must not pay for it

        Console(stderr=True).print(f"[red]{refusal.code}[/red]", refusal.detail, soft_wrap=True, highlight=False)
        sys.exit(1)
