"""A purchase that waits for its customer: a code is sent, and the right one releases it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tiao.checkout import rules, store
from tiao.checkout.actions import locked_purchase
from tiao.checkout.model import DeclineReason, Purchase, PurchaseOutcome
from tiao.checkout.offers import OfferBook
from tiao.checkout.refusals import NoCodeSent, PurchaseNotSuspended, TooManyCodes
from tiao.checkout.suspended import refuse, release
from tiao.risk.labels import actions as labels
from tiao.risk.labels.model import NewLabel, Source
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher, is_same_secret
from tiao.values.moment import Moment

#: A code is good for five minutes, may be tried five times in all, and is sent three times at most (NIST SP 800-63B,
#: sections 5.1.3.2 and 5.2.2: short-lived codes of six digits, a bound on failed attempts).
CODE_TIME, ATTEMPTS, CODES = timedelta(minutes=5), 5, 3
_DIGITS, _BYTES = 6, 8

#: Writes the message with the fact, so that it is sent after the commit: customer, code, until when it is good.
SendCode = Callable[[Tx, Moment, UUID, str, datetime], Awaitable[None]]


class Confirmation(StrEnum):
    """What became of a code that was tried."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    #: It was wrong, and the last attempt: the purchase is declined.
    EXHAUSTED = "exhausted"


class Sent(NamedTuple):
    """A code is on its way."""

    expires_at: datetime
    codes_left: int
    attempts_left: int


class Tried(NamedTuple):
    """What became of a code, and the purchase after it."""

    confirmation: Confirmation
    attempts_left: int
    purchase: Purchase


async def send_code(
    tx: Tx,
    now: Moment,
    vault: FieldCipher,
    purchase_id: UUID,
    *,
    random_bytes: Callable[[int], bytes],
    send: SendCode,
) -> Sent:
    """Send the customer a code for a purchase that waits for one; the code before is void.

    Refuses: PurchaseUnknown, PurchaseNotSuspended, AuthorisationExpired, TooManyCodes.
    """
    purchase = await waiting(tx, now, purchase_id)
    known = await store.read_challenge(tx, purchase_id)
    if known is not None and known.codes_sent >= CODES:
        raise TooManyCodes(codes_max=CODES)
    code = f"{int.from_bytes(random_bytes(_BYTES)) % 10**_DIGITS:0{_DIGITS}}"
    until = min(now.at + CODE_TIME, purchase.expires_at)
    await store.keep_challenge(
        tx, purchase_id, _hash(vault, purchase_id, code), attempts=ATTEMPTS, at=now.at, expires_at=until
    )
    await send(tx, now, purchase.customer_id, code, until)
    sent = 1 if known is None else known.codes_sent + 1
    return Sent(until, CODES - sent, ATTEMPTS if known is None else known.attempts_left)


async def confirm(tx: Tx, now: Moment, vault: FieldCipher, book: OfferBook, purchase_id: UUID, code: str) -> Tried:
    """Try a code: the right one releases the purchase, the last wrong one declines it.

    A wrong code is an outcome and no refusal, so that the attempt is counted.
    Refuses: PurchaseUnknown, PurchaseNotSuspended, AuthorisationExpired, NoCodeSent.
    """
    asked = await waiting(tx, now, purchase_id)
    known = await store.read_challenge(tx, purchase_id)
    if known is None or now.at >= known.expires_at:
        raise NoCodeSent
    is_right = is_same_secret(known.code_hash, _hash(vault, purchase_id, code))
    await store.try_challenge(tx, purchase_id, confirmed_at=now.at if is_right else None)
    left = known.attempts_left - 1
    if is_right:
        return Tried(Confirmation.CONFIRMED, left, await _confirmed(tx, now, book, asked))
    if left == 0:  # somebody only guessed
        await _tell(tx, now, asked, is_owner=False)
        after = await refuse(tx, now, purchase_id, reason=DeclineReason.NOT_CONFIRMED)
        return Tried(Confirmation.EXHAUSTED, left, after)
    purchase, _ = await locked_purchase(tx, purchase_id)
    return Tried(Confirmation.WRONG, left, purchase)


async def confirmed(tx: Tx, now: Moment, book: OfferBook, purchase_id: UUID) -> Purchase:
    """Release a purchase that its customer confirmed in another way than by a code.

    Refuses: PurchaseUnknown, PurchaseNotSuspended, AuthorisationExpired.
    """
    return await _confirmed(tx, now, book, await waiting(tx, now, purchase_id))


async def _confirmed(tx: Tx, now: Moment, book: OfferBook, purchase: Purchase) -> Purchase:
    await _tell(tx, now, purchase, is_owner=True)
    return await release(tx, now, book, purchase.id)


async def _tell(tx: Tx, now: Moment, purchase: Purchase, *, is_owner: bool) -> None:
    """Let features learn whether it was the owner."""
    said = NewLabel(purchase.id, purchase.customer_id, Source.STEP_UP, is_fraud=not is_owner, actor="customer")
    await labels.tell(tx, now, [said])


async def waiting(tx: Tx, now: Moment, purchase_id: UUID) -> Purchase:
    """Lock and read a purchase that waits for its customer.

    Refuses: PurchaseUnknown, PurchaseNotSuspended, AuthorisationExpired.
    """
    purchase, _ = await locked_purchase(tx, purchase_id)
    rules.check_suspended(purchase, now.at)
    if purchase.outcome != PurchaseOutcome.STEP_UP:
        raise PurchaseNotSuspended(outcome=purchase.outcome)
    return purchase


def _hash(vault: FieldCipher, purchase_id: UUID, code: str) -> bytes:
    """Hash a code with a key: six digits alone could be tried out against a plain hash."""
    return vault.lookup(f"{purchase_id}:{code}", purpose="purchase code")
