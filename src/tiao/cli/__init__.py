"""The command line: `tiao COMMAND`. Each file of this package registers its commands here."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from tiao.cli import bank, credit, database, doctor, policy, refusals
from tiao.values.refusal import Refusal

app = typer.Typer(
    name="tiao",
    help="A self-hosted pay-later platform.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.command("doctor")(doctor.doctor)
app.command("migrate")(database.migrate)
app.command("verify")(database.verify)
app.command("refusals")(refusals.refusals)
app.command("bank")(bank.bank)
app.add_typer(credit.credit_app, name="credit")
app.add_typer(policy.policy_app, name="policy")


def main() -> None:
    """Run the command; a refusal is shown as a sentence and ends with code 1."""
    try:
        app()
    except Refusal as refusal:
        Console(stderr=True).print(f"[red]{refusal.code}[/red]", refusal.detail, soft_wrap=True, highlight=False)
        sys.exit(1)
