"""What this form keeps from eyes on the way: callbacks and certificates under the merchant's key, names under ours."""

from __future__ import annotations

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1

from tiao.api.compat.refusals import WechatParameterInvalid

ALGORITHM = "AEAD_AES_256_GCM"
#: A nonce is this many characters. Source: the form's own document; as many bytes as AES-GCM is made for.
_NONCE_CHARACTERS = 12


def sealed(text: str, *, key: str, associated_data: str, random: bytes) -> dict[str, str]:
    """Encrypt a text under a merchant's symmetric key. *Shape*: at least six random bytes."""
    nonce = random.hex()[:_NONCE_CHARACTERS]
    assert len(nonce) == _NONCE_CHARACTERS, "too few random bytes"
    ciphertext = AESGCM(key.encode()).encrypt(nonce.encode(), text.encode(), associated_data.encode())
    return {
        "algorithm": ALGORITHM,
        "ciphertext": base64.b64encode(ciphertext).decode(),
        "associated_data": associated_data,
        "nonce": nonce,
    }


def opened(text: str, key: RSAPrivateKey, name: str) -> str:
    """Read a field that was encrypted to the platform's key. *Refuses:* WechatParameterInvalid."""
    # The form says SHA-1, which is harmless in this padding: nothing rests on its collisions.
    padding = OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None)  # noqa: S303  the form's own choice
    try:
        return key.decrypt(base64.b64decode(text, validate=True), padding).decode()
    except (binascii.Error, ValueError) as error:
        raise WechatParameterInvalid(f"{name} is not encrypted to the platform's key") from error
