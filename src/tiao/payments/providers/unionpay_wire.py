"""The wire of UnionPay's form: form fields, signed with RSA over their sorted text.

Signature: SHA-256 of the sorted `k=v` joined with `&` (without `signature`), in hex, signed with SHA256withRSA, Base64.
It covers every field, so an answer cannot be given to another question: orderId and txnTime come back in it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

VERSION = "5.1.0"
#: 交易类型: taken by agreement, asked about, paid out, file of a day, agreement made.
TAKE, ASK, PAY, FILE, AGREE = "11", "00", "12", "76", "79"
#: 文件类型: the payments of a day; what the settling bank's statement says of it.
DAY_FILE, STATEMENT_FILE = "00", "53"
FIELDS_MAX = 64
BODY_BYTES_MAX = 64 << 20
_KEY_BITS = 2048


class Keys(NamedTuple):
    """One side's own key, and the other's public one."""

    own: rsa.RSAPrivateKey
    theirs: rsa.RSAPublicKey


class NotGenuine(Exception):  # noqa: N818  what came is not what it says
    """The fields are not signed by the other side, or are no fields."""


def signed(fields: Mapping[str, str], keys: Keys) -> bytes:
    """Write fields with their signature."""
    fields = {name: said.encode(errors="replace").decode() for name, said in fields.items()}
    signature = keys.own.sign(_digest(fields), padding.PKCS1v15(), hashes.SHA256())
    return urlencode({**fields, "signature": base64.b64encode(signature).decode()}).encode()


def opened(body: bytes, keys: Keys) -> dict[str, str]:
    """Read fields once their signature is checked. Raises: NotGenuine."""
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=FIELDS_MAX, errors="strict")
        fields = dict(pairs)
        signature = base64.b64decode(fields.pop("signature"), validate=True)
        if len(pairs) != len(fields) + 1:
            raise NotGenuine("a field comes twice")
        keys.theirs.verify(signature, _digest(fields), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, KeyError, ValueError) as error:
        raise NotGenuine("the signature does not fit") from error
    return fields


def _digest(fields: Mapping[str, str]) -> bytes:
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name])
    return hashlib.sha256(text.encode()).hexdigest().encode()


def make_keys(folder: Path) -> None:
    """Make a merchant's and a gateway's key where there are none: for trials, with `tiao bank`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for side in ("merchant", "gateway"):
        if (folder / f"{side}.pem").exists():
            continue
        key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = folder / f"{side}.pem"
        path.touch(mode=0o600)
        path.write_bytes(private)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        (folder / f"{side}.pub.pem").write_bytes(public)


def read_keys(folder: Path, *, side: str, other: str) -> Keys:
    """Read one side's key and the other's public one."""
    own = serialization.load_pem_private_key((folder / f"{side}.pem").read_bytes(), password=None)
    theirs = serialization.load_pem_public_key((folder / f"{other}.pub.pem").read_bytes())
    assert isinstance(own, rsa.RSAPrivateKey), f"{side}.pem is an RSA key"
    assert isinstance(theirs, rsa.RSAPublicKey), f"{other}.pub.pem is an RSA key"
    return Keys(own, theirs)
