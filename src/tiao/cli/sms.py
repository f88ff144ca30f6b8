"""`tiao sms`: run the message gateway simulator, for demos and trials; it reaches no handset."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer
from granian.constants import Interfaces
from granian.server.embed import Server
from rich.console import Console

from tiao.simulator.sms import GatewayBehaviour, SmsSimulator
from tiao.values.refusal import Kind, Refusal

#: Nobody but this machine has business with a simulator.
LOOPBACK = "127.0.0.1"
KEY_VARIABLE = "TIAO_SMS_KEY"
KEY_BYTES_MIN = 32


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
    key = _read_key(os.environ.get(KEY_VARIABLE, ""))
    app = SmsSimulator(key, seed=seed, receipt_url=receipt_url, behaviour=behaviour)
    Console(stderr=True).print(f"message gateway simulator on http://{LOOPBACK}:{port}")
    asyncio.run(Server(app, address=LOOPBACK, port=port, interface=Interfaces.ASGI, websockets=False).serve())


def _read_key(text: str) -> bytes:
    """Read the shared key. Refuses: SmsKeyMissing."""
    try:
        key = bytes.fromhex(text)
    except ValueError as error:
        raise SmsKeyMissing from error
    if len(key) < KEY_BYTES_MIN:
        raise SmsKeyMissing
    return key
