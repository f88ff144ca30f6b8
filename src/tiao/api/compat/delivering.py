"""Sending notices: taken from where they were written with the fact, sent with no transaction open, noted again."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec
import structlog

from tiao.api.compat import outgoing
from tiao.api.compat.alipay.signing import signed_notice
from tiao.api.compat.outgoing import Answer
from tiao.api.compat.platform_key import Signer, signer_of
from tiao.api.compat.wechatpay.notices import Content
from tiao.api.compat.wechatpay.signing import SCHEME, answer_signature, sealed
from tiao.api.services import Services
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import Notice, Surface
from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.model import Account

#: How often somebody looks for what is due.
PAUSE_SECONDS = 0.5
#: So many are sent at once; each is ours for so long, should this process die.
AT_ONCE = 16
LEASE = timedelta(seconds=60)
_M, _H = timedelta(minutes=1), timedelta(hours=1)
_S = timedelta(seconds=1)
#: After which pauses a merchant is told again. Source: the forms' own documents.
PLANS: dict[Surface, tuple[timedelta, ...]] = {
    Surface.ALIPAY: (4 * _M, 10 * _M, 10 * _M, _H, 2 * _H, 6 * _H, 15 * _H),
    Surface.WECHATPAY: (
        *(15 * _S, 15 * _S, 30 * _S, 3 * _M, 10 * _M, 20 * _M, 30 * _M, 30 * _M, 30 * _M),
        *(60 * _M, 3 * _H, 3 * _H, 3 * _H, 6 * _H, 6 * _H),
    ),
}
_SEALED_NONCE_BYTES = 6
_ACKNOWLEDGED = {200, 204}


class _Sent(NamedTuple):
    headers: dict[str, str]
    body: bytes


async def deliver(services: Services) -> None:
    """Go on sending what is due."""
    log = structlog.get_logger()
    while True:
        try:
            if services.shards.sites[0].is_up:
                while await deliver_due(services):
                    pass
        except Exception:
            log.exception("job", job="merchant_notices")
        await asyncio.sleep(PAUSE_SECONDS)


async def deliver_due(services: Services) -> int:
    """Send what is due now; answers how many."""
    home = services.platform
    async with home.db.begin() as tx:
        at = await services.clock.now(tx)
        due = await orders.take_due(tx, at=at, until=at + LEASE, limit=AT_ONCE)
        if not due:
            return 0
        signer = signer_of(await accounts.platform_key(tx), home.vault)
        known = {each.account_id: await accounts.account(tx, each.account_id) for each in due}
    await asyncio.gather(*(_send(services, each, known[each.account_id], signer) for each in due))
    return len(due)


async def _send(services: Services, notice: Notice, account: Account, signer: Signer) -> None:
    where = await outgoing.destination(notice.url, account.notify_allow)
    if where is None:
        answer = Answer(0, b"", "address_not_allowed")
    else:
        sent = await _written(services, notice, account, signer)
        answer = await outgoing.post(where, headers=sent.headers, body=sent.body)
    async with services.platform.db.begin() as tx:
        at = await services.clock.now(tx)
        shown = answer.reason or str(answer.status)
        if is_acknowledged(notice.surface, answer):
            await orders.acknowledged(tx, notice, answer=shown, at=at)
        else:
            due_at = again_at(notice.surface, notice.attempts, at)
            await orders.not_acknowledged(tx, notice, answer=shown, due_at=due_at)


def is_acknowledged(surface: Surface, answer: Answer) -> bool:
    """Tell whether a merchant took a notice: one form says it in the body, the other by its status."""
    if surface is Surface.ALIPAY:
        return answer.status == 200 and answer.body.strip().lower() == b"success"  # noqa: PLR2004  HTTP's own number
    return answer.status in _ACKNOWLEDGED


def again_at(surface: Surface, attempts: int, at: datetime) -> datetime | None:
    """Say when a merchant is told again after so many attempts; None: not any more."""
    plan = PLANS[surface]
    return at + plan[attempts - 1] if attempts <= len(plan) else None


async def _written(services: Services, notice: Notice, account: Account, signer: Signer) -> _Sent:
    if notice.surface is Surface.ALIPAY:
        said = msgspec.json.decode(notice.content, type=dict[str, str])
        form = urlencode(signed_notice(said, signer.private_key))
        return _Sent({"content-type": "application/x-www-form-urlencoded; charset=utf-8"}, form.encode())
    content = msgspec.json.decode(notice.content, type=Content)
    text = msgspec.json.encode(content.resource).decode()
    key = accounts.secret_key(services.platform.vault, account)
    nonce = secrets.token_hex(_SEALED_NONCE_BYTES)
    resource = sealed(text, key, nonce=nonce, associated_data=content.original_type)
    body = msgspec.json.encode(
        {
            "id": content.id,
            "create_time": content.create_time,
            "resource_type": "encrypt-resource",
            "event_type": content.event_type,
            "summary": content.summary,
            "resource": {"original_type": content.original_type, **msgspec.structs.asdict(resource)},
        }
    )
    async with services.platform.db.begin() as tx:
        real = int((await services.clock.now(tx)).timestamp())
    return _Sent({"content-type": "application/json", **signature_headers(real, body, signer)}, body)


def signature_headers(timestamp: int, body: bytes, signer: Signer, *, serial: str | None = None) -> dict[str, str]:
    """Write the headers that sign an answer or a callback, under the certificate's serial unless told otherwise."""
    nonce = secrets.token_hex(16)
    return {
        "Wechatpay-Timestamp": str(timestamp),
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": answer_signature(timestamp, nonce, body.decode(), signer.private_key),
        "Wechatpay-Signature-Type": SCHEME,
        "Wechatpay-Serial": serial or signer.certificate_serial,
    }
