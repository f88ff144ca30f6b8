"""A made-up world: who lives in it, what they like to buy, and what goes wrong; all of it from one seed."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from tiao.runtime.db import Database
from tiao.runtime.programme import Programme
from tiao.simulator.admission import Newcomer
from tiao.simulator.bank.faults import FaultRates
from tiao.simulator.behaviour import BehaviourTable, read_behaviour
from tiao.simulator.chance import draw, number
from tiao.simulator.people import bank_account, monthly_income, people
from tiao.simulator.programmes import open_programme
from tiao.simulator.straining import Need, Strain, need_of

CURRENCY = "CNY"
#: What the owner puts in: enough to pay every merchant before any customer repays. *Units*: minor units.
FUNDING_MINOR = 10**12
#: Everybody applies within so many days of the opening.
ARRIVAL_DAYS = 30

#: A bank on a bad day, every day: own choice, well above what real channels publish, so that a year sees it all.
MISHAPS = FaultRates(
    insufficient_funds_ppm=50_000,
    account_frozen_ppm=1_000,
    limit_exceeded_ppm=4_000,
    agreement_invalid_ppm=500,
    maintenance_ppm=3_000,
    payout_failed_ppm=10_000,
    time_out_before_ppm=8_000,
    time_out_after_ppm=12_000,
    processing_ppm=10_000,
    garbled_ppm=4_000,
    wrongly_signed_ppm=3_000,
    query_time_out_ppm=50_000,
    duplicate_notice_ppm=500_000,
    lost_notice_ppm=850_000,
)


class World(NamedTuple):
    """What a simulated life follows from. *autopay_ppm* of customers agree to automatic payment."""

    seed: str
    customers: int
    merchants: int
    opened_on: date
    table: BehaviourTable
    mishaps: FaultRates = FaultRates()
    autopay_ppm: int = 500_000
    arrival_days: int = ARRIVAL_DAYS
    #: How many times as often as in `cases.DAILY_PPM` something comes up about running loans.
    cases_times: int = 1
    #: None: people buy an eighth of what they may.
    strain: Strain | None = None


class Shopper(NamedTuple):
    """What one customer is like: when they come to apply, in how many of a million days they buy, and how strained."""

    newcomer: Newcomer
    arrives_after_days: int
    buys_ppm: int
    need: Need | None = None


@cache
def shipped_behaviour() -> BehaviourTable:
    """Read the table of repayment behaviour that comes with the platform. Source: simulator/data/ATTRIBUTION.md."""
    return read_behaviour((files("tiao.simulator") / "data" / "repayments.csv").read_text(encoding="utf-8"))


def make_world(
    seed: int | str, *, customers: int, opened_on: date, with_mishaps: bool, merchants: int | None = None
) -> World:
    """Make a world of so many customers, with a merchant for about every 25 of them."""
    return World(
        seed=f"world/{seed}",
        customers=customers,
        merchants=merchants or max(8, customers // 25),
        opened_on=opened_on,
        table=shipped_behaviour(),
        mishaps=MISHAPS if with_mishaps else FaultRates(),
    )


async def open_world(db: Database, world: World, *, name: str, lender: str | None = None) -> Programme:
    """Open the programme that a world lives in. Refuses: AnotherProgramme."""
    return await open_programme(
        db, name=name, currency=CURRENCY, opened_on=world.opened_on, funding_minor=FUNDING_MINOR, lender=lender
    )


def shoppers(world: World) -> list[Shopper]:
    """Make everybody who will ever live in a world."""
    seed = world.seed
    keys = [f"C{place:05d}" for place in range(1, world.customers + 1)]
    applicants = people(seed, keys, on=world.opened_on)
    return [
        Shopper(
            newcomer=Newcomer(
                key=key,
                applicant=applicants[key],
                income_minor=monthly_income(seed, key),
                account_no=bank_account(seed, key),
                # Whose income falls decides each month what is paid.
                is_autopay_agreed=draw(seed, "autopay", key) < world.autopay_ppm
                and ((need := _need(world, key)) is None or need.falls_on is None),
            ),
            arrives_after_days=number(seed, "arrives", key) % world.arrival_days,
            need=_need(world, key),
            # From once in three weeks to every other day; few buy often.
            buys_ppm=50_000 + draw(seed, "buys", key) * draw(seed, "buys again", key) // 2_200_000,
        )
        for key in keys
    ]


def _need(world: World, key: str) -> Need | None:
    if world.strain is None:
        return None
    income = monthly_income(world.seed, key)
    return need_of(world.strain, world.seed, key, income_minor=income, opened_on=world.opened_on)


def merchant_keys(world: World) -> list[str]:
    """Name the merchants of a world."""
    return [f"S{place:04d}" for place in range(1, world.merchants + 1)]
