"""Rows to messages and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tiao.messages.model import Message, MessageState, Receipt
from tiao.messages.rules import Step
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.messages")


async def insert(tx: Tx, messages: Sequence[Message], at: datetime) -> None:
    """Write messages."""
    await tx.execute(
        _QUERIES.insert_messages,
        at=at,
        bucket=[each.bucket for each in messages],
        id=[each.id for each in messages],
        recipient=[each.recipient.value for each in messages],
        recipient_id=[each.recipient_id for each in messages],
        kind=[each.kind for each in messages],
        language=[each.language.value for each in messages],
        text=[each.text for each in messages],
        about_id=[each.about_id for each in messages],
        state=[each.state.value for each in messages],
        secret_sealed=[each.secret_sealed for each in messages],
        expires_at=[each.expires_at for each in messages],
        due_at=[each.due_at for each in messages],
    )


async def take_due(tx: Tx, *, at: datetime, until: datetime, limit: int) -> list[Message]:
    """Take messages that are due."""
    return await tx.rows(_QUERIES.take_due, Message, at=at, until=until, limit=limit)


async def record(tx: Tx, steps: Sequence[tuple[Message, Step]], at: datetime) -> None:
    """Write what answers did to messages."""
    await tx.execute(
        _QUERIES.record_steps,
        at=at,
        bucket=[message.bucket for message, _ in steps],
        id=[message.id for message, _ in steps],
        state=[step.state.value for _, step in steps],
        due_at=[step.due_at for _, step in steps],
        attempts=[step.attempts for _, step in steps],
        gateway_no=[step.gateway_no for _, step in steps],
        code=[step.code for _, step in steps],
    )


async def record_receipt(tx: Tx, receipt: Receipt) -> int:
    """Write a receipt; answers how many messages it changed."""
    state = MessageState.DELIVERED if receipt.is_delivered else MessageState.UNDELIVERED
    return await tx.execute(
        _QUERIES.record_receipt,
        bucket=bucket_of(receipt.message_id),
        id=receipt.message_id,
        state=state.value,
        gateway_no=receipt.gateway_no,
        code=receipt.code,
        at=receipt.at,
    )


async def read_of(tx: Tx, recipient_id: UUID, *, before_at: datetime, before_id: UUID, limit: int) -> list[Message]:
    """Read what was said to somebody."""
    return await tx.rows(
        _QUERIES.messages_of,
        Message,
        bucket=bucket_of(recipient_id),
        recipient_id=recipient_id,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
    )
