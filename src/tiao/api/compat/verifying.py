"""The documents of `tiao compat verify`: a request and a key in, what the request says or why it is refused out."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from tiao.api.compat.alipay import signing as alipay_signing
from tiao.api.compat.keys import public_key
from tiao.api.compat.refusals import CompatRefused
from tiao.api.compat.request import Request
from tiao.api.compat.wechatpay import signing as wechatpay_signing
from tiao.runtime.questions import Answered, answered


class VerifyAsked(msgspec.Struct, frozen=True):
    """A request as it stood on the wire, the merchant's key, and the instant in seconds since 1970."""

    surface: Literal["alipay", "wechatpay_v3"]
    request: Request
    merchant_public_key: str
    at: int | None = None


class AlipayVerified(msgspec.Struct, frozen=True):
    """A request of Alipay's form that is what its merchant signed."""

    ok: bool
    app_id: str
    method: str
    biz_content: dict[str, Any] | None


class WechatVerified(msgspec.Struct, frozen=True):
    """A request of WeChat Pay's form that is what its merchant signed."""

    ok: bool
    mchid: str
    serial_no: str
    method: str
    path: str
    query: str
    body: str


class _Fault(msgspec.Struct, frozen=True):
    code: str
    detail: str


class Refused(msgspec.Struct, frozen=True):
    """A request that is not what its merchant signed, or a question that cannot be read."""

    ok: bool
    error: _Fault


Answer = AlipayVerified | WechatVerified | Refused


def verified(document: bytes) -> Answered:
    """Answer questions whether requests are what their merchants signed."""
    return answered(document, answer=_answer, malformed=lambda detail: _refused(CompatRefused(detail)))


def _answer(asked: object) -> Answer:
    try:
        question = msgspec.convert(asked, VerifyAsked)
        return _alipay(question) if question.surface == "alipay" else _wechatpay(question)
    except msgspec.ValidationError as error:
        return _refused(CompatRefused(str(error)))
    except CompatRefused as refusal:
        return _refused(refusal)


def _alipay(question: VerifyAsked) -> Answer:
    call = alipay_signing.verified(question.request, public_key(question.merchant_public_key))
    return AlipayVerified(ok=True, app_id=call.app_id, method=call.method, biz_content=call.biz_content)


def _wechatpay(question: VerifyAsked) -> Answer:
    if question.at is None:
        raise CompatRefused("`at` is missing: this form's requests are good for 300 s only")
    call = wechatpay_signing.verified(question.request, public_key(question.merchant_public_key), at=question.at)
    return WechatVerified(
        ok=True,
        mchid=call.mchid,
        serial_no=call.serial_no,
        method=call.method,
        path=call.path,
        query=call.query,
        body=call.body,
    )


def _refused(refusal: CompatRefused) -> Refused:
    return Refused(ok=False, error=_Fault(refusal.wire_code, refusal.detail))
