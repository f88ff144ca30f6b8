"""Every "no" of messages."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class ReceiptNotGenuine(Refusal):
    """The receipt is not signed by the gateway."""

    kind = Kind.UNAUTHENTICATED


class MessageUnknown(Refusal):
    """There is no such message."""

    kind = Kind.NOT_FOUND
