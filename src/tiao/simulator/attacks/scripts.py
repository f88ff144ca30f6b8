"""The programs of behaviour: who pays where, when and how much, on each day of an attack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple, TypeAlias
from uuid import UUID

from tiao.simulator.attacks.model import Attack, Payment, Shopper

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
#: Where a month's usual payment lies, and how it spreads; people who buy a few times a week.
USUAL_LOW_MINOR, USUAL_HIGH_MINOR, SPREAD = 2_000, 30_000, 0.45
BUYS_A_DAY = 0.55
#: Those who will cash out keep their lines for it. Each attack has people of its own.
SAVING = slice(140, 196)


class Stage(NamedTuple):
    """Who is there: honest customers, accounts that the attackers opened, merchants, one of them crooked."""

    honest: Sequence[Shopper]
    own: Sequence[Shopper]
    merchants: Sequence[UUID]
    crooked: UUID


Script: TypeAlias = Callable[[Stage, Random, datetime, int], list[Payment]]


def honest_day(stage: Stage, chance: Random, day: datetime) -> list[Payment]:
    """Let honest people buy what they usually do, a few something dear, a few from a new device."""
    made = []
    saving = {each.line_id for each in stage.honest[SAVING]}
    for shopper in stage.honest:
        if chance.random() >= BUYS_A_DAY or shopper.line_id in saving:
            continue
        at = day + timedelta(minutes=chance.randrange(8 * 60, 23 * 60))
        shop = chance.choice(shopper.shops) if chance.random() < 0.85 else chance.randrange(len(stage.merchants))  # noqa: PLR2004  most go where they went before
        amount = shopper.usual_minor * chance.lognormvariate(0, SPREAD)
        if chance.random() < 0.02:  # noqa: PLR2004  now and then a telephone
            amount *= chance.uniform(4, 12)
        device = shopper.device if chance.random() < 0.985 else f"new device {chance.random()}"  # noqa: PLR2004  phones break
        limit = shopper.limit_minor // 4
        made.append(Payment(at, shopper, stage.merchants[shop], min(limit, max(100, int(amount))), device, shopper.ip))
    return made


def card_testing(stage: Stage, chance: Random, day: datetime, number: int) -> list[Payment]:
    """Try twenty stolen accounts with small sums from one device within an hour, and empty some of them after it."""
    victims = stage.honest[number * 20 : number * 20 + 20]
    shop = stage.merchants[0]
    device, ip, at = f"tester {number}", "198.51.100.7", day + 3 * _HOUR
    small = [
        Payment(at + place * 2 * _MINUTE, each, shop, chance.randrange(100, 900), device, ip, Attack.CARD_TESTING, True)
        for place, each in enumerate(victims)
    ]
    large = [
        _emptying(each, stage.merchants[1], at + 2 * _HOUR + place * _MINUTE, (device, ip), Attack.CARD_TESTING)
        for place, each in enumerate(victims[:8])
    ]
    return small + large


def takeover(stage: Stage, chance: Random, day: datetime, number: int) -> list[Payment]:
    """Enter five accounts at night, each from a device of the thief's, and buy three dear things."""
    victims = stage.honest[-1 - number * 5 : -6 - number * 5 : -1]
    made = []
    for place, victim in enumerate(victims):
        at = day + 2 * _HOUR + place * 7 * _MINUTE
        for step in range(3):
            amount = victim.limit_minor * chance.randrange(15, 28) // 100
            shop = stage.merchants[2 + step % 3]
            made.append(
                Payment(
                    at + step * 3 * _MINUTE,
                    victim,
                    shop,
                    amount,
                    f"thief {number}-{place}",
                    f"203.0.113.{number}",
                    Attack.TAKEOVER,
                    is_victim=True,
                )
            )
    return made


def cash_out(stage: Stage, chance: Random, day: datetime, number: int) -> list[Payment]:
    """Let eight customers a day empty their lines at the crooked merchant, for money less its cut."""
    people = stage.honest[SAVING][number * 8 : number * 8 + 8]
    return [
        Payment(
            day + 14 * _HOUR + place * 11 * _MINUTE,
            each,
            stage.crooked,
            each.limit_minor * chance.randrange(91, 97) // 100,
            each.device,
            each.ip,
            Attack.CASH_OUT,
        )
        for place, each in enumerate(people)
    ]


def ring(stage: Stage, chance: Random, day: datetime, number: int) -> list[Payment]:
    """Let new accounts of one hand, on two devices, buy what can be sold again until nothing is left."""
    people = stage.own[number * 4 : number * 4 + 4]
    return [
        Payment(
            day + 11 * _HOUR + place * 9 * _MINUTE + step * 70 * _MINUTE,
            each,
            stage.merchants[3 + step],
            each.limit_minor * chance.randrange(38, 46) // 100,
            f"ring {place % 2}",
            "192.0.2.44",
            Attack.RING,
        )
        for place, each in enumerate(people)
        for step in range(2)
    ]


def refund_abuse(stage: Stage, chance: Random, day: datetime, number: int) -> list[Payment]:
    """Buy at one shop what is sent back the next day, over and over; the shop plays along."""
    people = stage.honest[196 + (number % 2) * 6 : 202 + (number % 2) * 6]
    return [
        Payment(
            day + 16 * _HOUR + place * 13 * _MINUTE,
            each,
            stage.merchants[-1],
            each.limit_minor * chance.randrange(14, 20) // 100,
            each.device,
            each.ip,
            Attack.REFUND_ABUSE,
            refunded_percent=90,
        )
        for place, each in enumerate(people)
    ]


SCRIPTS: dict[Attack, Script] = {
    Attack.CARD_TESTING: card_testing,
    Attack.TAKEOVER: takeover,
    Attack.CASH_OUT: cash_out,
    Attack.RING: ring,
    Attack.REFUND_ABUSE: refund_abuse,
}


def _emptying(shopper: Shopper, shop: UUID, at: datetime, source: tuple[str, str], attack: Attack) -> Payment:
    return Payment(at, shopper, shop, shopper.limit_minor * 45 // 100, *source, attack, is_victim=True)
