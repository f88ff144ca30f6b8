"""Why a request of a foreign form is refused; *wire_code* is what the caller's own library looks for."""

from __future__ import annotations

from typing import ClassVar

from tiao.values.refusal import Kind, Refusal


class CompatRefused(Refusal):
    """The request does not keep the rules of the form it is in."""

    kind = Kind.INVALID
    wire_code: ClassVar[str] = "bad_document"


class AlipaySignatureMissing(CompatRefused):
    """The request is not signed."""

    kind = Kind.UNAUTHENTICATED
    wire_code = "isv.missing-signature"


class AlipaySignatureInvalid(CompatRefused):
    """The signature does not belong to this request and this key."""

    kind = Kind.UNAUTHENTICATED
    wire_code = "isv.invalid-signature"


class AlipayMethodMissing(CompatRefused):
    """The request does not say what it asks."""

    wire_code = "isv.missing-method"


class AlipayAppIdMissing(CompatRefused):
    """The request does not say who asks."""

    wire_code = "isv.missing-app-id"


class AlipayTimestampMissing(CompatRefused):
    """The request does not say when it was made."""

    wire_code = "isv.missing-timestamp"


class AlipayParameterInvalid(CompatRefused):
    """A parameter cannot be read."""

    wire_code = "isv.invalid-parameter"


class TradeNotOpen(Refusal):
    """Only a trade that waits for its payer can be closed."""


class WechatSignatureInvalid(CompatRefused):
    """The request is unsigned, signed otherwise, or too old."""

    kind = Kind.UNAUTHENTICATED
    wire_code = "SIGN_ERROR"


class WechatParameterInvalid(CompatRefused):
    """A parameter is missing or cannot be read."""

    wire_code = "PARAM_ERROR"


class WechatRequestInvalid(CompatRefused):
    """The request does not fit what is there."""

    wire_code = "INVALID_REQUEST"


class WechatNotAllowed(CompatRefused):
    """The merchant may not ask this, or nobody may."""

    kind = Kind.FORBIDDEN
    wire_code = "NO_AUTH"
