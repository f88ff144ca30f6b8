"""What a passkey opens without the API: the wallet itself, and the cashier for one order and its amount."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from webauthn import base64url_to_bytes
from webauthn.helpers import bytes_to_base64url

from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import MerchantOrder, OrderState
from tiao.checkout.orders.refusals import OrderClosed, OrderPaid
from tiao.identity.passkeys import actions as passkeys
from tiao.identity.passkeys import rules
from tiao.identity.passkeys.model import About, Assertion, Purpose, Site, Used, Verdict
from tiao.identity.passkeys.refusals import PasskeyChallengeOver, PasskeyCloned, PasskeyRefused
from tiao.partners import actions as partners
from tiao.runtime.clock import business_date
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment
from tiao.web import visits
from tiao.web.pages import Pages
from tiao.web.visits import Visit
from tiao.wiring import Platform

_Bytes = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]*$", max_length=8192)]
_ID_BYTES = 16


class PasskeyGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signature as a device made it; bytes are in base64url. *user* is whose key it is, as the device remembers."""

    credential: _Bytes
    client_data: _Bytes
    authenticator_data: _Bytes
    signature: _Bytes
    user: _Bytes = ""
    challenge: _Bytes = ""


class OrderToPay(msgspec.Struct, frozen=True):
    """An order that was scanned. *known*: passkeys that may sign for it; none: the cashier asks for a code."""

    merchant: str
    subject: str
    amount_minor: int
    currency: str
    expires_at: datetime
    challenge_id: str
    challenge: str
    rp_id: str
    known: list[str]


async def signed_in(pages: Pages, visit: Visit, site: Site, given: PasskeyGiven) -> UUID:
    """Say whom a passkey signs in; what was asked is used up, whatever comes of it.

    Refuses: PasskeyChallengeOver, PasskeyRefused, PasskeyCloned.
    """
    async with pages.home.db.begin() as tx:
        challenge = await visits.take_passkey(tx, await pages.clock.now(tx), visit)
    if challenge is None:
        raise PasskeyChallengeOver
    user = _bytes(given.user)
    if len(user) != _ID_BYTES:
        raise PasskeyRefused
    customer_id = UUID(bytes=user)
    platform = pages.shards.platform(bucket_of(customer_id))
    async with platform.db.begin() as tx:
        now = await _real(pages, platform, tx)
        used = await passkeys.use(tx, now, site, customer_id, challenge=challenge, given=assertion_of(given))
    require_accepted(used)
    return customer_id


async def order_to_pay(pages: Pages, customer_id: UUID, token: str, site: Site) -> OrderToPay:
    """Show an order that is open, and write down what a passkey is to sign for it.

    Refuses: OrderUnknown, OrderPaid, OrderClosed, AccountUnknown, MerchantUnknown.
    """
    order = await _order(pages, token)
    till = await pages.till_of(order)
    async with pages.home.db.begin() as tx:
        merchant = await partners.merchant(tx, till.account.merchant_id)
    platform = pages.shards.platform(bucket_of(customer_id))
    async with platform.db.begin() as tx:
        now = await _real(pages, platform, tx)
        found = await passkeys.passkeys_of(tx, customer_id)
        asked = await passkeys.ask(tx, now, customer_id, _about(order), random_bytes=pages.random_bytes)
    return OrderToPay(
        merchant=merchant.name,
        subject=order.subject,
        amount_minor=order.amount_minor,
        currency=order.currency,
        expires_at=order.expires_at,
        challenge_id=bytes_to_base64url(asked.id.bytes),
        challenge=bytes_to_base64url(rules.challenge_of(asked.nonce, _about(order))),
        rp_id=site.rp_id,
        known=[bytes_to_base64url(each.credential_id) for each in found if each.rp_id == site.rp_id],
    )


async def signed_for_order(pages: Pages, customer_id: UUID, token: str, site: Site, given: PasskeyGiven) -> None:
    """Check that a passkey signed for this order and its amount.

    Refuses: as `order_to_pay`, PasskeyChallengeOver, PasskeyRefused, PasskeyCloned.
    """
    order = await _order(pages, token)
    name = _bytes(given.challenge)
    if len(name) != _ID_BYTES:
        raise PasskeyChallengeOver
    platform = pages.shards.platform(bucket_of(customer_id))
    async with platform.db.begin() as tx:
        now = await _real(pages, platform, tx)
        asked = await passkeys.take(tx, now, customer_id, UUID(bytes=name), _about(order))
    challenge = rules.challenge_of(asked.nonce, _about(order))
    async with platform.db.begin() as tx:
        used = await passkeys.use(tx, now, site, customer_id, challenge=challenge, given=assertion_of(given))
    require_accepted(used)


def assertion_of(given: PasskeyGiven) -> Assertion:
    """Read a signature. Refuses: PasskeyRefused."""
    parts = (given.credential, given.client_data, given.authenticator_data, given.signature)
    return Assertion(*map(_bytes, parts))


def require_accepted(used: Used) -> None:
    """Refuse a signature that was not accepted. Refuses: PasskeyRefused, PasskeyCloned."""
    if used.verdict is not Verdict.ACCEPTED:
        raise PasskeyCloned if used.verdict is Verdict.CLONED else PasskeyRefused


async def _order(pages: Pages, token: str) -> MerchantOrder:
    async with pages.home.db.begin() as tx:
        order = await orders.of_cashier(tx, await pages.home.moments(tx), token)
    if order.state is OrderState.CLOSED:
        raise OrderClosed
    if order.state is not OrderState.OPEN:
        raise OrderPaid
    return order


async def _real(pages: Pages, platform: Platform, tx: Tx) -> Moment:
    """Give the real time, which passkeys follow."""
    at = await pages.clock.now(tx)
    return Moment(at, business_date(at, platform.programme.zone), platform.moments.ids)


def _about(order: MerchantOrder) -> About:
    return About(Purpose.ORDER, order.id, order.amount_minor, order.currency)


def _bytes(text: str) -> bytes:
    """Read base64url. Refuses: PasskeyRefused."""
    try:
        return base64url_to_bytes(text)
    except ValueError as error:
        raise PasskeyRefused from error
