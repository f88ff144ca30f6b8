"""Notices of foreign forms: how one is signed, when it was taken, and when it is told again."""

from __future__ import annotations

from datetime import datetime

from tiao.api.compat.alipay import notices as alipay
from tiao.api.compat.platform_key import Signer, signer_of
from tiao.api.compat.wechatpay import notices as wechatpay
from tiao.api.services import Services
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import Notice, Surface
from tiao.events.jobs import LEASE
from tiao.events.sending import Answer, Letter, Message
from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.model import Account

#: A letter of either form is made with so many random bytes.
_RANDOM_BYTES = 16


class Notices:
    """What merchants who speak another form are told of their orders; plans count real time, whatever the clock."""

    name = "merchant_notices"

    def __init__(self, services: Services) -> None:
        self._services = services

    async def take(self, limit: int) -> list[tuple[Notice, Message]]:
        """Take what is due, and write it in the merchant's form."""
        home = self._services.platform
        async with home.db.begin() as tx:
            at = await self._services.clock.now(tx)
            due = await orders.take_due(tx, at=at, until=at + LEASE, limit=limit)
            if not due:
                return []
            signer = signer_of(await accounts.platform_key(tx), home.vault)
            known = {each.account_id: await accounts.account(tx, each.account_id) for each in due}
        return [(each, self._message(each, known[each.account_id], signer, at)) for each in due]

    async def note(self, item: Notice, answer: Answer, took_ms: int) -> None:  # noqa: ARG002  nobody asks how long
        """Note what the merchant answered."""
        async with self._services.platform.db.begin() as tx:
            at = await self._services.clock.now(tx)
            shown = answer.reason or str(answer.status)
            if is_acknowledged(item.surface, answer):
                await orders.acknowledged(tx, item, answer=shown, at=at)
            else:
                due_at = again_at(item.surface, item.attempts, at)
                await orders.not_acknowledged(tx, item, answer=shown, due_at=due_at)

    def _message(self, notice: Notice, account: Account, signer: Signer, at: datetime) -> Message:
        return Message(notice.url, self._letter(notice, account, signer, at), account.notify_allow)

    def _letter(self, notice: Notice, account: Account, signer: Signer, at: datetime) -> Letter:
        match notice.surface:
            case Surface.ALIPAY:
                return alipay.letter(notice, signer)
            case Surface.WECHATPAY:
                secret = accounts.secret_key(self._services.platform.vault, account)
                random = self._services.random_bytes(_RANDOM_BYTES)
                return wechatpay.letter(notice, signer, secret=secret, at=at, random=random)
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
