"""A suspended purchase is decided: released, and it goes on as if authorised now; or refused, and its hold returns."""

from __future__ import annotations

from uuid import UUID

from tiao.checkout import rules, store
from tiao.checkout.actions import capture, locked_purchase, purchase_of
from tiao.checkout.authorising import HOLD
from tiao.checkout.model import DeclineReason, Purchase, PurchaseOutcome
from tiao.checkout.offers import OfferBook
from tiao.ledger import actions as ledger
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def release(tx: Tx, now: Moment, book: OfferBook, purchase_id: UUID) -> Purchase:
    """Let a suspended purchase go on: it is authorised, and captured where that was asked. Again changes nothing.

    Refuses: PurchaseUnknown, PurchaseNotSuspended, AuthorisationExpired.
    """
    purchase, _ = await locked_purchase(tx, purchase_id)
    if purchase.decided_at is not None and purchase.outcome == PurchaseOutcome.AUTHORISED:
        return purchase
    rules.check_suspended(purchase, now.at)
    await store.decide_suspended(
        tx, purchase_id, outcome=PurchaseOutcome.AUTHORISED, reasons=(), at=now.at, expires_at=now.at + HOLD
    )
    if not purchase.is_capture_asked:
        return await purchase_of(tx, purchase_id)
    after, _ = await capture(
        tx, now, book, purchase_id, amount_minor=purchase.amount_minor, is_final=True, key="release"
    )
    return after


async def refuse(tx: Tx, now: Moment, purchase_id: UUID, *, reason: DeclineReason = DeclineReason.RISK) -> Purchase:
    """Decline a suspended purchase; what the line held returns. Again changes nothing.

    Refuses: PurchaseUnknown, PurchaseNotSuspended.
    """
    purchase, line = await locked_purchase(tx, purchase_id)
    if purchase.decided_at is not None and purchase.outcome == PurchaseOutcome.DECLINED:
        return purchase
    # Time does not matter here: whether it runs out or is refused, the hold returns.
    rules.check_suspended(purchase, min(now.at, purchase.authorised_at))
    await ledger.hold(tx, [(line.id, -purchase.held_minor)])
    await store.decide_suspended(
        tx, purchase_id, outcome=PurchaseOutcome.DECLINED, reasons=[reason], at=now.at, expires_at=purchase.expires_at
    )
    return await purchase_of(tx, purchase_id)
