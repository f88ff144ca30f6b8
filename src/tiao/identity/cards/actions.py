"""What can be done with cards, inside the caller's transaction. Nothing here calls a bank."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.identity.cards import rules, store
from tiao.identity.cards.model import Card, CardFace, CardState
from tiao.identity.cards.refusals import CardAlreadyBound, CardUnknown, TooManyCards
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher, is_same_secret
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment

#: The one purpose under which card numbers are hashed for look-up.
_NUMBER = "card_number"


class NewCard(NamedTuple):
    """A card whose holder its bank has confirmed."""

    number: str
    face: CardFace
    account_class: int | None

    def __repr__(self) -> str:
        """Say nothing of the number."""
        return "NewCard(...)"


async def check_may_bind(tx: Tx, vault: FieldCipher, customer_id: UUID, number: str) -> None:
    """Refuse a card that is bound, or one more than a customer may have. Refuses: CardAlreadyBound, TooManyCards."""
    cards = [each for each in await store.read_cards_of(tx, customer_id) if each.state is CardState.BOUND]
    digest = vault.lookup(number, purpose=_NUMBER)
    if any(each.number_hmac == digest for each in cards):
        raise CardAlreadyBound
    if len(cards) >= rules.CARDS_MAX:
        raise TooManyCards(limit=rules.CARDS_MAX)


async def begin(tx: Tx, now: Moment, vault: FieldCipher, customer_id: UUID, new: NewCard, *, code: str) -> Card:
    """Write down a card that its customer has to confirm with a code; the code itself is not kept.

    Refuses: CardAlreadyBound, TooManyCards.
    """
    await check_may_bind(tx, vault, customer_id, new.number)
    bucket = bucket_of(customer_id)
    card_id = now.new_id(bucket)
    card = Card(
        bucket=bucket,
        id=card_id,
        customer_id=customer_id,
        number_sealed=vault.encrypt(new.number, context=_context(card_id)),
        number_hmac=vault.lookup(new.number, purpose=_NUMBER),
        tail=new.number[-4:],
        issuer=new.face.issuer,
        kind=new.face.kind,
        account_class=new.account_class,
        state=CardState.PENDING,
        source_id=None,
        code_hmac=_code_digest(vault, card_id, code),
        code_until=now.at + rules.CODE_VALID,
        code_tries=0,
        made_at=now.at,
        bound_at=None,
        ended_at=None,
    )
    await store.insert_card(tx, card)
    return card


async def try_code(tx: Tx, now: Moment, vault: FieldCipher, customer_id: UUID, card_id: UUID, code: str) -> Card | None:
    """Try a code: the card when it is right, None when it is wrong, and then the try is counted; commit either way.

    Refuses: CardUnknown, CardNotPending, CardCodeExpired.
    """
    card = await _locked(tx, customer_id, card_id)
    rules.check_code_is_due(card, now.at)
    if card.code_hmac is not None and is_same_secret(card.code_hmac, _code_digest(vault, card_id, code)):
        return card
    await store.update_card(tx, msgspec.structs.replace(card, code_tries=card.code_tries + 1))
    return None


async def bound(tx: Tx, now: Moment, customer_id: UUID, card_id: UUID, source_id: UUID) -> Card:
    """Record that channels agreed to a card: payments know it as *source_id*. Refuses: CardUnknown."""
    card = await _locked(tx, customer_id, card_id)
    changed = msgspec.structs.replace(
        card, state=CardState.BOUND, source_id=source_id, bound_at=now.at, code_hmac=None, code_until=None
    )
    await store.update_card(tx, changed)
    return changed


async def end(tx: Tx, now: Moment, customer_id: UUID, card_id: UUID) -> Card:
    """Let go of a card: its number is erased, sealed and digest alike. Ended already: nothing happens.

    Refuses: CardUnknown.
    """
    card = await _locked(tx, customer_id, card_id)
    if card.state is CardState.ENDED:
        return card
    ended = msgspec.structs.replace(
        card,
        state=CardState.ENDED,
        ended_at=now.at,
        number_sealed=None,
        number_hmac=None,
        code_hmac=None,
        code_until=None,
    )
    await store.update_card(tx, ended)
    return ended


async def card(tx: Tx, customer_id: UUID, card_id: UUID) -> Card:
    """Read, and lock, a customer's card. Refuses: CardUnknown."""
    return await _locked(tx, customer_id, card_id)


async def cards_of(tx: Tx, customer_id: UUID) -> list[Card]:
    """Read a customer's cards that are bound, or are being bound."""
    return await store.read_cards_of(tx, customer_id)


async def forget_stale(tx: Tx, now: Moment, first: int, last: int) -> int:
    """Erase the numbers of cards in a range of buckets whose binding was never confirmed; counts them."""
    return await store.end_stale(tx, first, last, now.at)


def number_of(vault: FieldCipher, card: Card) -> str:
    """Open a card's number, for its bank alone. Refuses: FieldUnreadable."""
    assert card.number_sealed is not None, "a card that ended has no number"
    return vault.decrypt(card.number_sealed, context=_context(card.id))


async def _locked(tx: Tx, customer_id: UUID, card_id: UUID) -> Card:
    found = await store.lock_card(tx, customer_id, card_id)
    if found is None:
        raise CardUnknown
    return found


def _code_digest(vault: FieldCipher, card_id: UUID, code: str) -> bytes:
    return vault.lookup(code, purpose=f"card_code:{card_id.hex}")


def _context(card_id: UUID) -> str:
    return f"card.number:{card_id.hex}"
