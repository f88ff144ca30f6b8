"""The composition root: the one place that chooses adapters and puts the platform together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import partial
from importlib.resources import as_file, files
from ipaddress import IPv4Network, IPv6Network
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

import httpx

from tiao.checkout import actions as checkout
from tiao.checkout.desk import Desk
from tiao.checkout.disputes.jobs import lapse_due
from tiao.checkout.offers import OfferBook
from tiao.checkout.screening import Screen
from tiao.credit.engines import engine_of, load_policies
from tiao.credit.model import Engine
from tiao.credit.providers.bureau import Bureau
from tiao.credit.providers.http_bureau import HttpBureau
from tiao.credit.scoring import Bundle, load_bundle
from tiao.identity import actions as identity
from tiao.lending.product import Product
from tiao.lending.products import shipped_products
from tiao.messages.jobs import Post
from tiao.messages.providers.http_gateway import HttpGateway
from tiao.partners.onboarding.providers.http_registry import HttpRegistry
from tiao.partners.onboarding.providers.registry import Registry
from tiao.payments.jobs import Channels, RoutedChannels
from tiao.payments.model import SettlementPart
from tiao.payments.providers.elements import HttpHolderCheck
from tiao.payments.providers.http_bank import HttpBank, SignedClient
from tiao.payments.routing.chooser import Chooser
from tiao.payments.routing.tables import shipped_channels, shipped_policies
from tiao.policy.exposure import check_consumer_limit
from tiao.policy.pack import Pack
from tiao.risk.control import Control
from tiao.risk.listing import Listed
from tiao.risk.lists.actions import Watcher
from tiao.risk.merchants.board import Board
from tiao.runtime import overrides
from tiao.runtime.clock import ProgrammeClock
from tiao.runtime.db import Database, Tx
from tiao.runtime.placement import Shard, check_placement
from tiao.runtime.programme import MomentSource, Programme, read_programme
from tiao.runtime.secrets import FieldCipher
from tiao.servicing.binding import Binder
from tiao.servicing.close import Closer, Progress
from tiao.servicing.counter import RepaymentCounter
from tiao.servicing.days import Servicer
from tiao.values.calendar import BusinessCalendar, china_calendar
from tiao.values.ids import IdSource

#: The channel that payouts leave by, and that customers bind accounts at first; it needs no further agreement.
MAIN_CHANNEL = "bank"


class CodeLimits(NamedTuple):
    """How many codes may be asked for within an hour from one address of the network, and in all; 0: any number.

    *proxies* are networks of our own proxies, besides private ones: what they say of the way behind them is believed.
    """

    per_address: int = 100
    in_all: int = 20_000
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()


class Outside(NamedTuple):
    """How to reach the outside world, and the secrets shared with it."""

    bank: httpx.AsyncClient
    bank_key: bytes
    bureau: httpx.AsyncClient
    bureau_secret: bytes
    #: None: nothing is sent to handsets; what is said is there to be read.
    sms: httpx.AsyncClient | None = None
    sms_key: bytes = b""
    #: Hosts that merchants' endpoints may lie at although they are not public: a sandbox's own machine.
    webhook_allow: frozenset[str] = frozenset()
    #: Requests a second that a process takes of one merchant; 0: as many as come.
    merchant_rate: int = 0
    #: None: no company is looked up, so none can be approved.
    registry: httpx.AsyncClient | None = None
    registry_secret: bytes = b""
    #: For how long it can be looked up how merchants were told of what happened.
    told_kept: timedelta = timedelta(days=90)
    #: How many codes to sign in with are sent.
    code_limits: CodeLimits = CodeLimits()
    #: Channels besides the main one, by name.
    channels: Channels = MappingProxyType({})


class Platform(NamedTuple):
    """Everything an edge needs to serve one programme on one server."""

    db: Database
    programme: Programme
    moments: MomentSource
    book: OfferBook
    desk: Desk
    engine: Engine
    bureau: Bureau
    channels: Channels
    vault: FieldCipher
    servicer: Servicer
    repayments: RepaymentCounter
    binder: Binder
    #: Who and what is blocked, allowed and watched, as this process knows it.
    lists: Watcher
    #: What this process knows of merchants when a purchase comes.
    board: Board
    control: Control
    screen: Screen
    post: Post | None = None
    #: Where companies that apply are looked up.
    registry: Registry | None = None

    async def adopt_rules(self) -> None:
        """Go on under the overrides that stand by now; what asks the pack asks it through the book."""
        async with self.db.snapshot() as tx:
            pack = await overrides.rules_of(tx)
        if pack.digest != self.book.pack.digest:
            self.book.adopt(pack)


def shipped_engine() -> Engine:
    """Load the scorecard and the limit policy that come with the platform."""
    with as_file(files("tiao.credit") / "data" / "bundle") as folder:
        return engine_of(load_bundle(folder), *load_policies())


def shipped_behaviour() -> Bundle:
    """Load the behavioural model that comes with the platform. Source: credit/data/ATTRIBUTION.md."""
    with as_file(files("tiao.credit") / "data" / "behaviour") as folder:
        return load_bundle(folder)


def check_engine(engine: Engine, pack: Pack, *, lender_type: str, on: date) -> None:
    """Let no programme start whose limit policy could grant more than the rules allow a person.

    Refuses: ConsumerLimitAboveRule.
    """
    for policy in engine.policies:
        day = max(on, policy.effective_from)
        check_consumer_limit(policy.programme_cap_minor, pack=pack, lender_type=lender_type, on=day)


def _ruled(engine: Engine, book: OfferBook, lender_type: str) -> Engine:
    """Hold what decides to the rules of the programme, as they are on each day."""
    return engine._replace(
        cap_on=partial(_consumer_cap, book, lender_type), age_min_on=partial(_age_min, book, lender_type)
    )


def _consumer_cap(book: OfferBook, lender_type: str, day: date) -> int | None:
    """Say what the rules in force let one person owe this kind of lender."""
    rule = "limit.consumer_max"
    found = book.pack.find(rule, on=day, lender_type=lender_type)
    return None if found is None else book.pack.integer(rule, on=day, lender_type=lender_type)


def _age_min(book: OfferBook, lender_type: str, day: date) -> int:
    """Say how old the rules in force want applicants to be, where an operator is stricter too."""
    return book.pack.integer("applicant.min_age", on=day, lender_type=lender_type)


def calendar_of(market: str) -> BusinessCalendar:
    """Give the calendar of bank days of a market."""
    assert market == "CN", f"no calendar ships for {market}"
    return china_calendar().bank_days()


class OneOfSeveral(NamedTuple):
    """What a platform is told that holds some of the buckets only; the programme was read from whoever answered."""

    shard: Shard
    programme: Programme
    read_parts: Callable[[date], Awaitable[Sequence[SettlementPart]]]


def closer_of(
    db: Database,
    programme: Programme,
    moments: MomentSource,
    engine: Engine,
    on_progress: Callable[[Progress], None] = lambda _: None,
    one_of: OneOfSeveral | None = None,
) -> Closer:
    """Put together what a close works with; it calls nobody outside."""
    return Closer(
        db=db,
        moments=moments,
        engine=engine,
        calendar=calendar_of(programme.market),
        payout_channel=MAIN_CHANNEL,
        expire_holds=checkout.expire,
        on_progress=on_progress,
        shard=None if one_of is None else one_of.shard,
        read_parts=one_of.read_parts if one_of is not None and one_of.shard.is_home else None,
    )


def post_of(outside: Outside, vault: FieldCipher, *, sender: str) -> Post | None:
    """Put together what messages are delivered with; None where no gateway is configured."""
    if outside.sms is None:
        return None

    async def phones(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, str]:
        found = await identity.customers(tx, customer_ids)
        return {each: phone for each, one in found.items() if (phone := identity.phone_of(vault, one)) is not None}

    return Post(HttpGateway(outside.sms, key=outside.sms_key), phones, vault, sender)


@asynccontextmanager
async def open_platform(
    db: Database,
    outside: Outside,
    *,
    ids: IdSource,
    vault: FieldCipher,
    engine: Engine | None = None,
    products: tuple[Product, ...] | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    one_of: OneOfSeveral | None = None,
) -> AsyncIterator[Platform]:
    """Put the platform of the programme in *db* together; its desk is emptied at the end.

    Refuses: ProgrammeMissing, PolicyOverrideRefused when the pack allows no more what was overridden once;
    PlacementDiffers when the database is one of several and nobody said so.
    """
    if one_of is None:
        async with db.begin() as tx:
            programme = await read_programme(tx)
            await check_placement(tx, None)
            pack = await overrides.rules_of(tx)
    else:  # it may be out of reach: it adopts its overrides when it is let in
        programme = one_of.programme
        pack = Pack.load(programme.market.lower())
    moments = MomentSource(ProgrammeClock(), programme.zone, ids)
    book = OfferBook(
        products=shipped_products() if products is None else products,
        pack=pack,
        lender=programme.name,
        lender_type=programme.lender_type,
        zone=programme.zone,
    )
    chosen = _ruled(engine or shipped_engine(), book, programme.lender_type)
    check_engine(chosen, book.pack, lender_type=programme.lender_type, on=programme.opened_on)
    check = HttpHolderCheck(SignedClient(outside.bank, key=outside.bank_key))
    reached = {MAIN_CHANNEL: HttpBank(outside.bank, key=outside.bank_key), **outside.channels}
    chooser = Chooser(shipped_channels(), shipped_policies(), programme.zone, reachable=reached)
    channels: Channels = RoutedChannels(reached, chooser)
    closer = closer_of(db, programme, moments, chosen, on_progress, one_of)
    offset = book.conditions(programme.opened_on).billing.autopay_offset_days
    lists = Watcher()
    board = Board()
    control = Control(programme.currency, Listed(lists, vault), board.of)
    screen = Screen(control.setup, programme.zone)
    desk = Desk(db, moments, book, screen=screen)
    repayments = RepaymentCounter(db, channels, moments)
    try:
        yield Platform(
            db=db,
            programme=programme,
            moments=moments,
            book=book,
            desk=desk,
            engine=chosen,
            bureau=HttpBureau(outside.bureau, outside.bureau_secret),
            channels=channels,
            vault=vault,
            servicer=Servicer(closer, channels, offset, partial(lapse_due, db, moments, book)),
            repayments=repayments,
            binder=Binder(db, moments, vault, check, channels, MAIN_CHANNEL),
            post=post_of(outside, vault, sender=programme.name),
            lists=lists,
            board=board,
            control=control,
            screen=screen,
            registry=None if outside.registry is None else HttpRegistry(outside.registry, outside.registry_secret),
        )
    finally:
        await repayments.close()
        await desk.close()
