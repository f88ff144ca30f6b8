"""The four elements checked over tiao's own bank wire: signed JSON over HTTP (see wire.py)."""

from __future__ import annotations

from datetime import datetime

from tiao.identity.cards.model import Holder
from tiao.identity.cards.providers import Confirmed, HolderAnswer, NotConfirmed, NoWord
from tiao.payments.providers import wire
from tiao.payments.providers.http_bank import BankFault, SignedClient

_CLASSES = frozenset({1, 2, 3})


class HttpHolderCheck:
    """Asks a bank, or whoever asks banks, whose a card is."""

    def __init__(self, client: SignedClient) -> None:
        self._client = client

    async def check(self, holder: Holder, *, request_no: str, at: datetime) -> HolderAnswer:
        """Check four elements."""
        body = wire.ElementsBody(request_no, holder.card_number, holder.name, holder.identity_number, holder.phone)
        answer = await self._client.ask(wire.Path.ELEMENTS, body, wire.ElementsAnswer, at=at)
        if isinstance(answer, BankFault):
            return NoWord(answer.reason)
        if answer.request_no != request_no:
            return NoWord("answer_garbled")
        if answer.code is not None:
            return NotConfirmed(answer.code)
        return Confirmed(answer.account_class if answer.account_class in _CLASSES else None)
