"""What the pages are served with. Whoever composes the process gives it; the pages know nothing of the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, Protocol
from uuid import UUID

from litestar.datastructures import Cookie

from tiao.checkout.orders.model import Agreed, MerchantOrder
from tiao.partners.accounts.model import Account
from tiao.runtime.clock import Clock
from tiao.sharding.shards import Shards
from tiao.wiring import CodeLimits, Platform


class Till(Protocol):
    """Where a merchant's orders are paid, in phases that may each be repeated."""

    account: Account

    async def pay(self, order: MerchantOrder, agreed: Agreed) -> MerchantOrder:
        """Make the purchase that the payer agreed to. Refuses: as the checkout and the orders do."""

    async def current(self, order: MerchantOrder) -> MerchantOrder:
        """Give an order as it stands, its payment finished if it was begun."""


class Pages(NamedTuple):
    """What pages work with. *clock* is the real one: signing in and reading follow it, whatever a test clock shows."""

    shards: Shards
    clock: Clock
    random_bytes: Callable[[int], bytes]
    till_of: Callable[[MerchantOrder], Awaitable[Till]]
    #: Begin a customer's session at the API, named by what its browser's headers say it is; the wallet calls with the
    #: cookie.
    session_of: Callable[[UUID, Mapping[str, str]], Awaitable[Cookie]]
    #: Say whose session at the API a browser's request carries; None without one of a customer's.
    customer_of: Callable[[str, Mapping[str, str]], Awaitable[UUID | None]]
    #: How many codes may be asked for by whoever comes.
    code_limits: CodeLimits = CodeLimits()

    @property
    def home(self) -> Platform:
        """Where orders and visits lie. Refuses: ShardUnavailable."""
        return self.shards.platform(None)
