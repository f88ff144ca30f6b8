"""What is signed in this form: lines of method, target, time, nonce and body; callbacks are encrypted too."""

from __future__ import annotations

import base64
import re
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1

from tiao.api.compat.keys import is_signed, signature_of
from tiao.api.compat.refusals import WechatSignatureInvalid
from tiao.api.compat.request import Request

SCHEME = "WECHATPAY2-SHA256-RSA2048"
ALGORITHM = "AEAD_AES_256_GCM"
SKEW_SECONDS_MAX = 300
_PART = re.compile(r'\s*(\w+)="([^"]*)"\s*(?:,|$)')
_NAMES = frozenset({"mchid", "nonce_str", "signature", "timestamp", "serial_no"})
_DIGITS = re.compile(r"[0-9]{1,12}")


class Authorization(NamedTuple):
    """What the header of a signed request says."""

    mchid: str
    nonce_str: str
    signature: str
    timestamp: int
    serial_no: str


class Call(msgspec.Struct, frozen=True):
    """A verified call."""

    mchid: str
    serial_no: str
    nonce_str: str
    method: str
    path: str
    query: str
    body: str


class Sealed(msgspec.Struct, frozen=True):
    """An encrypted text, as a callback carries it."""

    algorithm: str
    ciphertext: str
    associated_data: str
    nonce: str


def authorization_of(request: Request) -> Authorization:
    """Read the header of a signed request; its parts may stand in any order.

    *Refuses:* WechatSignatureInvalid: missing, of another scheme, incomplete, a part given twice.
    """
    scheme, _, rest = request.header("authorization").strip().partition(" ")
    if scheme != SCHEME:
        raise WechatSignatureInvalid(f"the header Authorization must begin with {SCHEME}")
    found: dict[str, str] = {}
    position = 0
    while position < len(rest):
        part = _PART.match(rest, position)
        if part is None or part[1] in found:
            raise WechatSignatureInvalid("the header Authorization cannot be read")
        found[part[1]] = part[2]
        position = part.end()
    if missing := sorted(_NAMES - found.keys()):
        raise WechatSignatureInvalid(f"the header Authorization lacks {', '.join(missing)}")
    if not _DIGITS.fullmatch(found["timestamp"]):
        raise WechatSignatureInvalid("the timestamp is no number of seconds")
    return Authorization(
        found["mchid"], found["nonce_str"], found["signature"], int(found["timestamp"]), found["serial_no"]
    )


def verified(request: Request, key: RSAPublicKey, *, at: int) -> Call:
    """Check a request's signature at an instant (seconds since 1970).

    *Refuses:* WechatSignatureInvalid, also when the request is more than 300 s away from *at*.
    """
    said = authorization_of(request)
    if abs(at - said.timestamp) > SKEW_SECONDS_MAX:
        raise WechatSignatureInvalid(f"the request was signed more than {SKEW_SECONDS_MAX} s from now")
    lines = (request.method.upper(), request.origin_form, str(said.timestamp), said.nonce_str, request.body)
    if not is_signed(_lines(*lines), said.signature, key):
        raise WechatSignatureInvalid("the signature does not belong to this request and this key")
    return Call(
        said.mchid, said.serial_no, said.nonce_str, request.method.upper(), request.path, request.query, request.body
    )


def answer_signature(timestamp: int, nonce: str, body: str, key: RSAPrivateKey) -> str:
    """Sign an answer or a callback."""
    return signature_of(_lines(str(timestamp), nonce, body), key)


def sealed(text: str, key: bytes, *, nonce: str, associated_data: str) -> Sealed:
    """Encrypt the text of a callback.

    *Shape:* a key of 32 bytes, a nonce of 12 characters that is never used twice with one key.
    """
    ciphertext = AESGCM(key).encrypt(nonce.encode(), text.encode(), associated_data.encode())
    return Sealed(ALGORITHM, base64.b64encode(ciphertext).decode(), associated_data, nonce)


def opened(what: Sealed, key: bytes) -> str:
    """Decrypt what `sealed` made. An altered text raises InvalidTag."""
    ciphertext = base64.b64decode(what.ciphertext, validate=True)
    return AESGCM(key).decrypt(what.nonce.encode(), ciphertext, what.associated_data.encode()).decode()


def encrypted_field(text: str, key: RSAPublicKey) -> str:
    """Encrypt a personal field for whoever holds the private key. SHA-1 here is the form's rule and only a mask."""
    padding = OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None)  # noqa: S303  fixed by the form
    return base64.b64encode(key.encrypt(text.encode(), padding)).decode()


def decrypted_field(text: str, key: RSAPrivateKey) -> str:
    """Decrypt a personal field. One that was not made for this key raises ValueError."""
    padding = OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None)  # noqa: S303  fixed by the form
    return key.decrypt(base64.b64decode(text, validate=True), padding).decode()


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
