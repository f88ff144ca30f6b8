"""Setting the stage for attacks: people with lines that nobody assessed, merchants, and accounts of the attackers'."""

from __future__ import annotations

from datetime import datetime
from random import Random

from tiao.identity import actions as identity
from tiao.identity.model import Applicant
from tiao.identity.rules import check_sign
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.partners import actions as partners
from tiao.simulator.attacks.model import Shopper
from tiao.simulator.attacks.scripts import USUAL_HIGH_MINOR, USUAL_LOW_MINOR, Stage
from tiao.simulator.chance import stream
from tiao.simulator.platform import Platform, moment
from tiao.simulator.shops import new_merchant
from tiao.values.moment import Moment

#: Accounts that the attackers open themselves, and what their lines are; honest ones have between the two.
OWN, OWN_LIMIT_MINOR = 28, 300_000
LIMIT_LOW_MINOR, LIMIT_HIGH_MINOR = 200_000, 1_200_000
MERCHANTS = 14
#: Nothing falls due while a play lasts, so that no decline is about money that is owed.
STATEMENT_DAY = 28


async def set_stage(platform: Platform, seed: str, at: datetime, customers: int) -> Stage:
    """Register people, open their lines, take merchants on: one plays along with refunds, another cashes out."""
    now, chance = moment(platform, seed, "stage", at), stream(seed, "stage")
    async with platform.db.begin() as tx:
        merchants = [
            await partners.create_merchant(tx, now, new_merchant(seed, f"A{place}", platform.programme.currency))
            for place in range(MERCHANTS + 1)
        ]
    shops = [each.id for each in merchants[:MERCHANTS]]
    honest = await _people(platform, now, chance, range(customers))
    own = await _people(platform, now, chance, range(customers, customers + OWN), limit_minor=OWN_LIMIT_MINOR)
    return Stage(honest, own, shops, merchants[MERCHANTS].id)


async def _people(
    platform: Platform, now: Moment, chance: Random, numbers: range, *, limit_minor: int | None = None
) -> list[Shopper]:
    applicants = [_applicant(number) for number in numbers]
    async with platform.db.begin() as tx:
        registered = await identity.register_customers(tx, now, platform.vault, applicants)
        lines = [
            CreditLine(
                bucket=each.bucket,
                id=now.new_id(each.bucket),
                customer_id=each.id,
                currency=platform.programme.currency,
                limit_minor=(limit := limit_minor or chance.randrange(LIMIT_LOW_MINOR, LIMIT_HIGH_MINOR, 10_000)),
                limit_target_minor=limit,
                held_minor=0,
                used_minor=0,
                statement_day=STATEMENT_DAY,
                status="active",
                opened_on=now.today,
            )
            for each in registered
        ]
        await ledger.open_lines(tx, lines)
    return [
        Shopper(
            line.customer_id,
            line.id,
            line.limit_minor,
            f"device of {number}",
            f"10.{number // 250}.{number % 250}.1",
            chance.randrange(USUAL_LOW_MINOR, USUAL_HIGH_MINOR),
            tuple(chance.randrange(MERCHANTS) for _ in range(3)),
        )
        for number, line in zip(numbers, lines, strict=True)
    ]


def _applicant(number: int) -> Applicant:
    digits = f"110101{1970 + number % 30}{1 + number // 30 % 12:02d}{1 + number // 360 % 28:02d}{number % 1000:03d}"
    return Applicant("测试客户", digits + check_sign(digits), f"139{number:08d}")
