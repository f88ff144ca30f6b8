"""People become customers: registered, asked about, their account bound, their application decided, in sets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tiao.credit import actions as credit
from tiao.credit.model import Application, ApplicationInputs
from tiao.credit.providers.bureau import reports
from tiao.credit.records import read_canonical
from tiao.identity import actions as identity
from tiao.identity.model import Applicant, Customer
from tiao.payments import actions as payments
from tiao.payments.providers.channel import BindOrder, Bound
from tiao.privacy import actions as privacy
from tiao.privacy.model import BureauConsent, ConsentChannel
from tiao.privacy.texts import BUREAU_QUERY, newest
from tiao.simulator import store
from tiao.simulator.behaviour import Status, status_of_code
from tiao.simulator.platform import Platform, main_channel, moment
from tiao.values.ids import derived_id
from tiao.values.moment import Moment

#: So many people are taken on in one set; a kill leaves at most one set half done.
SET = 256
#: So many questions are with the bank at once.
_AT_ONCE = 32
#: The bureau's status of the latest month, as the model's column is called.
_LATEST_STATUS = "PAY_0"


class Newcomer(NamedTuple):
    """A person who comes to apply. *key* names the person within the simulation."""

    key: str
    applicant: Applicant
    income_minor: int
    account_no: str
    is_autopay_agreed: bool


class Member(NamedTuple):
    """A person the platform knows; without a line the application was declined."""

    key: str
    customer_id: UUID
    line_id: UUID | None
    statement_day: int | None
    source_id: UUID | None
    status: Status


async def admit(platform: Platform, seed: str, newcomers: Sequence[Newcomer], at: datetime) -> list[Member]:
    """Take people on, in sets and in order; those taken on before are found again, so a resumed run goes on."""
    members = []
    for start in range(0, len(newcomers), SET):
        members += await _admit_set(platform, seed, newcomers[start : start + SET], at)
    return members


async def _admit_set(platform: Platform, seed: str, newcomers: Sequence[Newcomer], at: datetime) -> list[Member]:
    name = f"admit/{newcomers[0].key}"
    customers = await _registered(platform, seed, newcomers, at, name=name)
    async with platform.db.begin() as tx:
        is_decided = bool(await credit.applications_of(tx, customers[0].id))
    if not is_decided:
        await _decide(platform, seed, newcomers, customers, at, name=name)
    ids = [customer.id for customer in customers]
    async with platform.db.begin() as tx:
        rows = await store.read_members(tx, ids)
        inputs = await store.read_application_inputs(tx, ids)
    return [
        Member(
            key=newcomer.key,
            customer_id=customer.id,
            line_id=rows[customer.id].line_id,
            statement_day=rows[customer.id].statement_day,
            source_id=rows[customer.id].source_id,
            status=_status(inputs.get(customer.id)),
        )
        for newcomer, customer in zip(newcomers, customers, strict=True)
    ]


async def _registered(
    platform: Platform, seed: str, newcomers: Sequence[Newcomer], at: datetime, *, name: str
) -> list[Customer]:
    """Register a set, or find it: a set is registered as a whole or not at all."""
    async with platform.db.begin() as tx:
        vault = platform.vault
        first = await identity.customer_of_identity(tx, vault, newcomers[0].applicant.identity_number)
        if first is None:
            now = moment(platform, seed, f"{name}/register", at)
            return await identity.register_customers(tx, now, vault, [one.applicant for one in newcomers])
        found = [await identity.customer_of_identity(tx, vault, one.applicant.identity_number) for one in newcomers]
        known = [customer for customer in found if customer is not None]
        assert len(known) == len(newcomers), "a set is registered as a whole"
        return known


async def _decide(
    platform: Platform,
    seed: str,
    newcomers: Sequence[Newcomer],
    customers: Sequence[Customer],
    at: datetime,
    *,
    name: str,
) -> None:
    """Keep consents, ask bureau and bank with no transaction open, then decide and bind in one."""
    consents = _consents(moment(platform, seed, f"{name}/consent", at), customers)
    async with platform.db.begin() as tx:
        await privacy.note_bureau_consents(tx, consents)
    answers = await reports(platform.bureau, [customer.identity_hmac for customer in customers], at=at)
    bound = await _bind(platform, newcomers, at)
    channel, _ = main_channel(platform)
    async with platform.db.begin() as tx:
        now = moment(platform, seed, f"{name}/decide", at)
        applications = [
            Application(consent.customer_id, platform.programme.currency, newcomer.income_minor, consent.application_id)
            for newcomer, consent in zip(newcomers, consents, strict=True)
        ]
        await credit.decide_applications(tx, now, platform.engine, list(zip(applications, answers, strict=True)))
        for newcomer, customer, account in zip(newcomers, customers, bound, strict=True):
            await payments.bind_source(
                tx,
                now,
                customer_id=customer.id,
                channel=channel,
                agreement=account.agreement,
                display=account.display,
                is_autopay_agreed=newcomer.is_autopay_agreed,
            )


def _consents(now: Moment, customers: Sequence[Customer]) -> list[BureauConsent]:
    """Have everybody agree in the wallet to the words of the day; asked again, a set agrees to the same."""
    words = newest(BUREAU_QUERY)
    return [
        BureauConsent(
            bucket=customer.bucket,
            application_id=now.new_id(customer.bucket),
            customer_id=customer.id,
            text_version=words.version_on,
            language="zh-CN",
            channel=ConsentChannel.WALLET,
            given_at=now.at,
        )
        for customer in customers
    ]


async def _bind(platform: Platform, newcomers: Sequence[Newcomer], at: datetime) -> list[Bound]:
    """Ask the bank for agreements. Asked again, as after a restart of the bank, it gives the same ones."""
    _, channel = main_channel(platform)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(newcomer: Newcomer) -> Bound:
        order = BindOrder(
            request_no=derived_id("bind", newcomer.account_no).hex,
            account_no=newcomer.account_no,
            holder_name=newcomer.applicant.name,
            at=at,
        )
        async with gate:
            answer = await channel.bind(order)
        assert isinstance(answer, Bound), f"the simulated bank refuses nobody: {answer}"
        return answer

    return await asyncio.gather(*(one(newcomer) for newcomer in newcomers))


async def rebind(platform: Platform, newcomers: Sequence[Newcomer], at: datetime) -> None:
    """Tell a bank that lives in this process of the agreements that an earlier process made with it."""
    await _bind(platform, newcomers, at)


def _status(inputs: bytes | None) -> Status:
    """Read last month's status from the bureau report that the application's decision saw."""
    seen = None if inputs is None else read_canonical(inputs)
    if not isinstance(seen, ApplicationInputs) or seen.features is None:
        return Status.NONE
    return status_of_code(seen.features[_LATEST_STATUS])
