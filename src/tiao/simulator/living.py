"""Living through days: people apply, buy, repay, send back and fall behind, through the actions of the platform."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from tiao.partners import actions as partners
from tiao.payments import jobs
from tiao.servicing.days import MORNING, catch_up, morning
from tiao.servicing.repaying import book_debits
from tiao.simulator.admission import admit
from tiao.simulator.bank.faults import FaultRates
from tiao.simulator.buying import Buyer, Errand
from tiao.simulator.cases import Cases
from tiao.simulator.chance import stream
from tiao.simulator.disputing import Disputing
from tiao.simulator.limiting import LimitStaff
from tiao.simulator.losses import Losses
from tiao.simulator.neighbours import Neighbours
from tiao.simulator.notices import Mailbox
from tiao.simulator.onboarding import Onboarding
from tiao.simulator.paying import Payers
from tiao.simulator.platform import Platform, be_at, moment
from tiao.simulator.settling import Settling
from tiao.simulator.shopping import Customer, Shop, wishes
from tiao.simulator.shops import new_merchant, trade_of
from tiao.simulator.world import Shopper, World, merchant_keys, shoppers
from tiao.values.ids import BUCKETS

_DAY = timedelta(days=1)
#: The hours at which merchants ship and take back, and at which people shop.
SHIPPING_HOUR, SHOPPING_HOUR = 11, 19


class DayLog(NamedTuple):
    """What happened on a day, by name."""

    day: date
    counts: Counter[str]


class Log(NamedTuple):
    """What happened, day by day and in all."""

    days: list[DayLog]
    totals: Counter[str]


OnDay = Callable[[DayLog], Awaitable[None]]


async def _nothing(_: DayLog) -> None:
    return


async def live_year(
    platform: Platform, world: World, days: int, *, neighbours: Neighbours | None = None, on_day: OnDay = _nothing
) -> Log:
    """Live so many days from the programme's opening, each with its close; *on_day* is told after each.

    With *neighbours* the bank's faults are those of the world, and its notices are delivered.
    """
    life = Life(platform, world, neighbours)
    log = Log([], Counter())
    for place in range(days):
        lived = await life.live_day(world.opened_on + place * _DAY)
        log.days.append(lived)
        log.totals.update(lived.counts)
        await on_day(lived)
    return log


class Life:
    """A world under way. Days are lived in turn, from the opening on; what is planned for later is kept here."""

    def __init__(self, platform: Platform, world: World, neighbours: Neighbours | None = None) -> None:
        self._platform = platform
        self._world = world
        # A world is small: its day is closed in one piece, which costs a quarter of the transactions.
        self._servicer = platform.servicer._replace(closer=platform.servicer.closer._replace(chunk=BUCKETS))
        self._mailbox = None if neighbours is None else Mailbox(platform, neighbours)
        if neighbours is not None:
            neighbours.bank_server.books.set_faults(world.mishaps)
        self._arrivals: dict[date, list[Shopper]] = defaultdict(list)
        for shopper in shoppers(world):
            self._arrivals[world.opened_on + shopper.arrives_after_days * _DAY].append(shopper)
        billing = platform.book.conditions(world.opened_on).billing
        self._payers = Payers(world.table, world.seed, billing, sees_settled=False)
        self._buyer = Buyer(platform, world.seed)
        self._losses = Losses(platform, world.seed)
        self._cases = Cases(platform, world.seed, world.opened_on, times=world.cases_times)
        self._limit_staff = LimitStaff(platform, world.seed)
        self._buyers: list[Customer] = []
        self._shops: list[Shop] = []
        self._settling = Settling(platform)
        self._disputing = Disputing(platform, world.seed)
        self._onboarding = Onboarding(platform, world.seed, world.opened_on)
        self._errands: dict[date, list[Errand]] = defaultdict(list)

    async def live_day(self, day: date, *, is_closed_after: bool = True) -> DayLog:
        """Live one day from midnight to midnight, and close it unless that is left to somebody else."""
        platform, programme = self._platform, self._platform.programme
        counts: Counter[str] = Counter()
        if not self._shops:
            await self._open_shops(day)
        await self._welcome(day, counts)
        await be_at(platform, programme.day_starts_at(day, MORNING))
        await self._begin_day(day, counts)
        await be_at(platform, programme.day_starts_at(day, SHIPPING_HOUR))
        await self._ship(day, counts)
        await be_at(platform, programme.day_starts_at(day, SHOPPING_HOUR))
        await self._shop(day, counts)
        await be_at(platform, programme.day_starts_at(day + _DAY))
        if is_closed_after:
            await catch_up(self._servicer)
        return DayLog(day, counts)

    async def _open_shops(self, day: date) -> None:
        platform, seed = self._platform, self._world.seed
        now = moment(platform, seed, f"shops/{day}", platform.programme.day_starts_at(day))
        async with platform.db.begin() as tx:
            for key in merchant_keys(self._world):
                made = await partners.create_merchant(tx, now, new_merchant(seed, key, platform.programme.currency))
                self._shops.append(Shop(made.id, trade_of(seed, key)))
            await self._settling.agree(tx, now, [shop.merchant_id for shop in self._shops])

    async def _welcome(self, day: date, counts: Counter[str]) -> None:
        """Take on those who come today."""
        arriving = self._arrivals.pop(day, [])
        newcomers = [shopper.newcomer for shopper in arriving]
        at = self._platform.programme.day_starts_at(day)
        members = await admit(self._platform, self._world.seed, newcomers, at)
        self._payers.join(members, [shopper.need for shopper in arriving])
        for member, shopper in zip(members, arriving, strict=True):
            counts["approved" if member.line_id else "declined applicants"] += 1
            if member.line_id is not None:
                self._buyers.append(Customer(member, shopper.buys_ppm, shopper.need))

    async def _begin_day(self, day: date, counts: Counter[str]) -> None:
        """Do the morning's work, hear what the bank has to tell, let people pay, give losses up."""
        platform = self._platform
        done = await morning(self._servicer)
        paid = await self._payers.pay(platform, day)
        counts["credit balances used"] += done.credit_used
        _count_debits(counts, "autopay", done.autopay)
        _count_debits(counts, "repayment", paid)
        counts["payouts"] += len(done.payouts.succeeded)
        counts["payouts failed"] += len(done.payouts.failed)
        counts["payouts unknown"] += len(done.payouts.unknown)
        if self._mailbox is not None:
            counts["notices"] += await self._mailbox.deliver()
        counts.update(await self._losses.give_up(day))
        counts.update(await self._settling.live(day))
        counts.update(await self._onboarding.live(day))
        if self._world.mishaps != FaultRates():
            counts.update(await self._disputing.live(day))

    async def _ship(self, day: date, counts: Counter[str]) -> None:
        """Ask again about what was not known in the morning; do what was planned for today and what comes up."""
        platform = self._platform
        resolved = await jobs.resolve_unknown(platform.db, platform.channels, platform.moments, book_debits)
        payouts = await jobs.resolve_payouts(platform.db, platform.channels, platform.moments)
        counts["unknown debits resolved"] += len(resolved.succeeded) + len(resolved.failed)
        counts["unknown payouts resolved"] += len(payouts.succeeded) + len(payouts.failed)
        counts.update(await self._buyer.run_errands(day, self._errands.pop(day, [])))
        at = platform.programme.day_starts_at(day, SHIPPING_HOUR)
        members = [buyer.member for buyer in self._buyers]
        counts.update(await self._cases.handle(day, at, members))
        counts.update(await self._limit_staff.live(day, at, members, self._shops))

    async def _shop(self, day: date, counts: Counter[str]) -> None:
        chance = stream(self._world.seed, "shopping", day.isoformat())
        bought = await self._buyer.buy(day, wishes(chance, self._buyers, self._shops, day))
        counts.update(bought.counts)
        self._plan(day, bought.errands)

    def _plan(self, day: date, errands: Sequence[tuple[int, Errand]]) -> None:
        for after_days, errand in errands:
            self._errands[day + after_days * _DAY].append(errand)


def _count_debits(counts: Counter[str], what: str, run: jobs.DebitRun) -> None:
    counts[f"{what} debits"] += len(run.succeeded)
    counts[f"{what} debits failed"] += len(run.failed)
    counts[f"{what} debits unknown"] += len(run.unknown)
    counts[f"{what} debits refused"] += len(run.refused)
