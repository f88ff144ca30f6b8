"""What is signed in this form: sorted parameters in a request and a notice, the bytes of a node in an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from tiao.api.compat.keys import is_signed, signature_of
from tiao.api.compat.reading import UnreadableError, check_text, object_of
from tiao.api.compat.refusals import AlipayParameterInvalid, AlipaySignatureInvalid, AlipaySignatureMissing
from tiao.api.compat.request import Request

_SIGN, _SIGN_TYPE = "sign", "sign_type"
_RSA2 = "RSA2"
_PARAMETERS_MAX, _NAME_SHOWN = 200, 64


class Call(msgspec.Struct, frozen=True):
    """A verified call: whose, of what, with which content."""

    app_id: str
    method: str
    biz_content: dict[str, Any] | None
    parameters: dict[str, str]


def parameters_of(request: Request) -> dict[str, str]:
    """Collect the decoded parameters of query and form together.

    *Refuses:* AlipayParameterInvalid: too many, not UTF-8, not to be stored, or one given twice with different values.
    """
    found: dict[str, str] = {}
    form = request.body if "json" not in request.header("content-type") else ""
    try:
        for part in (request.query, form):
            pairs = parse_qsl(part, keep_blank_values=True, errors="strict", max_num_fields=_PARAMETERS_MAX)
            for name, value in pairs:
                check_text(value)
                if found.setdefault(name, value) != value:
                    raise AlipayParameterInvalid(f"{name[:_NAME_SHOWN]} is given twice, with different values")
    except ValueError as error:
        raise AlipayParameterInvalid(f"the parameters cannot be read: {error}") from error
    return found


def signed_content(parameters: Mapping[str, str], *, leaves_out: frozenset[str] = frozenset({_SIGN})) -> str:
    """Join the parameters as they are signed: sorted by name, decoded, without empty ones."""
    return "&".join(f"{name}={value}" for name, value in sorted(parameters.items()) if value and name not in leaves_out)


def verified(request: Request, key: RSAPublicKey) -> Call:
    """Check a request's signature and read what it asks for.

    *Refuses:* AlipaySignatureMissing, AlipaySignatureInvalid, AlipayParameterInvalid.
    """
    parameters = parameters_of(request)
    signature = parameters.get(_SIGN, "")
    if not signature:
        raise AlipaySignatureMissing("the parameter sign is missing")
    if parameters.get(_SIGN_TYPE, _RSA2) != _RSA2:
        raise AlipaySignatureInvalid(f"the only signature type is {_RSA2}")
    if not is_signed(signed_content(parameters).encode(), signature, key):
        raise AlipaySignatureInvalid("the signature does not belong to these parameters and this key")
    return Call(
        app_id=parameters.get("app_id", ""),
        method=parameters.get("method", ""),
        biz_content=_biz_content(parameters.get("biz_content", "")),
        parameters=parameters,
    )


def _biz_content(text: str) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        return object_of(text)
    except UnreadableError as error:
        raise AlipayParameterInvalid(f"biz_content: {error}") from error


def signed_answer(method: str, node: Mapping[str, Any], key: RSAPrivateKey) -> bytes:
    """Write an answer: the node, named after the method, and the signature of exactly its bytes.

    Braces within values are escaped, because a library in the field finds the node's end by counting braces.
    """
    inner = _without_braces_in_text(msgspec.json.encode(node))
    name = method.replace(".", "_") + "_response"
    return b'{"%b":%b,"sign":"%b"}' % (name.encode(), inner, signature_of(inner, key).encode())


def signed_notice(parameters: Mapping[str, str], key: RSAPrivateKey) -> dict[str, str]:
    """Sign a notice: unlike in a request, the signature's type is not covered."""
    content = signed_content(parameters, leaves_out=frozenset({_SIGN, _SIGN_TYPE}))
    return {**parameters, _SIGN_TYPE: _RSA2, _SIGN: signature_of(content.encode(), key)}


def _without_braces_in_text(document: bytes) -> bytes:
    written = bytearray()
    is_text = is_escaped = False
    for byte in document:
        char = bytes([byte])
        if is_text and not is_escaped and char in b"{}":
            written += b"\\u%04x" % byte
            continue
        written.append(byte)
        if is_escaped:
            is_escaped = False
        elif is_text and char == b"\\":
            is_escaped = True
        elif char == b'"':
            is_text = not is_text
    return bytes(written)
