"""What can be done with messages, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from tiao.messages import rules, store
from tiao.messages.model import Message, MessageState, NewMessage, Receipt, Recipient
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment


async def say(tx: Tx, now: Moment, messages: Sequence[NewMessage]) -> list[Message]:
    """Say something to people; it leaves once the caller's transaction is committed."""
    made = [_made(now, each) for each in messages]
    assert not any(rules.catalogue()[each.kind].has_secret for each in made), "a secret is said with say_secret"
    if made:
        await store.insert(tx, made, now.at)
    return made


async def say_secret(tx: Tx, now: Moment, vault: FieldCipher, message: NewMessage, secret: str) -> Message:
    """Say something with a secret in it, as a one-time code: kept encrypted, and only until it has left."""
    made = _made(now, message)
    assert rules.catalogue()[made.kind].has_secret, f"{made.kind} has no place for a secret"
    assert made.state is MessageState.QUEUED, "a secret is sent, not kept to be read"
    sealed = vault.encrypt(secret, context=context_of(made.id))
    kept = msgspec.structs.replace(made, secret_sealed=sealed)
    await store.insert(tx, [kept], now.at)
    return kept


async def receive(tx: Tx, receipts: Sequence[Receipt]) -> int:
    """Take receipts; one that comes twice, or names nothing, changes nothing. Answers how many changed something."""
    return sum([await store.record_receipt(tx, each) for each in receipts])


async def said_to(tx: Tx, recipient_id: UUID, *, before_at: datetime, before_id: UUID, limit: int) -> list[Message]:
    """Read what was said to somebody, latest first."""
    return await store.read_of(tx, recipient_id, before_at=before_at, before_id=before_id, limit=limit)


def context_of(message_id: UUID) -> str:
    """Name the place to which a sealed secret is bound."""
    return f"message.secret:{message_id.hex}"


def _made(now: Moment, new: NewMessage) -> Message:
    kind = rules.catalogue()[new.kind]
    bucket = bucket_of(new.recipient_id)
    is_sent = new.recipient is Recipient.CUSTOMER
    return Message(
        bucket=bucket,
        id=now.new_id(bucket),
        recipient=new.recipient,
        recipient_id=new.recipient_id,
        kind=new.kind,
        language=new.language,
        text=rules.rendered(kind, new.language, new.values),
        about_id=new.about_id,
        state=MessageState.QUEUED if is_sent else MessageState.KEPT,
        secret_sealed=None,
        attempts=0,
        made_at=now.at,
        expires_at=now.at + kind.valid,
        due_at=now.at if is_sent else None,
        sent_at=None,
        ended_at=None,
        gateway_no=None,
        code=None,
    )
