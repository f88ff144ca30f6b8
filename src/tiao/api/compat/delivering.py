"""Sending notices: taken from where they were written with the fact, sent with no transaction open, noted again."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from tiao.api.compat import outgoing
from tiao.api.compat.alipay import notices as alipay
from tiao.api.compat.outgoing import Answer, Letter
from tiao.api.compat.platform_key import Signer, signer_of
from tiao.api.compat.wechatpay import notices as wechatpay
from tiao.api.services import Services
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import Notice, Surface
from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.model import Account

#: So many are sent at once; each is ours for so long, should this process die.
AT_ONCE = 16
LEASE = timedelta(seconds=60)
#: A letter of either form is made with so many random bytes.
_RANDOM_BYTES = 16


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
        answer = await outgoing.post(where, await _letter(services, notice, account, signer))
    async with services.platform.db.begin() as tx:
        at = await services.clock.now(tx)
        shown = answer.reason or str(answer.status)
        if is_acknowledged(notice.surface, answer):
            await orders.acknowledged(tx, notice, answer=shown, at=at)
        else:
            await orders.not_acknowledged(
                tx, notice, answer=shown, due_at=again_at(notice.surface, notice.attempts, at)
            )


async def _letter(services: Services, notice: Notice, account: Account, signer: Signer) -> Letter:
    match notice.surface:
        case Surface.ALIPAY:
            return alipay.letter(notice, signer)
        case Surface.WECHATPAY:
            secret = accounts.secret_key(services.platform.vault, account)
            async with services.platform.db.begin() as tx:
                at = await services.clock.now(tx)
            return wechatpay.letter(notice, signer, secret=secret, at=at, random=services.random_bytes(_RANDOM_BYTES))
        case Surface.NATIVE:
            raise AssertionError("orders of the platform's own form leave no such notice")


def is_acknowledged(surface: Surface, answer: Answer) -> bool:
    """Tell whether a merchant took a notice, as its form says so."""
    form = {Surface.ALIPAY: alipay.is_acknowledged, Surface.WECHATPAY: wechatpay.is_acknowledged}
    return form[surface](answer)


def again_at(surface: Surface, attempts: int, at: datetime) -> datetime | None:
    """Say when a merchant is told again after so many attempts; None: not any more."""
    plan = {Surface.ALIPAY: alipay.PLAN, Surface.WECHATPAY: wechatpay.PLAN}[surface]
    return at + plan[attempts - 1] if attempts <= len(plan) else None
