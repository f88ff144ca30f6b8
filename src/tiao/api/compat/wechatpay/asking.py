"""A verified request at a merchant's till, and what is answered to it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from tiao.api.compat.platform_key import Signer
from tiao.api.compat.reading import check_text
from tiao.api.compat.refusals import WechatParameterInvalid
from tiao.api.compat.till import Till
from tiao.api.compat.wechatpay.signing import Call


class Asking(NamedTuple):
    """A verified call at a merchant's till, and where this server is reached.

    *is_by_key_id*: the caller knows the platform's key by its own number, not by the certificate's.
    """

    till: Till
    call: Call
    signer: Signer
    base_url: str
    is_by_key_id: bool

    def given(self, name: str) -> str:
        """Give a parameter of the query. *Refuses:* WechatParameterInvalid."""
        found = self.maybe(name)
        if found is None:
            raise WechatParameterInvalid(f"{name} is missing")
        return found

    def maybe(self, name: str) -> str | None:
        """Give a parameter of the query, if it is there. *Refuses:* WechatParameterInvalid."""
        try:
            values = parse_qs(self.call.query, errors="strict").get(name, [])
            for each in values:
                check_text(each)
        except ValueError as error:
            raise WechatParameterInvalid(f"the query cannot be read: {error}") from error
        if len(values) > 1:
            raise WechatParameterInvalid(f"{name} is given twice")
        return values[0] if values else None


class Reply(NamedTuple):
    """What is answered: a document, or nothing with 204; or bytes that are neither JSON nor signed."""

    document: Any = None
    status: HTTPStatus = HTTPStatus.OK
    file: bytes | None = None
