"""Sending notices: taken from where they were written with the fact, sent with no transaction open, noted again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

import msgspec
import structlog

from tiao.api.compat import outgoing
from tiao.api.compat.alipay.signing import signed_notice
from tiao.api.compat.outgoing import Answer
from tiao.api.compat.platform_key import Signer, signer_of
from tiao.api.services import Services
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import Notice
from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.model import Account

#: How often somebody looks for what is due.
PAUSE_SECONDS = 0.5
#: So many are sent at once; each is ours for so long, should this process die.
AT_ONCE = 16
LEASE = timedelta(seconds=60)
_FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
_M, _H = timedelta(minutes=1), timedelta(hours=1)
#: After which pauses a merchant is told again. Source: the form's own document.
PLAN = (4 * _M, 10 * _M, 10 * _M, _H, 2 * _H, 6 * _H, 15 * _H)


@asynccontextmanager
async def telling_merchants(services: Services) -> AsyncIterator[None]:
    """Send merchants what they are to be told while the block runs; plans count real time, whatever the clock."""
    task = asyncio.create_task(_deliver(services))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _deliver(services: Services) -> None:
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
        said = msgspec.json.decode(notice.content, type=dict[str, str])
        form = urlencode(signed_notice(said, signer.private_key))
        answer = await outgoing.post(where, headers=_FORM, body=form.encode())
    async with services.platform.db.begin() as tx:
        at = await services.clock.now(tx)
        shown = answer.reason or str(answer.status)
        if is_acknowledged(answer):
            await orders.acknowledged(tx, notice, answer=shown, at=at)
        else:
            await orders.not_acknowledged(tx, notice, answer=shown, due_at=again_at(notice.attempts, at))


def is_acknowledged(answer: Answer) -> bool:
    """Tell whether a merchant took a notice: it says so in the body."""
    return answer.status == HTTPStatus.OK and answer.body.strip().lower() == b"success"


def again_at(attempts: int, at: datetime) -> datetime | None:
    """Say when a merchant is told again after so many attempts; None: not any more."""
    return at + PLAN[attempts - 1] if attempts <= len(PLAN) else None
