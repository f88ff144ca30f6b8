"""How a message shows who sent it: Standard Webhooks 1.0, with a shared secret and with a key of our own.

Source: Standard Webhooks specification 1.0.0, "Signature scheme" and "Secret serialization".
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

#: 192 bits; the specification asks for 24 to 64 bytes.
SECRET_BYTES = 24
_SEED_BYTES = 32
_SECRET, _PRIVATE, _PUBLIC = "whsec_", "whsk_", "whpk_"


class SigningKeys(NamedTuple):
    """A shared secret and a private key, as text with their prefixes."""

    secret: str
    private_key: str

    def __repr__(self) -> str:
        """Leave both out."""
        return "SigningKeys()"

    @property
    def public_key(self) -> str:
        """The public half of the private key."""
        raw = _private(self.private_key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return _PUBLIC + base64.b64encode(raw).decode()


def new_keys(random_bytes: Callable[[int], bytes]) -> SigningKeys:
    """Make the keys of one endpoint."""
    secret, seed = random_bytes(SECRET_BYTES), random_bytes(_SEED_BYTES)
    return SigningKeys(_SECRET + base64.b64encode(secret).decode(), _PRIVATE + base64.b64encode(seed).decode())


def headers_of(message_id: str, at: datetime, body: bytes, keys: Sequence[SigningKeys]) -> dict[str, str]:
    """Give the three headers of a message, signed with every key in use, the newest first."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = [f"v1,{_hmac(each.secret, content)}" for each in keys]
    signatures += [f"v1a,{_ed25519(each.private_key, content)}" for each in keys]
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def _hmac(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_SECRET))
    return base64.b64encode(hmac.digest(key, content, "sha256")).decode()


def _ed25519(private_key: str, content: bytes) -> str:
    return base64.b64encode(_private(private_key).sign(content)).decode()


def _private(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text.removeprefix(_PRIVATE)))
