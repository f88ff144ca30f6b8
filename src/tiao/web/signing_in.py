"""Signing in at the cashier: a phone of ours, and the code that was sent to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tiao.identity import actions as identity
from tiao.identity.model import Customer
from tiao.messages import actions as messages
from tiao.messages.model import Language, NewMessage, Recipient
from tiao.values.refusal import Refusal
from tiao.web import flooding, registering, visits
from tiao.web.pages import Pages
from tiao.web.visits import Visit
from tiao.web.words import catalogue
from tiao.wiring import Platform


async def ask_code(
    pages: Pages, visit: Visit, phone: str, language: str, *, client: str | None, is_for_anybody: bool = False
) -> Callable[[], Awaitable[None]]:
    """Make a code for a phone, and give what sends it, to be done once the page has been answered.

    Looking for who has the phone takes time that would tell whether anybody has, so that is done afterwards too.
    *is_for_anybody*: who registers is sent one whether or not somebody of ours has the phone. *client* is the address
    of the network that asks, as far as it is known.
    Refuses: PhoneInvalid, PayerCodeTooOften, CodesTooMany.
    """
    vault = pages.home.vault
    digest = identity.phone_digest(vault, phone)
    async with pages.home.db.begin() as tx:
        at = await pages.clock.now(tx)
        await flooding.count(tx, at, vault, pages.code_limits, client)
        code = await visits.ask_code(tx, at, vault, visit, digest, random_bytes=pages.random_bytes)

    async def send() -> None:
        found = await _customer_of(pages, phone)
        if found is not None:
            platform, customer = found
            async with pages.home.db.begin() as tx:
                await visits.note_recipient(tx, vault, digest, code, customer.id)
            await _say(platform, customer, code, language)
        elif is_for_anybody:
            await registering.say_code(pages.home, phone, code, _said(language), language)

    return send


async def signed_in(pages: Pages, visit: Visit, code: str) -> str | None:
    """Sign a visit in by its code: it begins anew under another name, which is given; None when the code is wrong.

    Who is new is registered with it. Refuses: CustomerAlreadyRegistered.
    """
    async with pages.home.db.begin() as tx:
        at = await pages.clock.now(tx)
        proof = await visits.try_code(tx, at, pages.home.vault, visit, code.strip())
        given = None if proof is None else await visits.registration(tx, visit)
    if proof is None:
        return None
    customer_id = proof.customer_id
    if customer_id is None:
        if given is None:
            return None
        customer_id = await registering.register(pages, visit, given)
    async with pages.home.db.begin() as tx:
        await visits.end(tx, visit)
        token, _ = await visits.begin(tx, at, random_bytes=pages.random_bytes, customer_id=customer_id)
    return token


async def _say(platform: Platform, customer: Customer, code: str, language: str) -> None:
    """Say a code; it leaves after the commit, on the programme's time as every message."""
    async with platform.db.begin() as tx:
        new = NewMessage("one_time_code", Recipient.CUSTOMER, customer.id, _said(language), language=Language(language))
        await messages.say_secret(tx, await platform.moments(tx), platform.vault, new, code)


def _said(language: str) -> dict[str, str]:
    minutes = str(int(visits.CODE_TIME.total_seconds()) // 60)
    return {"purpose": catalogue(language)["purpose_sign_in"], "minutes": minutes}


async def _customer_of(pages: Pages, phone: str) -> tuple[Platform, Customer] | None:
    """Find who has a phone, on whichever server: the newest of several."""
    found: list[tuple[Platform, Customer]] = []
    for site in pages.shards.sites:
        try:
            async with site.db.begin() as tx:
                customer = await identity.customer_of_phone(tx, site.platform.vault, phone)
        except Refusal:
            continue
        if customer is not None:
            found.append((site.platform, customer))
    return max(found, key=lambda each: each[1].registered_at, default=None)
