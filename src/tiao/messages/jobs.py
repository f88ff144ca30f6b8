"""Delivery: taken from where messages were written with the fact, sent with no transaction open, noted again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import NamedTuple, TypeAlias
from uuid import UUID

from tiao.messages import rules, store
from tiao.messages.actions import context_of
from tiao.messages.model import Answer, Message, Rejected
from tiao.messages.providers.gateway import Gateway, TextMessage
from tiao.runtime.db import Database, Tx
from tiao.runtime.secrets import FieldCipher, FieldUnreadable
from tiao.values.moment import Moment

#: So many are taken at once; each is ours for so long, should this process die.
TAKEN = 64
LEASE = timedelta(seconds=60)
#: So many are with the gateway at once.
AT_ONCE = 16

MomentSource: TypeAlias = Callable[[Tx], Awaitable[Moment]]
#: Tells customers' phones, opened; who is unknown, or whose phone cannot be opened, is left out.
AddressBook: TypeAlias = Callable[[Tx, Sequence[UUID]], Awaitable[dict[UUID, str]]]


class Post(NamedTuple):
    """What delivery works with; *sender* is who signs every text."""

    gateway: Gateway
    addresses: AddressBook
    vault: FieldCipher
    sender: str


async def deliver(db: Database, moments: MomentSource, post: Post) -> int:
    """Send what is due now, each once; answers how many were taken."""
    async with db.begin() as tx:
        now = await moments(tx)
        due = await store.take_due(tx, at=now.at, until=now.at + LEASE, limit=TAKEN)
        phones = await post.addresses(tx, sorted({each.recipient_id for each in due})) if due else {}
    if not due:
        return 0
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(message: Message) -> Answer:
        phone = phones.get(message.recipient_id)
        if phone is None:
            return Rejected("no_phone")
        if now.at >= message.expires_at:
            return Rejected("expired")
        try:
            text = _text(post, message, phone)
        except FieldUnreadable:
            # Its key is lost; its neighbours are sent all the same.
            return Rejected("secret_unreadable")
        async with gate:
            return await post.gateway.send(text, at=now.at)

    answers = await asyncio.gather(*(one(each) for each in due))
    async with db.begin() as tx:
        at = (await moments(tx)).at
        steps = [
            (message, rules.after(answer, attempts=message.attempts, at=at, expires_at=message.expires_at))
            for message, answer in zip(due, answers, strict=True)
        ]
        await store.record(tx, steps, at)
    return len(due)


def _text(post: Post, message: Message, phone: str) -> TextMessage:
    sealed = message.secret_sealed
    secret = None if sealed is None else post.vault.decrypt(sealed, context=context_of(message.id))
    return TextMessage(message.id, phone, post.sender, rules.unmasked(message.text, secret))
