"""`tiao compat`: find out whether a request in a foreign form is what its merchant signed; no database, no clock."""

from __future__ import annotations

from typing import Annotated

import typer

from tiao.api.compat.verifying import verified
from tiao.cli.answering import answer_input

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
    answer_input(verified, is_json=is_json)
