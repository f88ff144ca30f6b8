"""RSA keys as merchants hand them over, and the one signature scheme that both forms use."""

from __future__ import annotations

import base64
import binascii

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tiao.api.compat.refusals import CompatRefused

_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
_PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n"
_KEY_BITS_MIN = 2048


class PublicKeyInvalid(CompatRefused):
    """What was given as a public key is none, or too short."""


def public_key(text: str) -> RSAPublicKey:
    """Read a public key: PEM, a certificate in PEM, or the bare Base64 that key generators print.

    *Refuses:* PublicKeyInvalid: what is no RSA key of at least 2,048 bits.
    """
    text = text.strip()
    try:
        if text.startswith(_CERTIFICATE):
            key: object = x509.load_pem_x509_certificate(text.encode()).public_key()
        else:
            key = load_pem_public_key((text if text.startswith("-----") else _PUBLIC_KEY.format(text)).encode())
    except ValueError as error:
        raise PublicKeyInvalid(f"the public key cannot be read: {error}") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _KEY_BITS_MIN:
        raise PublicKeyInvalid(f"an RSA key of at least {_KEY_BITS_MIN} bits is needed")
    return key


def is_signed(content: bytes, signature: str, key: RSAPublicKey) -> bool:
    """Tell whether a signature (Base64) is that of *content*: SHA-256 with RSA, PKCS #1 v1.5."""
    try:
        key.verify(base64.b64decode(signature, validate=True), content, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def signature_of(content: bytes, key: RSAPrivateKey) -> str:
    """Sign *content*: SHA-256 with RSA, PKCS #1 v1.5, in Base64."""
    return base64.b64encode(key.sign(content, PKCS1v15(), SHA256())).decode()
