"""One choice of a channel: filter, beliefs, draw, explanation; after a life in which channels failed and recovered."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from tiao.bench.measures import Machine, Spread, spread, this_machine
from tiao.payments.routing.capability import CardKind, Wish
from tiao.payments.routing.chooser import Chooser
from tiao.payments.routing.decision import Outcome, RouteDecision, Taught
from tiao.payments.routing.tables import shipped_channels, shipped_policies
from tiao.values.refusal import Kind, Refusal

ROUNDS = 5
_ISSUERS = ("ICBC", "ABC", "BOC", "CCB", "CMB", "SOME SMALL BANK")
#: A Wednesday noon in Shanghai: every shipped channel is open.
_NOON = datetime(2026, 3, 11, 4, tzinfo=UTC)
_WARM_UP = 20_000
Tell = Callable[[int, int], None]


class UnusableChosen(Refusal):
    """A channel was chosen that may not be used."""

    kind = Kind.CONFLICT


class RoutingReport(msgspec.Struct, frozen=True):
    """What a run came to. *Units*: microseconds for one decision."""

    machine: Machine
    decisions: int
    channels: int
    cpu_mean_us: Spread
    wall_p50_us: Spread
    wall_p99_us: Spread
    shares: dict[str, float]


def measure(decisions: int, tell: Tell) -> RoutingReport:
    """Choose for *decisions* payments in each of five rounds. Refuses: UnusableChosen."""
    chooser = Chooser(shipped_channels(), shipped_policies(), ZoneInfo("Asia/Shanghai"))
    chance = Random(1)  # noqa: S311  a measurement repeats itself
    _live(chooser, chance)
    wishes = [_wish(chooser, chance, number) for number in range(decisions)]
    cpu, middle, late = [], [], []
    taken: dict[str, int] = {}
    for number in range(ROUNDS):
        walls: list[float] = []
        began = time.thread_time()
        for wish in wishes:
            at = time.perf_counter()
            decided = chooser.choose(wish)
            walls.append(time.perf_counter() - at)
            if not isinstance(decided, RouteDecision) or decided.chosen in {one.channel for one in decided.excluded}:
                raise UnusableChosen(str(decided))
            taken[decided.chosen] = taken.get(decided.chosen, 0) + 1
        cpu.append((time.thread_time() - began) * 1e6 / decisions)
        walls.sort()
        middle.append(_at(walls, 0.5) * 1e6)
        late.append(_at(walls, 0.99) * 1e6)
        tell(number + 1, ROUNDS)
    shares = {name: count / (ROUNDS * decisions) for name, count in sorted(taken.items())}
    channels = len(chooser.capabilities)
    return RoutingReport(this_machine(), decisions, channels, spread(cpu), spread(middle), spread(late), shares)


def _live(chooser: Chooser, chance: Random) -> None:
    """Teach it outcomes of every channel and issuer, with an outage of one in the middle."""
    names = [each.name for each in chooser.capabilities]
    for number in range(_WARM_UP):
        channel = chance.choice(names)
        rate = 0.02 if channel == names[0] and _WARM_UP // 3 < number < _WARM_UP // 2 else 0.95
        outcome = Taught.SUCCESS if chance.random() < rate else Taught.FAILURE
        at = _NOON - timedelta(seconds=_WARM_UP - number)
        chooser.follow([Outcome(number + 1, chance.choice(_ISSUERS), channel, outcome, 10_000, at)])


def _wish(chooser: Chooser, chance: Random, number: int) -> Wish:
    return Wish(
        debit_id=UUID(int=number),
        issuer=chance.choice(_ISSUERS),
        card_kind=CardKind.DEBIT,
        account_class=chance.choice((1, 1, 1, 2)),
        amount_minor=chance.randrange(100, 900_000),
        at=_NOON,
        agreements={each.name: "agreement" for each in chooser.capabilities},
    )


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
