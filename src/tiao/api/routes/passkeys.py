"""Passkeys: added, named and removed by their owner; a purchase that waits for its customer is confirmed with one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.params import JSONBody
from webauthn import base64url_to_bytes
from webauthn.helpers import bytes_to_base64url

from tiao.api import ids
from tiao.api.ids import Currency, PasskeyInPath, PurchaseInPath
from tiao.api.operation import C, ends, makes, reads, sets
from tiao.api.refusals import SignInAgain
from tiao.api.routes.purchases import PurchaseShown, own_purchase, purchase_shown
from tiao.api.services import Call
from tiao.checkout import challenges
from tiao.checkout.model import Purchase
from tiao.checkout.refusals import AuthorisationExpired, PurchaseNotSuspended, PurchaseUnknown
from tiao.identity import actions as identity
from tiao.identity.passkeys import actions as passkeys
from tiao.identity.passkeys import rules
from tiao.identity.passkeys.model import About, Assertion, Attestation, Challenge, Passkey, Purpose, Verdict
from tiao.identity.passkeys.refusals import (
    PasskeyAlreadyAdded,
    PasskeyChallengeOver,
    PasskeyCloned,
    PasskeyNeedsOwnHost,
    PasskeyRefused,
    PasskeyUnknown,
    TooManyPasskeys,
)
from tiao.identity.refusals import CustomerUnknown
from tiao.messages import actions as messages
from tiao.messages.model import NewMessage, Recipient
from tiao.partners import actions as partners
from tiao.partners.scopes import Scope
from tiao.runtime.secrets import FieldUnreadable
from tiao.values.ids import read_id, show_id

#: Who has just signed in may add a passkey; a session that somebody found open may not.
FRESH = timedelta(minutes=15)

_Bytes = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]+$", max_length=8192, description="Bytes in base64url.")]
_Name = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=rules.NAME_MAX,
        pattern=r"^[^\u0000-\u001f\u007f]+$",
        description="What its owner calls it.",
    ),
]
_ChallengeId = Annotated[
    str, msgspec.Meta(pattern=f"^{ids.CHALLENGE}_[0-9a-f]{{32}}$", description="What the device was asked.")
]


class PasskeyShown(msgspec.Struct, frozen=True):
    """A passkey as its owner knows it. *is_synced*: it is on all devices of an account, not on one alone."""

    id: str
    name: str
    is_synced: bool
    added_at: datetime
    used_at: datetime | None
    ended_at: datetime | None


class PasskeyList(msgspec.Struct, frozen=True):
    """A customer's passkeys, the oldest first."""

    data: list[PasskeyShown]


class PasskeyToMake(msgspec.Struct, frozen=True):
    """What a device needs to make a key: `navigator.credentials.create`. Bytes are in base64url."""

    id: str
    challenge: str
    rp_id: str
    user: str
    user_name: str
    algorithms: list[int]
    known: list[str]
    until: datetime


class PasskeyMade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key as a device made it."""

    challenge: _ChallengeId
    name: _Name
    credential: _Bytes
    client_data: _Bytes
    attestation: _Bytes


class PasskeyNamed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another name."""

    name: _Name


class PasskeyToSign(msgspec.Struct, frozen=True):
    """What a device is to sign: `navigator.credentials.get`. The challenge covers the purchase and its amount."""

    id: str
    challenge: str
    rp_id: str
    known: list[str]
    amount_minor: int
    currency: Currency
    merchant: str
    until: datetime


class PasskeySigned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signature as a device made it."""

    challenge: _ChallengeId
    credential: _Bytes
    client_data: _Bytes
    authenticator_data: _Bytes
    signature: _Bytes


@reads("/v1/passkeys", by=[C], scope=Scope.PASSKEYS_WRITE)
async def list_passkeys(call: Call) -> PasskeyList:
    """List the customer's passkeys."""
    async with call.db.begin() as tx:
        found = await passkeys.passkeys_of(tx, call.caller.subject_id)
    return PasskeyList([_shown(each) for each in found])


@makes(
    "/v1/passkeys/options",
    by=[C],
    scope=Scope.PASSKEYS_WRITE,
    is_keyed=False,
    refuses=[SignInAgain, TooManyPasskeys, PasskeyNeedsOwnHost, CustomerUnknown, FieldUnreadable],
)
async def begin_passkey(call: Call, request: Request[Any, Any, State]) -> PasskeyToMake:
    """Begin to add a passkey, shortly after signing in: say what the device needs to make one."""
    site = rules.site_of(request.headers.get("host", ""))
    customer_id = call.caller.subject_id
    async with call.db.begin() as tx:
        now = await call.services.real_moment(tx)
        key = await partners.key(tx, call.caller.key_id)
        if now.at - key.created_at > FRESH:
            raise SignInAgain
        await passkeys.check_may_add(tx, customer_id)
        known = await passkeys.passkeys_of(tx, customer_id)
        person = identity.masked(call.platform.vault, await identity.customer(tx, customer_id))
        asked = await passkeys.ask(tx, now, customer_id, _ADDING, random_bytes=call.services.random_bytes)
    return PasskeyToMake(
        id=show_id(ids.CHALLENGE, asked.id),
        challenge=_challenge(asked),
        rp_id=site.rp_id,
        user=bytes_to_base64url(customer_id.bytes),
        user_name=person.phone,
        algorithms=list(rules.ALGORITHMS),
        known=_known(known, site.rp_id),
        until=asked.expires_at,
    )


@makes(
    "/v1/passkeys",
    by=[C],
    scope=Scope.PASSKEYS_WRITE,
    is_keyed=False,
    refuses=[PasskeyChallengeOver, PasskeyRefused, PasskeyAlreadyAdded, TooManyPasskeys, PasskeyNeedsOwnHost],
)
async def add_passkey(call: Call, data: JSONBody[PasskeyMade], request: Request[Any, Any, State]) -> PasskeyShown:
    """Keep a passkey that a device made as it was asked to; its owner is told."""
    site = rules.site_of(request.headers.get("host", ""))
    customer_id = call.caller.subject_id
    given = Attestation(_bytes(data.credential), _bytes(data.client_data), _bytes(data.attestation))
    async with call.db.begin() as tx:
        real = await call.services.real_moment(tx)
        asked = await passkeys.take(tx, real, customer_id, read_id(ids.CHALLENGE, data.challenge), _ADDING)
    async with call.db.begin() as tx:
        made = await passkeys.add(tx, real, site, asked, given, name=data.name.strip())
        said = NewMessage("passkey_added", Recipient.CUSTOMER, customer_id, {}, made.id)
        await messages.say(tx, await call.platform.moments(tx), [said])
    return _shown(made)


@sets("/v1/passkeys/{passkey_id:str}", by=[C], scope=Scope.PASSKEYS_WRITE, refuses=[PasskeyUnknown])
async def name_passkey(call: Call, passkey_id: PasskeyInPath, data: JSONBody[PasskeyNamed]) -> PasskeyShown:
    """Give a passkey another name."""
    async with call.db.begin() as tx:
        wanted = read_id(ids.PASSKEY, passkey_id)
        return _shown(await passkeys.rename(tx, call.caller.subject_id, wanted, data.name.strip()))


@ends("/v1/passkeys/{passkey_id:str}", by=[C], scope=Scope.PASSKEYS_WRITE, refuses=[PasskeyUnknown])
async def remove_passkey(call: Call, passkey_id: PasskeyInPath) -> PasskeyShown:
    """Remove a passkey: it opens nothing any more. The phone and its code go on working."""
    async with call.db.begin() as tx:
        now = await call.services.real_moment(tx)
        return _shown(await passkeys.remove(tx, now, call.caller.subject_id, read_id(ids.PASSKEY, passkey_id)))


@makes(
    "/v1/purchases/{purchase_id:str}/passkey_challenges",
    by=[C],
    scope=Scope.PASSKEYS_WRITE,
    is_keyed=False,
    refuses=[PurchaseUnknown, PurchaseNotSuspended, AuthorisationExpired, PasskeyUnknown, PasskeyNeedsOwnHost],
)
async def ask_for_passkey(call: Call, purchase_id: PurchaseInPath, request: Request[Any, Any, State]) -> PasskeyToSign:
    """Ask for a passkey's signature over a purchase in `step_up`: this one, for this amount."""
    site = rules.site_of(request.headers.get("host", ""))
    async with call.db.begin() as tx:
        await own_purchase(tx, call, read_id(ids.PURCHASE, purchase_id))
        waits = await challenges.waiting(tx, await call.platform.moments(tx), read_id(ids.PURCHASE, purchase_id))
        known = _known(await passkeys.passkeys_of(tx, call.caller.subject_id), site.rp_id)
        if not known:
            raise PasskeyUnknown
        real = await call.services.real_moment(tx)
        asked = await passkeys.ask(
            tx, real, call.caller.subject_id, _about(waits), random_bytes=call.services.random_bytes
        )
    async with call.services.platform.db.begin() as tx:
        merchant = await partners.merchant(tx, waits.merchant_id)
    return PasskeyToSign(
        id=show_id(ids.CHALLENGE, asked.id),
        challenge=_challenge(asked),
        rp_id=site.rp_id,
        known=known,
        amount_minor=waits.amount_minor,
        currency=waits.currency,
        merchant=merchant.name,
        until=asked.expires_at,
    )


@makes(
    "/v1/purchases/{purchase_id:str}/passkey_confirmations",
    by=[C],
    scope=Scope.PASSKEYS_WRITE,
    is_keyed=False,
    status=200,
    refuses=[
        PurchaseUnknown,
        PurchaseNotSuspended,
        AuthorisationExpired,
        PasskeyChallengeOver,
        PasskeyRefused,
        PasskeyCloned,
        PasskeyNeedsOwnHost,
    ],
)
async def confirm_with_passkey(
    call: Call, purchase_id: PurchaseInPath, data: JSONBody[PasskeySigned], request: Request[Any, Any, State]
) -> PurchaseShown:
    """Confirm a purchase in `step_up` with a passkey's signature over it: it is released."""
    site = rules.site_of(request.headers.get("host", ""))
    wanted, customer_id = read_id(ids.PURCHASE, purchase_id), call.caller.subject_id
    given = Assertion(*map(_bytes, (data.credential, data.client_data, data.authenticator_data, data.signature)))
    async with call.db.begin() as tx:
        real = await call.services.real_moment(tx)
        purchase = await own_purchase(tx, call, wanted)
        asked = await passkeys.take(tx, real, customer_id, read_id(ids.CHALLENGE, data.challenge), _about(purchase))
    async with call.db.begin() as tx:
        used = await passkeys.use(
            tx, real, site, customer_id, challenge=rules.challenge_of(asked.nonce, _about(purchase)), given=given
        )
        if used.verdict is Verdict.ACCEPTED:
            now = await call.platform.moments(tx)
            return purchase_shown(call, await challenges.confirmed(tx, now, call.platform.book, wanted))
    raise PasskeyCloned if used.verdict is Verdict.CLONED else PasskeyRefused


_ADDING = About(Purpose.ADD)


def _about(purchase: Purchase) -> About:
    return About(Purpose.PURCHASE, purchase.id, purchase.amount_minor, purchase.currency)


def _challenge(asked: Challenge) -> str:
    return bytes_to_base64url(rules.challenge_of(asked.nonce, rules.about_of(asked)))


def _known(found: list[Passkey], rp_id: str) -> list[str]:
    return [bytes_to_base64url(each.credential_id) for each in found if each.rp_id == rp_id]


def _bytes(text: str) -> bytes:
    """Read base64url. Refuses: PasskeyRefused."""
    try:
        return base64url_to_bytes(text)
    except ValueError as error:
        raise PasskeyRefused from error


def _shown(passkey: Passkey) -> PasskeyShown:
    return PasskeyShown(
        id=show_id(ids.PASSKEY, passkey.id),
        name=passkey.name,
        is_synced=passkey.is_synced,
        added_at=passkey.added_at,
        used_at=passkey.used_at,
        ended_at=passkey.ended_at,
    )


ROUTES = [
    list_passkeys,
    begin_passkey,
    add_passkey,
    name_passkey,
    remove_passkey,
    ask_for_passkey,
    confirm_with_passkey,
]
