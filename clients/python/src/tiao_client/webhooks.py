"""Checking that a message came from the server (Standard Webhooks 1.0), and reading it."""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections.abc import Mapping
from datetime import datetime

import msgspec

_PREFIX, _VERSION = "whsec_", "v1"
#: A message is believed for so long, either way: who records one cannot send it again tomorrow.
TOLERANCE_SECONDS = 300


class SignatureInvalid(Exception):  # noqa: N818  as the client's other errors
    """The message is not the server's, was altered, or is too old."""


class Event(msgspec.Struct, frozen=True):
    """What happened, in ids: read the rest with your key. Events may come twice; *id* tells them apart."""

    id: str
    type: str
    timestamp: datetime
    data: dict[str, str | None]

    @property
    def purchase(self) -> str | None:
        """The purchase that it is about, if it is about one: of a refund, the one that was refunded."""
        return self.data.get("id") if self.data.get("object") == "purchase" else self.data.get("purchase")


def event_of(secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> Event:
    """Check a message and read it. Raises SignatureInvalid.

    *secret* begins with `whsec_`. While it is being changed a message carries several signatures; one is enough.
    """
    given = {name.lower(): value for name, value in headers.items()}
    identifier, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not identifier or not (stamp.isascii() and stamp.isdigit()):
        msg = "the message has no id or no time"
        raise SignatureInvalid(msg)
    if abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE_SECONDS:
        msg = "the message is too old, or from the future"
        raise SignatureInvalid(msg)
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        msg = "the secret is not one of ours"
        raise SignatureInvalid(msg) from error
    expected = base64.b64encode(hmac.digest(key, f"{identifier}.{stamp}.".encode() + body, "sha256"))
    signatures = [each.partition(",") for each in given.get("webhook-signature", "").split(" ")]
    if not any(
        hmac.compare_digest(signature.encode(), expected) for version, _, signature in signatures if version == _VERSION
    ):
        msg = "no signature fits"
        raise SignatureInvalid(msg)
    try:
        return msgspec.json.decode(body, type=Event)
    except msgspec.DecodeError as error:
        msg = "the message cannot be read"
        raise SignatureInvalid(msg) from error
