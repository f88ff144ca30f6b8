"""Keeping secrets: fields encrypted at rest, look-ups by keyed hash, tokens of which only the hash is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tiao.values.refusal import Kind, Refusal

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D, the length AES-GCM is made for
TOKEN_BYTES = 32
#: First byte of every encrypted field: how the rest is laid out.
FORMAT = 1
_HEADER_BYTES = 2
_KEY_ID_MAX = 255


class FieldUnreadable(Refusal):
    """An encrypted field cannot be read: it was altered, moved to another row, or its key is missing."""

    kind = Kind.CONFLICT


class FieldCipher:
    """Encrypts personal fields with AES-256-GCM and finds them again by a keyed hash.

    Every field names the key it was written with, so that keys can be changed one row at a time. The look-up key is
    derived from the first key and stays when keys are changed, for hashes cannot be recomputed without the fields.
    """

    def __init__(
        self, keys: Mapping[int, bytes], *, random_bytes: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        assert keys, "a cipher needs a key"
        for key_id, key in keys.items():
            assert 1 <= key_id <= _KEY_ID_MAX, f"key id {key_id} does not fit one byte"
            assert len(key) == KEY_BYTES, "a field key has 32 bytes"
        self._ciphers = {key_id: AESGCM(_derive(key, "field encryption")) for key_id, key in keys.items()}
        self._current = max(keys)
        self._lookup_key = _derive(keys[min(keys)], "field look-up")
        self._random_bytes = random_bytes

    def encrypt(self, plain: str, *, context: str) -> bytes:
        """Encrypt a field; *context* (say ``customer.phone:<id>``) binds it to its place.

        Shape: format 1 byte, key id 1 byte, nonce 12, cipher text as long as the UTF-8, tag 16.
        """
        header = bytes([FORMAT, self._current])
        nonce = self._random_bytes(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, plain.encode(), header + context.encode())
        return header + nonce + sealed

    def decrypt(self, sealed: bytes, *, context: str) -> str:
        """Read a field back. Refuses: FieldUnreadable."""
        header, nonce = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES : _HEADER_BYTES + NONCE_BYTES]
        if len(header) != _HEADER_BYTES or header[0] != FORMAT or header[1] not in self._ciphers:
            raise FieldUnreadable("unknown format or key")
        try:
            plain = self._ciphers[header[1]].decrypt(
                nonce, sealed[_HEADER_BYTES + NONCE_BYTES :], header + context.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise FieldUnreadable from error
        return plain.decode()

    def is_current(self, sealed: bytes) -> bool:
        """Say whether a field was written with the newest key."""
        return sealed[:_HEADER_BYTES] == bytes([FORMAT, self._current])

    def lookup(self, plain: str, *, purpose: str) -> bytes:
        """Hash a field so that it can be found but not read; equal only within one *purpose* (say ``phone``).

        Shape: 32 bytes.
        """
        message = len(purpose).to_bytes(2, "big") + purpose.encode() + plain.encode()
        return hmac.digest(self._lookup_key, message, "sha256")


def new_token(prefix: str, *, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Make a bearer token of 256 bits; the prefix says what it opens, so that a leaked one is recognised."""
    text = base64.urlsafe_b64encode(random_bytes(TOKEN_BYTES)).rstrip(b"=").decode()
    return f"{prefix}_{text}"


def token_hash(token: str) -> bytes:
    """Hash a token for storage. A plain hash is enough: 256 random bits cannot be guessed.

    Shape: 32 bytes.
    """
    return hashlib.sha256(token.encode()).digest()


def is_same_secret(left: bytes, right: bytes) -> bool:
    """Compare without telling by the time taken where they differ."""
    return hmac.compare_digest(left, right)


def _derive(key: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"tiao {use}".encode()).derive(key)
