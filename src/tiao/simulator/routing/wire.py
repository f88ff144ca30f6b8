"""The documents of `tiao route simulate`: a scenario in, figures by seed and their means out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from tiao.simulator.routing.run import UNROUTABLE, Lived, live
from tiao.simulator.routing.scenario import Scenario, read
from tiao.values.refusal import Refusal

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NOBODY = "-"


class Window(msgspec.Struct, frozen=True, rename={"begin": "from", "end": "to"}):
    """The share of each channel in the routed payments of a window."""

    begin: int
    end: int
    share: dict[str, float]


class SeedFigures(msgspec.Struct, frozen=True):
    """What one seed came to."""

    seed: int
    successes: int
    unroutable: int
    violations: int
    success_rate: float | None
    regret: float
    value_regret_minor: float | None
    dead_transactions: int
    cost_minor: float
    latency_ms_mean: float | None
    windows: tuple[Window, ...]
    choices: str | msgspec.UnsetType = msgspec.UNSET


class MeanFigures(msgspec.Struct, frozen=True):
    """Means over the seeds; a figure that no seed has is null."""

    success_rate: float | None
    regret: float | None
    value_regret_minor: float | None
    dead_transactions: float | None
    cost_minor: float | None
    latency_ms_mean: float | None


class Simulated(msgspec.Struct, frozen=True):
    """The answer."""

    scenario: str
    policy: str
    per_seed: tuple[SeedFigures, ...]
    mean: MeanFigures


class _Fault(msgspec.Struct, frozen=True):
    code: str
    detail: str


class _RefusedAnswer(msgspec.Struct, frozen=True):
    ok: bool
    error: _Fault


def simulated(
    document: bytes, policy: str, *, has_trace: bool, tell: Callable[[int, int], None] | None = None
) -> tuple[bytes, bool]:
    """Answer a scenario; the flag says that it was lived rather than refused."""
    try:
        scenario = read(document)
        lived = live(scenario, policy, tell)
    except Refusal as refusal:
        return msgspec.json.encode(_RefusedAnswer(ok=False, error=_Fault(refusal.code, refusal.detail))), False
    figures = tuple(_figures(scenario, each, has_trace=has_trace) for each in lived)
    return msgspec.json.encode(Simulated(scenario.id, policy, figures, _mean(figures))), True


def _figures(scenario: Scenario, lived: Lived, *, has_trace: bool) -> SeedFigures:
    routed = lived.routed
    return SeedFigures(
        seed=lived.seed,
        successes=lived.successes,
        unroutable=len(lived.choices) - routed,
        violations=lived.violations,
        success_rate=lived.successes / routed if routed else None,
        regret=lived.regret,
        value_regret_minor=lived.value_regret_minor,
        dead_transactions=lived.dead_transactions,
        cost_minor=lived.cost_minor,
        latency_ms_mean=lived.latency_ms / routed if routed else None,
        windows=tuple(_windows(scenario, lived.choices)),
        choices="".join(_digit(each) for each in lived.choices) if has_trace else msgspec.UNSET,
    )


def _windows(scenario: Scenario, choices: Sequence[int]) -> Iterator[Window]:
    for begin in range(0, len(choices), scenario.window):
        end = min(begin + scenario.window, len(choices))
        within = choices[begin:end]
        routed = sum(1 for each in within if each != UNROUTABLE)
        counts = {channel.id: within.count(k) for k, channel in enumerate(scenario.channels)}
        yield Window(begin, end, {name: count / routed if routed else 0.0 for name, count in counts.items()})


def _digit(choice: int) -> str:
    return _NOBODY if choice == UNROUTABLE else _DIGITS[choice]


def _mean(figures: Sequence[SeedFigures]) -> MeanFigures:
    return MeanFigures(*(_mean_of(getattr(each, name) for each in figures) for name in MeanFigures.__struct_fields__))


def _mean_of(figures: Iterable[float | None]) -> float | None:
    known = [each for each in figures if each is not None]
    return sum(known) / len(known) if known else None
