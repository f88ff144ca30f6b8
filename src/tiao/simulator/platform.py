"""What the simulator needs of a platform. `wiring.Platform` is one; the simulator lies below it and knows its shape."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Protocol

from tiao.checkout.desk import Desk
from tiao.checkout.offers import OfferBook
from tiao.checkout.screening import Screen
from tiao.credit.model import Engine
from tiao.credit.providers.bureau import Bureau
from tiao.payments.jobs import Channels
from tiao.payments.providers.channel import Channel
from tiao.risk.lists.actions import Watcher
from tiao.runtime.clock import FixedClock, business_date
from tiao.runtime.db import Database
from tiao.runtime.programme import ClockMovesForward, MomentSource, Programme, move_clock
from tiao.runtime.secrets import FieldCipher
from tiao.servicing.counter import RepaymentCounter
from tiao.servicing.days import Servicer
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment


class Platform(Protocol):
    """Everything an edge has to serve one programme."""

    @property
    def db(self) -> Database:
        """The database."""

    @property
    def programme(self) -> Programme:
        """The programme as it was opened."""

    @property
    def book(self) -> OfferBook:
        """What may be offered."""

    @property
    def engine(self) -> Engine:
        """What decides applications."""

    @property
    def bureau(self) -> Bureau:
        """Who is asked about applicants."""

    @property
    def channels(self) -> Channels:
        """The ways to banks."""

    @property
    def vault(self) -> FieldCipher:
        """What seals personal fields."""

    @property
    def moments(self) -> MomentSource:
        """Where moments on the programme's clock come from."""

    @property
    def servicer(self) -> Servicer:
        """What mornings and closes work with."""

    @property
    def lists(self) -> Watcher:
        """Who and what is blocked, allowed and watched."""

    @property
    def screen(self) -> Screen:
        """What risk control is asked with."""

    @property
    def repayments(self) -> RepaymentCounter:
        """Where repayments that customers ask for are taken."""

    async def adopt_rules(self) -> None:
        """Go on under the overrides that stand by now."""


def main_channel(platform: Platform) -> tuple[str, Channel]:
    """Give the channel that accounts are bound at, with its name."""
    name = platform.servicer.closer.payout_channel
    return name, platform.channels[name]


def moment(platform: Platform, seed: str, name: str, at: datetime) -> Moment:
    """Make the moment of one act of the simulation: its ids belong to its name, whatever happened before."""
    return Moment(at, business_date(at, platform.programme.zone), seeded_ids(f"{seed}/{name}"))


def desk_of(platform: Platform, seed: str, name: str, at: datetime) -> Desk:
    """Open the desk for one set of orders, at an instant and with ids that belong to the set."""
    return Desk(
        platform.db,
        MomentSource(FixedClock(at), platform.programme.zone, seeded_ids(f"{seed}/{name}")),
        platform.book,
        screen=platform.screen,
    )


async def be_at(platform: Platform, at: datetime) -> None:
    """Move the programme's clock to an instant, unless it is there already or beyond."""
    async with platform.db.begin() as tx:
        with contextlib.suppress(ClockMovesForward):
            await move_clock(tx, at)
