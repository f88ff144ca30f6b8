"""What the programs of the simulated outside world share: a secret with tiao, and a port of this machine alone."""

from __future__ import annotations

import asyncio
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server

from tiao.values.refusal import Refusal

#: Nobody but this machine has business with a simulator.
LOOPBACK = "127.0.0.1"
SECRET_BYTES_MIN = 32


def shared_secret(text: str, missing: type[Refusal]) -> bytes:
    """Read a secret in hexadecimal digits. Refuses: *missing*, where there is none or it is too short."""
    try:
        secret = bytes.fromhex(text)
    except ValueError as error:
        raise missing from error
    if len(secret) < SECRET_BYTES_MIN:
        raise missing
    return secret


def server_of(app: Any, port: int) -> Server:  # noqa: ANN401  Granian takes any ASGI application
    """Make the server of a simulator."""
    return Server(app, address=LOOPBACK, port=port, interface=Interfaces.ASGI, websockets=False)


def serve(app: Any, port: int) -> None:  # noqa: ANN401  the same
    """Serve a simulator until it is stopped."""
    asyncio.run(server_of(app, port).serve())
