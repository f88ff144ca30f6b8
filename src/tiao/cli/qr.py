"""`tiao qr`: read and write the QR codes of a counter; no database, no clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from tiao.checkout.qr import wire

_REFUSED = 1
_WRONG_OPTION = 2

qr_app = typer.Typer(help="Read and write QR and payment codes.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="One question in, or a list of them; as many answers out.")]


@qr_app.command()
def decode(*, is_json: _Json = False) -> None:
    """Read merchant-presented, consumer-presented and payment codes: JSON on stdin, JSON on stdout."""
    _answer(wire.decoded, is_json=is_json)


@qr_app.command()
def encode(*, is_json: _Json = False) -> None:
    """Write merchant-presented and consumer-presented codes: JSON on stdin, JSON on stdout."""
    _answer(wire.encoded, is_json=is_json)


def _answer(answer: Callable[[bytes], tuple[bytes, bool]], *, is_json: bool) -> None:
    if not is_json:
        typer.echo("say --json: the questions are read from standard input", err=True)
        raise typer.Exit(_WRONG_OPTION)
    text, was_answered = answer(sys.stdin.buffer.read())
    sys.stdout.buffer.write(text + b"\n")
    if not was_answered:
        raise typer.Exit(_REFUSED)
