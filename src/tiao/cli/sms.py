"""`tiao sms`: run the message gateway simulator, for demos and trials; it reaches no handset."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.console import Console

from tiao.cli.simulated import LOOPBACK, serve, shared_secret
from tiao.simulator.sms import GatewayBehaviour, SmsSimulator
from tiao.values.refusal import Kind, Refusal

KEY_VARIABLE = "TIAO_SMS_KEY"


class SmsKeyMissing(Refusal):
    """The gateway simulator needs the key it shares with tiao: set TIAO_SMS_KEY to at least 64 hexadecimal digits."""

    kind = Kind.INVALID


def sms(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on loopback.")] = 8102,
    seed: Annotated[int, typer.Option(help="What becomes of each message follows from it.")] = 1,
    receipt_url: Annotated[str | None, typer.Option(help="Where the gateway posts its receipts.")] = None,
    misbehaving: Annotated[float, typer.Option(min=0, max=1, help="Share of messages to which something happens.")] = 0,
) -> None:
    """Run the message gateway simulator on loopback. It shares the key in TIAO_SMS_KEY with tiao."""
    share = misbehaving / 4
    behaviour = GatewayBehaviour(lost=share, failing=share, dead=share, twice=share)
    key = shared_secret(os.environ.get(KEY_VARIABLE, ""), SmsKeyMissing)
    app = SmsSimulator(key, seed=seed, receipt_url=receipt_url, behaviour=behaviour)
    Console(stderr=True).print(f"message gateway simulator on http://{LOOPBACK}:{port}")
    serve(app, port)
