"""What a till's code is about: whose it is, where it stands, and for how much."""

from __future__ import annotations

from tiao.checkout.counters.model import Store, Terminal
from tiao.checkout.counters.presented import Shown
from tiao.checkout.orders.model import MerchantOrder
from tiao.partners.model import Merchant


def shown_for(
    merchant: Merchant, store: Store, terminal: Terminal, address: str, order: MerchantOrder | None = None
) -> Shown:
    """Say what a till's code holds, printed or of a sale. A store without a city is known by its address."""
    return Shown(
        address=address,
        merchant=merchant.name,
        category=merchant.category,
        currency=merchant.currency,
        city=store.city or store.address or merchant.name,
        store=store.name,
        terminal=terminal.label,
        amount_minor=None if order is None else order.amount_minor,
        reference=None if order is None else order.out_trade_no,
    )
