"""Binding a card: its holder confirmed by four elements, the customer by a code, then agreements with channels.

Each call of somebody outside stands between two transactions; every step may be asked for again.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from tiao.identity import actions as identity
from tiao.identity.cards import actions as cards
from tiao.identity.cards import rules
from tiao.identity.cards.model import Card, Holder
from tiao.identity.cards.providers import HolderCheck, NotConfirmed, NoWord
from tiao.identity.cards.refusals import CardCodeWrong, CardHolderDiffers
from tiao.identity.rules import normal_phone
from tiao.messages import actions as messages
from tiao.messages.model import NewMessage, Recipient
from tiao.payments import actions as payments
from tiao.payments import jobs
from tiao.payments.model import CardFacts, FundingSource, SourceAgreement
from tiao.payments.providers.channel import BindOrder, Bound
from tiao.payments.refusals import BindingRefused, HolderCheckUnavailable
from tiao.payments.routing.capability import CardKind
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import bucket_of, derived_id
from tiao.values.moment import Moment


class Binder(NamedTuple):
    """What binding works with. *main_channel* is asked first; its agreement names the account."""

    db: Database
    moments: MomentSource
    vault: FieldCipher
    check: HolderCheck
    channels: jobs.Channels
    main_channel: str


class CardGiven(NamedTuple):
    """What a customer gives to bind a card; *phone* is the one the bank knows, if another than the customer's own."""

    customer_id: UUID
    card_number: str
    phone: str | None
    key: str

    def __repr__(self) -> str:
        """Say nothing of the number."""
        return "CardGiven(...)"


async def begin(binder: Binder, given: CardGiven, *, code: str) -> Card:
    """Have four elements checked, write the card down, and send the customer a code.

    Refuses: CardNumberInvalid, CardIssuerUnknown, CardKindRefused, PhoneInvalid, CardAlreadyBound, TooManyCards,
    CardHolderDiffers, HolderCheckUnavailable, CustomerUnknown.
    """
    number = rules.normal_number(given.card_number)
    face = rules.payable_face(number)
    phone = None if given.phone is None else normal_phone(given.phone)
    async with binder.db.begin() as tx:
        at = (await binder.moments(tx)).at
        person = identity.revealed(binder.vault, await identity.customer(tx, given.customer_id))
        await cards.check_may_bind(tx, binder.vault, given.customer_id, number)
    holder = Holder(person.name, person.identity_number, number, phone or person.phone)
    request_no = derived_id("elements", given.customer_id, given.key, bucket=bucket_of(given.customer_id)).hex
    answer = await binder.check.check(holder, request_no=request_no, at=at)
    if isinstance(answer, NoWord):
        raise HolderCheckUnavailable(reason=answer.reason)
    if isinstance(answer, NotConfirmed):
        raise CardHolderDiffers(code=answer.code)
    account_class = answer.account_class

    async def work(tx: Tx) -> Card:
        now = await binder.moments(tx)
        new = cards.NewCard(number, face, account_class)
        card = await cards.begin(tx, now, binder.vault, given.customer_id, new, code=code)
        await _send(tx, now, binder.vault, card, code)
        return card

    return await binder.db.retrying(work)


async def confirm(binder: Binder, *, customer_id: UUID, card_id: UUID, code: str, is_autopay_agreed: bool) -> Card:
    """Take the code, ask every channel for an agreement, and bind the card where at least the first agreed.

    Refuses: CardUnknown, CardNotPending, CardCodeExpired, CardCodeWrong, BindingRefused, FundingSourceAlreadyBound.
    """

    async def try_code(tx: Tx) -> Card | None:
        return await cards.try_code(tx, await binder.moments(tx), binder.vault, customer_id, card_id, code)

    card = await binder.db.retrying(try_code)
    if card is None:  # the try is counted, whatever follows
        raise CardCodeWrong
    async with binder.db.begin() as tx:
        at = (await binder.moments(tx)).at
        name = identity.revealed(binder.vault, await identity.customer(tx, customer_id)).name
    number = cards.number_of(binder.vault, card)
    agreed: dict[str, Bound] = {}
    for channel_name in sorted(binder.channels, key=lambda each: each != binder.main_channel):
        asked = BindOrder(derived_id("binding", card_id, channel_name).hex, number, name, at)
        answer = await binder.channels[channel_name].bind(asked)
        if isinstance(answer, Bound):
            agreed[channel_name] = answer
        elif channel_name == binder.main_channel:
            raise BindingRefused(code=answer.code)

    async def work(tx: Tx) -> Card:
        now = await binder.moments(tx)
        source = await _source(tx, now, binder, card, agreed, is_autopay_agreed=is_autopay_agreed)
        return await cards.bound(tx, now, customer_id, card_id, source.id)

    return await binder.db.retrying(work)


async def unbind(tx: Tx, now: Moment, *, customer_id: UUID, card_id: UUID) -> Card:
    """Unbind a card: its account is used no more, its number is erased. Unbound already: nothing happens.

    Refuses: CardUnknown, FundingSourceInUse.
    """
    card = await cards.card(tx, customer_id, card_id)
    if card.source_id is not None:
        await payments.unbind(tx, now, customer_id=customer_id, source_id=card.source_id)
    return await cards.end(tx, now, customer_id, card_id)


async def erase(tx: Tx, now: Moment, customer_id: UUID) -> int:
    """Erase the numbers of all a customer's cards, being bound or bound, and use none of them any more; counts them.

    What the law has kept, that money moved from an account of that bank, stays with its last four digits alone.
    Refuses: FundingSourceInUse, while something is being taken from one of them.
    Source: PIPL, article 47.
    """
    known = await cards.cards_of(tx, customer_id)
    for each in known:
        await unbind(tx, now, customer_id=customer_id, card_id=each.id)
    return len(known)


async def _source(
    tx: Tx, now: Moment, binder: Binder, card: Card, agreed: dict[str, Bound], *, is_autopay_agreed: bool
) -> FundingSource:
    first = agreed[binder.main_channel]
    source = await payments.bind_source(
        tx,
        now,
        customer_id=card.customer_id,
        channel=binder.main_channel,
        agreement=first.agreement,
        display=f"{rules.issuer_name(card.issuer)} {card.tail}",
        is_autopay_agreed=is_autopay_agreed,
        card=CardFacts(card.issuer, CardKind(card.kind), card.account_class),
    )
    for channel_name, bound in agreed.items():
        if channel_name != binder.main_channel:
            await payments.keep_agreement(tx, now, SourceAgreement(source.id, channel_name, bound.agreement))
    return source


async def _send(tx: Tx, now: Moment, vault: FieldCipher, card: Card, code: str) -> None:
    values = {"purpose": f"绑定尾号 {card.tail} 的银行卡", "minutes": str(rules.CODE_VALID.seconds // 60)}
    message = NewMessage("one_time_code", Recipient.CUSTOMER, card.customer_id, values, card.id)
    await messages.say_secret(tx, now, vault, message, code)
