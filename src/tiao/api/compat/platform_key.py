"""The platform's own key pair and certificate: made once, sealed at rest, read when something is to be signed."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.model import KeyPair
from tiao.runtime.secrets import FieldCipher
from tiao.values.moment import Moment

_BITS = 2048
_EXPONENT = 65537
#: A platform certificate of this form is good for five years.
VALIDITY = timedelta(days=5 * 365)


class Signer(NamedTuple):
    """What answers and notices are signed with."""

    private_key: RSAPrivateKey
    certificate: str
    certificate_serial: str
    public_key_id: str
    valid_from: datetime
    valid_until: datetime

    def __repr__(self) -> str:
        """Leave the key out."""
        return f"Signer({self.certificate_serial})"

    @property
    def public_key(self) -> str:
        """The public half, in PEM."""
        key = self.private_key.public_key()
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def new_key_pair(now: Moment, vault: FieldCipher, *, real_at: datetime) -> KeyPair:
    """Make a key pair and its self-signed certificate; certificates follow the real clock."""
    key = rsa.generate_private_key(public_exponent=_EXPONENT, key_size=_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tiao platform")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(real_at - timedelta(days=1))
        .not_valid_after(real_at + VALIDITY)
        .sign(key, SHA256())
    )
    key_id = now.new_id()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return KeyPair(
        id=key_id,
        private_key_sealed=vault.encrypt(private, context=accounts.private_key_context(key_id)),
        certificate=certificate.public_bytes(Encoding.PEM).decode(),
        certificate_serial=f"{certificate.serial_number:X}",
        public_key_id=f"PUB_KEY_ID_{key_id.int % 10**22:022d}",
        made_at=real_at,
    )


@lru_cache(maxsize=4)
def signer_of(pair: KeyPair, vault: FieldCipher) -> Signer:
    """Open a key pair; one that was opened stays open, for examining a private key takes longer than a request.

    *Refuses:* FieldUnreadable.
    """
    text = vault.decrypt(pair.private_key_sealed, context=accounts.private_key_context(pair.id))
    key = load_pem_private_key(text.encode(), password=None)
    assert isinstance(key, RSAPrivateKey), "it was made here"
    certificate = x509.load_pem_x509_certificate(pair.certificate.encode())
    return Signer(
        key,
        pair.certificate,
        pair.certificate_serial,
        pair.public_key_id,
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )
