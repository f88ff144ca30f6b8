"""What is signed in this form: lines of method, target, time, nonce and body."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tiao.api.compat.keys import is_signed, signature_of
from tiao.api.compat.platform_key import Signer
from tiao.api.compat.refusals import WechatSignatureInvalid
from tiao.api.compat.request import Request

SCHEME = "WECHATPAY2-SHA256-RSA2048"
SKEW_SECONDS_MAX = 300
_PART = re.compile(r'\s*(\w+)="([^"]*)"\s*(?:,|$)')
_NAMES = frozenset({"mchid", "nonce_str", "signature", "timestamp", "serial_no"})
_DIGITS = re.compile(r"[0-9]{1,12}")
_NONCE_MAX = 64
#: What this form's own libraries look for beside the signature.
_TYPE_HEADER = "Wechatpay-Signature-Type"


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
    if not 0 < len(found["nonce_str"]) <= _NONCE_MAX:
        raise WechatSignatureInvalid(f"nonce_str has 1 to {_NONCE_MAX} characters")
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


def signed_headers(body: str, signer: Signer, *, at: int, nonce: str, is_by_key_id: bool) -> dict[str, str]:
    """Sign an answer or a notice, under the number of the public key or of the certificate, as its reader knows it."""
    return {
        "Wechatpay-Timestamp": str(at),
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": signer.public_key_id if is_by_key_id else signer.certificate_serial,
        "Wechatpay-Signature": signature_of(_lines(str(at), nonce, body), signer.private_key),
        _TYPE_HEADER: SCHEME,
    }


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
