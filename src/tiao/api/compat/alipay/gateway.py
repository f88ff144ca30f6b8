"""One request of this form: read, held against its merchant's key, done, and answered signed, always with 200."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from tiao.api.compat import counter
from tiao.api.compat.alipay.asked import APP_UNKNOWN, METHOD_UNKNOWN, UNKNOWN, Fault, fault_of
from tiao.api.compat.alipay.methods import METHODS, PAGES, Asking, Node, page
from tiao.api.compat.alipay.signing import parameters_of, signed_answer, verified
from tiao.api.compat.alipay.values import instant_of
from tiao.api.compat.keys import public_key
from tiao.api.compat.reading import is_web_address
from tiao.api.compat.refusals import (
    AlipayAppIdMissing,
    AlipayMethodMissing,
    AlipayParameterInvalid,
    AlipayTimestampMissing,
)
from tiao.api.compat.request import Request
from tiao.api.compat.till import Till
from tiao.api.edge import Facts
from tiao.api.services import Services
from tiao.partners.accounts.refusals import AccountUnknown
from tiao.values.refusal import Refusal

#: The client's wall clock has no zone; repeating a request does no harm.
SKEW = timedelta(hours=24)
#: How requests are written, where they say so at all.
_ONLY = {"charset": "utf-8", "version": "1.0", "format": "json"}


class Answered(NamedTuple):
    """A document, or the address that a browser is led to."""

    document: bytes | None
    address: str | None = None


async def answer(services: Services, request: Request, facts: Facts, base_url: str) -> Answered:
    """Answer a request; every refusal, and every failure of ours, is an answer too.

    *Refuses:* PlatformKeyMissing, when there is nothing to sign with.
    """
    signer = await counter.signer(services)
    method = "error"
    try:
        parameters = parameters_of(request)
        method = _plain(parameters.get("method", ""))
        done = await _done(services, request, parameters, base_url)
    except Refusal as refusal:
        done = fault_of(refusal)
    except Exception as error:  # noqa: BLE001  whatever it is, this form's answer is that the merchant must query
        facts.error = error
        done = UNKNOWN
    if isinstance(done, str):
        return Answered(None, done)
    if isinstance(done, Fault):
        facts.code = done.sub_code
        done = done.node()
    return Answered(signed_answer(method, done, signer.private_key))


async def _done(
    services: Services, request: Request, parameters: Mapping[str, str], base_url: str
) -> Node | Fault | str:
    """Do what is asked, and give the answer's node, or the address that a browser is led to."""
    if not request.is_whole:
        raise AlipayParameterInvalid("the body is too long")
    method, app_id = parameters.get("method", ""), parameters.get("app_id", "")
    if not method:
        raise AlipayMethodMissing
    if method not in METHODS and method not in PAGES:
        return METHOD_UNKNOWN
    if not app_id:
        raise AlipayAppIdMissing
    try:
        account = await counter.account_of(services, app_id)
    except AccountUnknown:
        return APP_UNKNOWN
    if account.app_id != app_id:  # a number of the other form opens nothing here
        return APP_UNKNOWN
    call = verified(request, public_key(account.public_key))
    await _check_form(services, parameters)
    if services.limiter is not None:
        services.limiter.take(account.merchant_id)
    asking = Asking(Till(services, account), call, base_url)
    if method in PAGES:
        return await page(asking)
    return {"code": "10000", "msg": "Success"} | await METHODS[method](asking)


async def _check_form(services: Services, parameters: Mapping[str, str]) -> None:
    """Check what says how a request is written. *Refuses:* AlipayTimestampMissing, AlipayParameterInvalid."""
    made_at = parameters.get("timestamp", "")
    if not made_at:
        raise AlipayTimestampMissing
    if abs(await counter.real_now(services) - instant_of(made_at, "timestamp")) > SKEW:
        raise AlipayParameterInvalid("timestamp is more than a day from now")
    for name, only in _ONLY.items():
        if parameters.get(name, only).lower() not in {only, ""}:
            raise AlipayParameterInvalid(f"{name} is {only}")
    for name in ("notify_url", "return_url"):
        if parameters.get(name) and not is_web_address(parameters[name]):
            raise AlipayParameterInvalid(f"{name} must be an address of the web of at most 512 characters")


def _plain(method: str) -> str:
    """Name the node of a method that nobody knows without letting it write the answer."""
    is_plain = method.isascii() and method.replace(".", "").replace("_", "").isalnum()
    return method if is_plain else "error"
