"""Somebody new registers: what is given waits, sealed, until the phone's code has come back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import msgspec

from tiao.identity import actions as identity
from tiao.identity import rules
from tiao.identity.model import Applicant
from tiao.identity.refusals import CustomerAlreadyRegistered
from tiao.messages import rules as messages
from tiao.messages.model import Language
from tiao.messages.providers.gateway import TextMessage
from tiao.privacy import actions as privacy
from tiao.risk.entities import EntityKind
from tiao.risk.graph import actions as graph
from tiao.values.ids import bucket_of
from tiao.values.refusal import Kind, Refusal
from tiao.web import visits
from tiao.web.cookies import FormOutOfDate
from tiao.web.pages import Pages
from tiao.web.visits import Visit
from tiao.wiring import Platform

#: What has to be agreed to, each by itself, and the day of its wording.
TEXTS = ("service", "identity")
VERSION_ON = date(2026, 11, 1)
_KIND = "one_time_code"


class AgreementMissing(Refusal):
    """One of the texts was not agreed to; each is agreed to by itself."""

    kind = Kind.INVALID


async def remember(pages: Pages, visit: Visit, applicant: Applicant, agreed: frozenset[str]) -> None:
    """Check what somebody new gave and keep it, sealed, with the visit.

    Refuses: AgreementMissing, and what `rules.checked` refuses.
    """
    if not agreed.issuperset(TEXTS):
        raise AgreementMissing
    home = pages.home
    async with home.db.begin() as tx:
        now = await home.moments(tx)
        checked = rules.checked(applicant, today=now.today)
        text = msgspec.json.encode(checked).decode()
        await visits.keep_registration(tx, visit, home.vault.encrypt(text, context=_context(visit)))


async def register(pages: Pages, visit: Visit, sealed: bytes) -> UUID:
    """Register whoever has proved to have the phone.

    Refuses: CustomerAlreadyRegistered, FormOutOfDate, FieldUnreadable.
    """
    vault = pages.home.vault
    applicant = msgspec.json.decode(vault.decrypt(sealed, context=_context(visit)), type=Applicant)
    if identity.phone_digest(vault, applicant.phone) != visit.phone_hmac:
        raise FormOutOfDate  # another phone was given since: whose code came back is not who is to be registered
    platform = pages.shards.platform(identity.bucket_of_identity(vault, applicant.identity_number))
    async with platform.db.begin() as tx:
        if await identity.customer_of_identity(tx, vault, applicant.identity_number) is not None:
            raise CustomerAlreadyRegistered
        now = await platform.moments(tx)
        [customer] = await identity.register_customers(tx, now, platform.vault, [applicant])
        await graph.see(tx, now, platform.vault, customer.id, {EntityKind.PHONE: applicant.phone})
        await privacy.agree(tx, now, customer.id, TEXTS, version_on=VERSION_ON)
    assert bucket_of(customer.id) == customer.bucket, "an id says where it lies"
    return customer.id


async def say_code(home: Platform, phone: str, code: str, said: Mapping[str, str], language: str) -> None:
    """Send a code to a phone that nobody of ours has. It is in no list: there is no customer whose message it was."""
    kind, spoken = messages.catalogue()[_KIND], Language(language)
    text = messages.unmasked(messages.rendered(kind, spoken, dict(said)), code)
    if home.post is None:
        return  # without a gateway nobody is sent anything
    async with home.db.begin() as tx:
        now = await home.moments(tx)
    await home.post.gateway.send(TextMessage(now.new_id(None), phone, home.post.sender, text), at=now.at)


def _context(visit: Visit) -> str:
    return f"payer_visit.registration:{visit.id.hex()}"
