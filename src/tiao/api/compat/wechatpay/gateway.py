"""One request of this form: read, held against its merchant's key, taken once, done, and answered signed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote

import msgspec

from tiao.api.compat import counter
from tiao.api.compat.keys import public_key
from tiao.api.compat.platform_key import Signer
from tiao.api.compat.reading import check_text
from tiao.api.compat.refusals import WechatNotAllowed, WechatParameterInvalid, WechatSignatureInvalid
from tiao.api.compat.request import Request
from tiao.api.compat.till import Till
from tiao.api.compat.wechatpay import account, bills, payments, refunds, sharing
from tiao.api.compat.wechatpay.asked import UNKNOWN, Fault, fault_of
from tiao.api.compat.wechatpay.asking import Asking, Reply
from tiao.api.compat.wechatpay.signing import Call, authorization_of, signed_headers, verified
from tiao.api.edge import Facts
from tiao.api.services import Services
from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.model import Account
from tiao.partners.accounts.refusals import AccountUnknown
from tiao.values.refusal import Refusal

_KEY_ID = "PUB_KEY_ID_"
_NONCE_BYTES = 16

Endpoint = Callable[..., Awaitable[Reply]]
#: What can be asked; a part in braces of an address is given to the endpoint.
_ENDPOINTS: dict[str, Endpoint] = {
    "POST /v3/pay/transactions/(native|jsapi|app|h5|codepay)": payments.make,
    "GET /v3/pay/transactions/id/([^/]+)": payments.by_transaction,
    "GET /v3/pay/transactions/out-trade-no/([^/]+)": payments.by_number,
    "POST /v3/pay/transactions/out-trade-no/([^/]+)/close": payments.close,
    "POST /v3/pay/transactions/out-trade-no/([^/]+)/reverse": payments.take_back,
    "POST /v3/refund/domestic/refunds": refunds.make,
    "GET /v3/refund/domestic/refunds/([^/]+)": refunds.by_number,
    "GET /v3/bill/tradebill": bills.trade,
    "GET /v3/bill/fundflowbill": bills.funds,
    "GET /v3/billdownload/file": bills.file,
    "POST /v3/profitsharing/receivers/add": sharing.add_receiver,
    "POST /v3/profitsharing/receivers/delete": sharing.delete_receiver,
    "POST /v3/profitsharing/orders": sharing.make,
    "POST /v3/profitsharing/orders/unfreeze": sharing.release,
    "GET /v3/profitsharing/orders/([^/]+)": sharing.by_number,
    "POST /v3/profitsharing/return-orders": sharing.give_back,
    "GET /v3/profitsharing/return-orders/([^/]+)": sharing.return_by_number,
    "GET /v3/profitsharing/transactions/([^/]+)/amounts": sharing.left,
    "GET /v3/profitsharing/bills": bills.shares,
    "GET /v3/certificates": account.certificates,
    "POST /v3/pay/instal/exposure": account.exposure,
}
_PATTERNS = [(re.compile(pattern), endpoint) for pattern, endpoint in _ENDPOINTS.items()]


class Answered(NamedTuple):
    """An answer as it goes out."""

    status: HTTPStatus
    headers: dict[str, str]
    body: bytes


async def answer(services: Services, request: Request, facts: Facts, base_url: str) -> Answered:
    """Answer a request; every refusal, and every failure of ours, is an answer too.

    *Refuses:* PlatformKeyMissing, when there is nothing to sign with.
    """
    signer = await counter.signer(services)
    is_by_key_id = request.header("wechatpay-serial").startswith(_KEY_ID)
    try:
        reply = await _done(services, request, signer, base_url, is_by_key_id=is_by_key_id)
    except Refusal as refusal:
        reply = _refused(fault_of(refusal), facts)
    except Exception as error:  # noqa: BLE001  whatever it is, this form's answer is that it may be asked again
        facts.error = error
        reply = _refused(UNKNOWN, facts)
    if reply.file is not None:
        return Answered(reply.status, {"content-type": "application/octet-stream"}, reply.file)
    body = b"" if reply.document is None else msgspec.json.encode(reply.document)
    at = int((await counter.real_now(services)).timestamp())
    nonce = services.random_bytes(_NONCE_BYTES).hex()
    headers = signed_headers(body.decode(), signer, at=at, nonce=nonce, is_by_key_id=is_by_key_id)
    if body:
        headers["content-type"] = "application/json; charset=utf-8"
    return Answered(reply.status, {**headers, "Request-ID": facts.request_id}, body)


async def _done(services: Services, request: Request, signer: Signer, base_url: str, *, is_by_key_id: bool) -> Reply:
    if not request.is_whole:
        raise WechatParameterInvalid("the body is too long")
    at = await counter.real_now(services)
    signed_by, call = await _verified(services, request, at=int(at.timestamp()))
    async with services.platform.db.begin() as tx:
        await accounts.see_nonce(tx, signed_by, call.nonce_str, at)
    if services.limiter is not None:
        services.limiter.take(signed_by.merchant_id)
    asking = Asking(Till(services, signed_by), call, signer, base_url, is_by_key_id)
    for pattern, endpoint in _PATTERNS:
        found = pattern.fullmatch(f"{call.method} {call.path}")
        if found is not None:
            return await endpoint(asking, *(_part(each) for each in found.groups()))
    raise WechatNotAllowed("该接口未开通")


async def _verified(services: Services, request: Request, *, at: int) -> tuple[Account, Call]:
    """Find the merchant who signed, and check that it did. *Refuses:* WechatSignatureInvalid."""
    said = authorization_of(request)
    try:
        found = await counter.account_of(services, said.mchid)
    except AccountUnknown as refusal:
        raise WechatSignatureInvalid("mchid is unknown") from refusal
    if said.mchid != found.mchid or said.serial_no.upper() != found.certificate_serial.upper():
        raise WechatSignatureInvalid("serial_no is not of a certificate of this merchant")
    return found, verified(request, public_key(found.public_key), at=at)


def _part(text: str) -> str:
    """Read a part of an address. *Refuses:* WechatParameterInvalid."""
    try:
        read = unquote(text, errors="strict")
        check_text(read)
    except ValueError as error:
        raise WechatParameterInvalid("the address cannot be read") from error
    return read


def _refused(fault: Fault, facts: Facts) -> Reply:
    facts.code = fault.code
    return Reply({"code": fault.code, "message": fault.message}, fault.status)
