"""What messages ask of a gateway, whichever it is."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from tiao.messages.model import Answer


class TextMessage(NamedTuple):
    """One text to one handset. *message_id* makes it happen once: sent again, the gateway says what it said before."""

    message_id: UUID
    phone: str
    sender: str
    text: str

    def __repr__(self) -> str:
        """Name the message alone: phones and codes end in logs and tracebacks."""
        return f"TextMessage({self.message_id})"


class Gateway(Protocol):
    """A way to handsets. No answer is an answer: what the network or the gateway does never raises."""

    async def send(self, message: TextMessage, *, at: datetime) -> Answer:
        """Hand a message over."""
