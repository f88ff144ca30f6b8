"""Living a file of transactions day by day. Whatever is killed goes on where it stood: every act has its own name."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import polars as pl

from tiao.partners import actions as partners
from tiao.runtime.programme import Programme, read_programme
from tiao.servicing.days import MORNING, catch_up, morning
from tiao.simulator.admission import Member, Newcomer, admit, rebind
from tiao.simulator.behaviour import BehaviourTable
from tiao.simulator.paying import Payers
from tiao.simulator.people import bank_account, monthly_income, people
from tiao.simulator.platform import Platform, be_at, moment
from tiao.simulator.replay.selling import sell
from tiao.simulator.replay.transactions import Transactions, listed
from tiao.simulator.shops import new_merchant, payout_account

_DAY = timedelta(days=1)
_PAGE = 5_000


class Step(NamedTuple):
    """How far a replay has come, for whoever watches. *done* counts purchases offered, all days before included."""

    day: date
    doing: str
    done: int


class Replay(NamedTuple):
    """What is replayed: which file, how people repay, and how many days go on without purchases."""

    name: str
    transactions: Transactions
    table: BehaviourTable
    then_days: int = 0


class Played(NamedTuple):
    """What a finished replay offered, and what was not even asked for because a customer has no line."""

    offered: int
    offered_minor: int
    without_line: int
    without_line_minor: int
    refused: Counter[str]


def replay_name(file: bytes, places: bytes, days: int, repayments: bytes) -> str:
    """Name a replay by all that it depends on: the same command finds the same programme again.

    Shape: ``replay_`` and 8 hexadecimal digits; a name of a database.
    """
    digest = hashlib.sha256()
    for part in (file, places, str(days).encode(), repayments):
        digest.update(hashlib.sha256(part).digest())
    return f"replay_{digest.hexdigest()[:8]}"


async def play(platform: Platform, replay: Replay, *, on_step: Callable[[Step], None] = lambda _: None) -> Played:
    """Live the file through, from where the programme stands to its end, and close every day of it."""
    player = _Player(platform, replay, on_step)
    await player.remember()
    day = player.today
    while day <= player.last_day:
        await player.live(day)
        day += _DAY
    await be_at(platform, platform.programme.day_starts_at(player.last_day + _DAY))
    await catch_up(platform.servicer)
    return player.played()


class _Player:
    """A replay under way: who is known by now, and what was offered."""

    def __init__(self, platform: Platform, replay: Replay, on_step: Callable[[Step], None]) -> None:
        self._platform = platform
        self._seed = replay.name
        self._on_step = on_step
        self._days = replay.transactions.by_day(platform.programme.zone)
        self._newcomers = _newcomers(replay, platform.programme)
        self._first_seen = _by_first_day(self._days, "customer_id")
        self._shops_first_seen = _by_first_day(self._days, "merchant_id")
        self._members: dict[str, Member] = {}
        self._merchants: dict[str, UUID] = {}
        self._payers = Payers(replay.table, self._seed, platform.book.conditions(platform.programme.opened_on).billing)
        self._refused: Counter[str] = Counter()
        self._done = 0
        self.today = platform.programme.opened_on
        self.last_day = max(self._days) + timedelta(days=replay.then_days)

    async def remember(self) -> None:
        """After a restart: where the clock stands, who came on earlier days, and how they were repaying."""
        platform = self._platform
        async with platform.db.begin() as tx:
            programme = await read_programme(tx)
            merchants = await partners.merchants_after(tx, count=_PAGE)
            while merchants:
                self._merchants |= {found.payout_account: found.id for found in merchants}
                merchants = await partners.merchants_after(tx, merchants[-1].id, count=_PAGE)
        assert programme.now_at is not None, "a replay lives on a test clock"
        self.today = programme.now_at.astimezone(programme.zone).date()
        day = programme.opened_on
        while day < self.today:
            await self._admit(day, is_known=True)
            self._done += self._days[day].height if day in self._days else 0
            await self._payers.recall(platform, day, day + _DAY)
            day += _DAY

    async def live(self, day: date) -> None:
        """Live one day: close the one before, take on who is new, sell, do the morning's work, let people pay."""
        platform, programme = self._platform, self._platform.programme
        self._tell(day, "closing the day before")
        await be_at(platform, programme.day_starts_at(day))
        await catch_up(platform.servicer)
        early, late = self._split(day)
        self._tell(day, "taking on customers and merchants")
        await self._open_shops(day)
        await self._admit(day, is_known=False)
        await self._sell(day, early)
        self._tell(day, "the morning's work")
        await be_at(platform, programme.day_starts_at(day, MORNING))
        await morning(platform.servicer)
        await self._payers.pay(platform, day)
        await self._sell(day, late)

    def played(self) -> Played:
        """Sum up what was offered."""
        frames = list(self._days.values())
        lineless = {key for key, member in self._members.items() if member.line_id is None}
        without = [frame.filter(pl.col("customer_id").is_in(lineless)) for frame in frames]
        return Played(
            offered=sum(frame.height for frame in frames),
            offered_minor=sum(int(frame["amount_minor"].sum()) for frame in frames),
            without_line=sum(frame.height for frame in without),
            without_line_minor=sum(int(frame["amount_minor"].sum()) for frame in without),
            refused=self._refused,
        )

    async def _open_shops(self, day: date) -> None:
        """Take the merchants on that sell for the first time today, all of them or none."""
        platform = self._platform
        keys = [key for key in self._shops_first_seen.get(day, []) if payout_account(key) not in self._merchants]
        if not keys:
            return
        now = moment(platform, self._seed, f"shops/{day}", platform.programme.day_starts_at(day))
        made = {}
        async with platform.db.begin() as tx:
            for key in keys:
                terms = new_merchant(self._seed, key, platform.programme.currency)
                made[terms.payout_account] = (await partners.create_merchant(tx, now, terms)).id
        self._merchants |= made

    async def _admit(self, day: date, *, is_known: bool) -> None:
        """Take the customers on who buy for the first time today, or find them again."""
        newcomers = [self._newcomers[key] for key in self._first_seen.get(day, [])]
        at = self._platform.programme.day_starts_at(day)
        if is_known and newcomers:
            await rebind(self._platform, newcomers, at)
        members = await admit(self._platform, self._seed, newcomers, at)
        self._members |= {member.key: member for member in members}
        self._payers.join(members)

    async def _sell(self, day: date, frame: pl.DataFrame) -> None:
        def on_set(count: int) -> None:
            self._done += count
            self._tell(day, "purchases")

        merchants = {key: self._merchants[payout_account(key)] for key in frame["merchant_id"].unique()}
        transactions = list(listed(frame))
        lineless = sum(self._members[each.customer].line_id is None for each in transactions)
        on_set(lineless)
        self._refused += await sell(
            self._platform, self._seed, transactions, members=self._members, merchants=merchants, on_set=on_set
        )

    def _split(self, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Split a day's transactions at the hour of the morning's work."""
        frame = self._days.get(day)
        if frame is None:
            empty = next(iter(self._days.values())).clear()
            return empty, empty
        is_early = pl.col("occurred_at") < self._platform.programme.day_starts_at(day, MORNING)
        return frame.filter(is_early), frame.filter(~is_early)

    def _tell(self, day: date, doing: str) -> None:
        self._on_step(Step(day, doing, self._done))


def _newcomers(replay: Replay, programme: Programme) -> dict[str, Newcomer]:
    """Make a person of every customer of the file. Nobody agrees to autopay: the table alone says who pays."""
    keys: Sequence[str] = sorted(replay.transactions.frame["customer_id"].unique())
    applicants = people(replay.name, keys, on=programme.opened_on)
    return {
        key: Newcomer(
            key=key,
            applicant=applicants[key],
            income_minor=monthly_income(replay.name, key),
            account_no=bank_account(replay.name, key),
            is_autopay_agreed=False,
        )
        for key in keys
    }


def _by_first_day(days: dict[date, pl.DataFrame], column: str) -> dict[date, list[str]]:
    """List, by day, who appears on it for the first time."""
    seen: set[str] = set()
    found = {}
    for day in sorted(days):
        new: Iterable[str] = (key for key in days[day][column].unique(maintain_order=True) if key not in seen)
        found[day] = list(new)
        seen |= set(found[day])
    return found
