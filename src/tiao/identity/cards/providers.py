"""What is asked of whoever can say that a card is somebody's: the four elements."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

from tiao.identity.cards.model import Holder


class Confirmed(NamedTuple):
    """The card is this person's. *account_class* 1, 2 or 3, where its bank says so."""

    account_class: int | None


class NotConfirmed(NamedTuple):
    """The card's bank does not know it under these elements, or does not let it be bound."""

    code: str


class NoWord(NamedTuple):
    """Nobody answered; asking again later is harmless."""

    reason: str


HolderAnswer: TypeAlias = Confirmed | NotConfirmed | NoWord


class HolderCheck(Protocol):
    """Somebody licensed to check name, identity number, card number and phone against the card's bank."""

    async def check(self, holder: Holder, *, request_no: str, at: datetime) -> HolderAnswer:
        """Check four elements. Never raises for what the other side or the network does."""
