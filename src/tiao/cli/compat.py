"""`tiao compat`: find out whether a request in a foreign form is what its merchant signed; no database, no clock."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tiao.api.compat.verifying import answered

_REFUSED = 1
_WRONG_OPTION = 2

compat_app = typer.Typer(help="Look at requests in the form of other payment systems.", no_args_is_help=True)


@compat_app.callback()
def compat() -> None:
    """Look at requests in the form of other payment systems."""


@compat_app.command()
def verify(
    *,
    is_json: Annotated[bool, typer.Option("--json", help="One question in, or a list; as many answers out.")] = False,
) -> None:
    """Verify a signed request of Alipay's or WeChat Pay's form: JSON on stdin, JSON on stdout."""
    if not is_json:
        typer.echo("say --json: the request is read from standard input", err=True)
        raise typer.Exit(_WRONG_OPTION)
    text, was_answered = answered(sys.stdin.buffer.read())
    sys.stdout.buffer.write(text + b"\n")
    if not was_answered:
        raise typer.Exit(_REFUSED)
