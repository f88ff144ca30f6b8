"""Merchants of the platform's own form at the till: their orders are kept under the merchant's own id."""

from __future__ import annotations

from tiao.api.compat.till import Till
from tiao.api.services import Services
from tiao.checkout.orders.model import MerchantOrder, Surface
from tiao.partners import actions as partners
from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.model import Account
from tiao.partners.model import Merchant
from tiao.runtime.db import Tx


def account_of_merchant(merchant: Merchant) -> Account:
    """Give a merchant the account it has in our own form: no number, no key, no payer of a sandbox."""
    return Account(
        id=merchant.id,
        merchant_id=merchant.id,
        app_id="",
        mchid="",
        appid="",
        public_key="",
        certificate_serial="",
        secret_key_sealed=b"",
        notify_allow=[],
        test_payer_id=None,
        opened_at=merchant.joined_at,
    )


async def account_of_order(tx: Tx, order: MerchantOrder) -> Account:
    """Find whose an order is, in whichever form it came. Refuses: AccountUnknown, MerchantUnknown."""
    if order.surface is Surface.NATIVE:
        return account_of_merchant(await partners.merchant(tx, order.account_id))
    return await accounts.account(tx, order.account_id)


async def till_of(services: Services, order: MerchantOrder) -> Till:
    """Open the till of the merchant whose order it is. Refuses: AccountUnknown, MerchantUnknown."""
    async with services.platform.db.begin() as tx:
        return Till(services, await account_of_order(tx, order))
