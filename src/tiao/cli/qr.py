"""`tiao qr`: read and write the QR codes of a counter; no database, no clock."""

from __future__ import annotations

from typing import Annotated

import typer

from tiao.checkout.qr import wire
from tiao.cli.answering import answer_input

qr_app = typer.Typer(help="Read and write QR and payment codes.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="One question in, or a list of them; as many answers out.")]


@qr_app.command()
def decode(*, is_json: _Json = False) -> None:
    """Read merchant-presented, consumer-presented and payment codes: JSON on stdin, JSON on stdout."""
    answer_input(wire.decoded, is_json=is_json)


@qr_app.command()
def encode(*, is_json: _Json = False) -> None:
    """Write merchant-presented and consumer-presented codes: JSON on stdin, JSON on stdout."""
    answer_input(wire.encoded, is_json=is_json)
