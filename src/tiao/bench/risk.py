"""Risk control measured: what a payment costs part by part in sets, and purchases with and without it, in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from tiao.bench.authorise import CALLERS, Shoppers, shop
from tiao.bench.ground import check, open_ground, open_many_lines, open_merchants, own_server, tidy
from tiao.bench.measures import Machine, Spread, spread, this_machine
from tiao.bench.rounds import Round
from tiao.checkout.desk import Desk
from tiao.checkout.screening import Screen
from tiao.risk.deciding import Setup, again, judge
from tiao.risk.live import ENTITIES, Asked, catalogue
from tiao.risk.rules.ruleset import Ruler
from tiao.risk.rules.shipped import starter
from tiao.risk.scoring import Scorer
from tiao.risk.states import Remembered, Row
from tiao.values.refusal import Kind, Refusal

SET = 256
_SEED = 20260322
_DATABASE = "risk"
_ZONE = ZoneInfo("Asia/Shanghai")
#: So many customers for each merchant, device-sharing household and address of the load.
_CUSTOMERS, _MERCHANTS, _ADDRESSES = 20_000, 200, 4_000
_APART = timedelta(minutes=5)
_BEGAN = datetime(2026, 3, 1, tzinfo=UTC)

Tell = Callable[[str, int, int], None]


class RerunDiffers(Refusal):
    """A decision came out otherwise when it was made again from its record."""

    kind = Kind.CONFLICT


class PartsReport(msgspec.Struct, frozen=True):
    """What one payment costs in a set of 256. *Units*: microseconds of processor time, states already warm.

    *read* and *write*: states from bytes and back. *judge*: features, rules, model if any, reasons and the record.
    """

    entities: int
    read_us: Spread
    judge_us: Spread
    write_us: Spread
    total_us: Spread


class RiskReport(msgspec.Struct, frozen=True):
    """What a run came to: parts by how many entities a payment names, and purchases a second with and without."""

    machine: Machine
    payments: int
    rules: int
    has_model: bool
    parts: list[PartsReport]
    with_risk: list[Round]
    without: list[Round]
    ratio: Spread | None
    more_client_cpu_us: Spread | None
    more_server_cpu_us: Spread | None
    invariants_held: int


class Setting(NamedTuple):
    """How many payments for the parts; how many lines and rounds for the whole, none where *rounds* is 0."""

    payments: int
    lines: int
    merchants: int
    seconds: int
    rounds: int


def parts(setting: Setting, model: Scorer | None, tell: Tell) -> list[PartsReport]:
    """Measure the parts, and run every tenth decision again. Refuses: RerunDiffers."""
    setup = Setup(Ruler(starter(), catalogue("CNY")), model=model)
    return [_parts(setup, setting.payments, named, tell) for named in (2, 4, 5)]


def _parts(setup: Setup, payments: int, named: int, tell: Tell) -> PartsReport:
    chance = Random(_SEED)  # noqa: S311  a load, not a secret
    kept: dict[tuple[int, str], Row] = {}
    spent: list[tuple[float, float, float]] = []
    sets = max(4, payments // SET)
    for number in range(sets):
        tell(f"payments of {named}", number * SET, payments)
        at = _BEGAN + number * _APART
        # A line stands in a set once, and a set has one instant.
        asked = [_asked(chance, at, customer, named) for customer in chance.sample(range(_CUSTOMERS), SET)]
        rows = [
            kept[key]
            for key in {(place, key) for each in asked for place, key in enumerate(_keys(each)) if key is not None}
            if key in kept
        ]
        began = time.thread_time()
        remembered = Remembered(rows)
        read = time.thread_time()
        judged = judge(setup, asked, remembered)
        decided = time.thread_time()
        changed = remembered.rows()
        written = time.thread_time()
        kept.update(((row.place, row.key), row) for row in changed)
        spent.append((read - began, decided - read, written - decided))
        for each in judged[::10]:
            if again(setup, each.inputs) != each:
                raise RerunDiffers
    warm = [[seconds / SET * 1e6 for seconds in each] for each in spent[len(spent) // 2 :]]
    return PartsReport(
        named,
        spread([each[0] for each in warm]),
        spread([each[1] for each in warm]),
        spread([each[2] for each in warm]),
        spread([sum(each) for each in warm]),
    )


def _keys(asked: Asked) -> Sequence[str | None]:
    return [None if each is None else each[:32] for each in asked.entities]


def _asked(chance: Random, at: datetime, customer: int, named: int) -> Asked:
    whole = (
        f"{customer:032x}",
        f"{min(chance.randrange(_MERCHANTS), chance.randrange(_MERCHANTS)) + (1 << 40):032x}",
        f"{customer // 2 + (1 << 41):032x}" * 2,
        f"{customer % _ADDRESSES + (1 << 42):032x}" * 2,
        f"{customer % 50 + (1 << 43):032x}" * 2,
    )
    return Asked(
        at=at,
        hour=12,
        weekday=2,
        entities=(*whole[:named], *[None] * (len(ENTITIES) - named)),
        amount_minor=chance.randrange(100, 60_000),
        limit_minor=1_000_000,
        held_minor=0,
        used_minor=100_000,
        plan="pay_later",
        scene="books",
        is_captured=True,
        is_quoted=True,
    )


async def measure(setting: Setting, model: Scorer | None, tell: Tell) -> RiskReport:
    """Measure the parts and, on a server of its own, purchases with and without risk control in turns.

    Refuses: RerunDiffers, InvariantViolated, DatabaseDidNotStart.
    """
    machine = this_machine()
    measured = parts(setting, model, tell)
    setup = Setup(Ruler(starter(), catalogue("CNY")), model=model)
    rounds: tuple[list[Round], list[Round]] = ([], [])
    held = 0
    if setting.rounds:
        with own_server() as server:
            async with open_ground(server, _DATABASE) as ground:
                lines = await open_many_lines(ground, setting.lines, lambda n, of: tell("lines", n, of))
                shoppers = Shoppers(lines, await open_merchants(ground, setting.merchants), _SEED)
                for number in range(setting.rounds):
                    tell("rounds", number, setting.rounds)
                    for place, screen in enumerate((Screen(lambda: setup, _ZONE), None)):
                        await tidy(ground)
                        desk = Desk(ground.db, ground.moments, ground.book, screen=screen)
                        rounds[place].append(
                            await shop(server, ground, desk, shoppers, CALLERS, seconds=setting.seconds)
                        )
                        await desk.close()
                held = await check(ground)
    pairs = list(zip(*rounds, strict=True))
    return RiskReport(
        machine=machine,
        payments=setting.payments,
        rules=len(starter().rules),
        has_model=model is not None,
        parts=measured,
        with_risk=rounds[0],
        without=rounds[1],
        ratio=spread([one.per_second / other.per_second for one, other in pairs]) if pairs else None,
        more_client_cpu_us=spread([one.client_cpu_us - other.client_cpu_us for one, other in pairs]) if pairs else None,
        more_server_cpu_us=spread([one.server_cpu_us - other.server_cpu_us for one, other in pairs]) if pairs else None,
        invariants_held=held,
    )
