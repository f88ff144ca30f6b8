"""A phone that makes keys and signs with them, as one does: so that what a server takes and refuses can be tested."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, HOLDS_KEY = 0x01, 0x04, 0x40


def b64(given: bytes) -> str:
    return urlsafe_b64encode(given).rstrip(b"=").decode()


class Phone:
    """A device with one key. *is_verified*: it has checked who holds it."""

    def __init__(self, origin: str, rp_id: str) -> None:
        self.origin = origin
        self.rp_id = rp_id
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential = secrets.token_bytes(16)
        self.count = 0
        self.is_verified = True
        self.user = ""

    def made(self, asked: dict[str, Any], name: str = "我的手机") -> dict[str, Any]:
        """Answer `navigator.credentials.create`."""
        self.user = asked["user"]
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        held = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(cose)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(HOLDS_KEY) + held}
        return {
            "challenge": asked["id"],
            "name": name,
            "credential": b64(self.credential),
            "client_data": b64(self._client("webauthn.create", asked["challenge"])),
            "attestation": b64(cbor2.dumps(attestation)),
        }

    def signed(self, challenge: str) -> dict[str, Any]:
        """Answer `navigator.credentials.get`."""
        self.count += 1
        data, client = self._data(0), self._client("webauthn.get", challenge)
        over = data + hashlib.sha256(client).digest()
        return {
            "credential": b64(self.credential),
            "client_data": b64(client),
            "authenticator_data": b64(data),
            "signature": b64(self.key.sign(over, ec.ECDSA(hashes.SHA256()))),
        }

    def _data(self, more: int) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.is_verified else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()
