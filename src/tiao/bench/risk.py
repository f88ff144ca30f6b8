"""Risk control measured: what a payment costs part by part in sets, and purchases with and without it, in turns."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from tiao.bench.authorise import CALLERS, Shoppers, shop
from tiao.bench.features import FeaturesDiffer
from tiao.bench.ground import Ground, check, open_ground, open_many_lines, open_merchants, own_server, tidy
from tiao.bench.measures import Machine, Spread, server_cpu_seconds, spread, this_machine
from tiao.bench.rounds import Round
from tiao.bench.trees import trained
from tiao.checkout.desk import Desk
from tiao.checkout.screening import Screen
from tiao.learning.refusals import TrainingUnavailable
from tiao.risk import actions as risk
from tiao.risk.deciding import Setup, again, judge
from tiao.risk.live import ENTITIES, Asked, catalogue
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.records import Decided
from tiao.risk.replaying import differing as differing_states
from tiao.risk.rules.ruleset import Ruler
from tiao.risk.rules.shipped import starter
from tiao.risk.scoring import Scorer
from tiao.risk.states import Remembered, Row, keys_of
from tiao.runtime.embedded import Embedded
from tiao.values.refusal import Kind, Refusal

#: Sizes of sets, the first as large as they come.
SETS = (256, 64)
_LARGE = 0.01
#: Nothing bought stands behind what was decided here: away with it, before invariants are looked at.
_EMPTIED = "truncate risk_customer, risk_shared, risk_decision, risk_outcome"
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
    """What one payment costs the process in sets. *Units*: microseconds of processor time, states already warm.

    *features_us*: states from bytes, features, and states back. *judge_us*: the rest, that is rules, model, reasons and
    the record. *flagged_ppm*: payments that were not approved, in millionths; only for them the model gives reasons.
    """

    entities: int
    set_size: int
    flagged_ppm: int
    features_us: Spread
    judge_us: Spread
    total_us: Spread


class PathReport(msgspec.Struct, frozen=True):
    """What one payment costs when sets are looked up, decided, written and committed, one set after the other.

    *Units*: microseconds of processor time, of the process with its driver, and of PostgreSQL.
    """

    entities: int
    set_size: int
    process_us: Spread
    postgres_us: Spread


class RiskReport(msgspec.Struct, frozen=True):
    """What a run came to: parts and whole sets, and purchases a second with and without risk control.

    *trees*: of the model that scored; 0: there was none, for the extra that trains is missing.
    """

    machine: Machine
    payments: int
    rules: int
    trees: int
    parts: list[PartsReport]
    path: list[PathReport]
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
    return [_parts(setup, setting.payments, named, size, tell) for size in SETS for named in (2, 4, 5)]


def _parts(setup: Setup, payments: int, named: int, size: int, tell: Tell) -> PartsReport:
    load = _Load(named, size)
    kept: dict[tuple[int, str], Row] = {}
    spent: list[tuple[float, float]] = []
    flagged = 0
    sets = max(4, payments // size)
    for number in range(sets):
        tell(f"sets of {size}, payments of {named}", number * size, payments)
        asked = load.next()
        keys = {(place, key) for each in asked for place, key in enumerate(keys_of(each.entities)) if key is not None}
        rows = [kept[key] for key in keys if key in kept]
        began = time.thread_time()
        alone = Remembered(rows)
        alone.pay_all(asked)
        alone.rows()
        folded = time.thread_time()
        remembered = Remembered(rows)
        judged = judge(setup, asked, remembered)
        changed = remembered.rows()
        decided = time.thread_time()
        kept.update(((row.place, row.key), row) for row in changed)
        spent.append((folded - began, decided - folded))
        flagged += sum(each.outcome is not RiskOutcome.APPROVE for each in judged)
        for each in judged[::10]:
            if again(setup, each.inputs) != each:
                raise RerunDiffers
    warm = [(fold / size * 1e6, whole / size * 1e6) for fold, whole in spent[len(spent) // 2 :]]
    return PartsReport(
        named,
        size,
        flagged * 1_000_000 // (sets * size),
        spread([fold for fold, _ in warm]),
        spread([whole - fold for fold, whole in warm]),
        spread([whole for _, whole in warm]),
    )


async def path(
    server: Embedded, ground: Ground, setup: Setup, named: int, size: int, payments: int, tell: Tell
) -> PathReport:
    """Look up, decide, write and commit sets. Refuses: FeaturesDiffer, where folding all anew gives other states."""
    load = _Load(named, size, customers=payments // 2)
    spent: list[tuple[float, float]] = []
    sets = max(4, payments // size // 4 * 4)
    postgres, process = 0.0, 0.0
    for number in range(sets):
        tell(f"sets of {size} with PostgreSQL", number * size, payments)
        if number % (sets // 4) == 0:
            if number >= sets // 2:
                spent.append((time.process_time() - process, server_cpu_seconds(server.pid) - postgres))
            await tidy(ground)
            postgres, process = server_cpu_seconds(server.pid), time.process_time()
        asked = load.next()
        async with ground.db.begin() as tx:
            now = await ground.moments(tx)
            remembered = await risk.look(tx, [each.entities for each in asked])
            judged = judge(setup, asked, remembered)
            decided = [
                Decided(now.new_id(int(each.entities[0][-2:], 16) if each.entities[0] else 0), each, one)
                for each, one in zip(asked, judged, strict=True)
            ]
            await risk.write(tx, now, setup, remembered, decided)
    spent.append((time.process_time() - process, server_cpu_seconds(server.pid) - postgres))
    async with ground.db.begin() as tx:
        differing = len(await differing_states(tx))
        await tx.execute(_EMPTIED)
    if differing:
        raise FeaturesDiffer(f"{differing} states differ", differing=differing)
    each = sets // 4 * size
    return PathReport(
        named, size, spread([one / each * 1e6 for one, _ in spent]), spread([other / each * 1e6 for _, other in spent])
    )


class _Load:
    """Sets of payments: one instant each, five minutes after the one before of 256; every customer once in a set."""

    def __init__(self, named: int, size: int, *, customers: int = _CUSTOMERS) -> None:
        self._chance = Random(_SEED)  # noqa: S311  a load, not a secret
        self._named, self._size, self._customers = named, size, max(customers, 2 * size)
        self._at = _BEGAN

    def next(self) -> list[Asked]:
        """Give the next set."""
        self._at += _APART * (self._size / SETS[0])
        who = self._chance.sample(range(self._customers), self._size)
        return [_asked(self._chance, self._at, customer, self._named) for customer in who]


def _amount(chance: Random) -> int:
    """Spend as the payments that the model was trained on: one in a hundred is large."""
    return round(chance.lognormvariate(11.5, 0.8) if chance.random() < _LARGE else chance.lognormvariate(9.5, 0.7))


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
        amount_minor=_amount(chance),
        limit_minor=1_000_000,
        held_minor=0,
        used_minor=100_000,
        plan="pay_later",
        scene="books",
        is_captured=True,
        is_quoted=True,
    )


def _model(tell: Tell) -> Scorer | None:
    tell("a model", 0, 1)
    try:
        return Scorer(trained().model)
    except TrainingUnavailable:
        return None


async def measure(setting: Setting, tell: Tell) -> RiskReport:
    """Measure the parts and, on a server of its own, purchases with and without risk control in turns.

    Refuses: RerunDiffers, InvariantViolated, DatabaseDidNotStart.
    """
    machine = this_machine()
    model = _model(tell)
    measured = parts(setting, model, tell)
    setup = Setup(Ruler(starter(), catalogue("CNY")), model=model)
    whole: list[PathReport] = []
    rounds: tuple[list[Round], list[Round]] = ([], [])
    held = 0
    if setting.rounds:
        with own_server() as server:
            async with open_ground(server, _DATABASE) as ground:
                whole = [
                    await path(server, ground, setup, named, size, setting.payments, tell)
                    for size in SETS
                    for named in (2, 4)
                ]
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
        trees=0 if model is None else len(model.model.form.leaves),
        parts=measured,
        path=whole,
        with_risk=rounds[0],
        without=rounds[1],
        ratio=spread([one.per_second / other.per_second for one, other in pairs]) if pairs else None,
        more_client_cpu_us=spread([one.client_cpu_us - other.client_cpu_us for one, other in pairs]) if pairs else None,
        more_server_cpu_us=spread([one.server_cpu_us - other.server_cpu_us for one, other in pairs]) if pairs else None,
        invariants_held=held,
    )
