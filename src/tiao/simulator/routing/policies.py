"""Who chooses the channel: simple rules whose every choice is fixed, and the router that payments use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from tiao.payments.routing.router import Cost, Exactly, Router
from tiao.simulator.chance import stream
from tiao.simulator.routing.draws import draw
from tiao.simulator.routing.refusals import UnknownPolicy
from tiao.simulator.routing.scenario import Scenario


class World(NamedTuple):
    """The truth that only the oracle may look at: rates and values of each channel at a payment."""

    scenario: Scenario
    seed: int
    rates: Sequence[Sequence[float]]
    values: Callable[[int, int], float] | None


class Policy(Protocol):
    """Chooses, and is told what became of it."""

    def choose(self, t: int, allowed: Sequence[int], amount_minor: int) -> int:
        """Choose one of the allowed channels for payment *t*."""
        ...

    def learn(self, t: int, channel: int, *, is_success: bool) -> None:
        """Learn the outcome of payment *t*."""
        ...


class _Blind:
    """A policy that learns nothing."""

    def learn(self, t: int, channel: int, *, is_success: bool) -> None:
        """Learn nothing."""


class Fixed(_Blind):
    """Always one channel; where that may not be used, the first that may."""

    def __init__(self, channel: int) -> None:
        self._channel = channel

    def choose(self, t: int, allowed: Sequence[int], amount_minor: int) -> int:  # noqa: ARG002  the protocol
        """Choose the fixed channel, or the first."""
        return self._channel if self._channel in allowed else allowed[0]


class RoundRobin(_Blind):
    """One after the other."""

    def choose(self, t: int, allowed: Sequence[int], amount_minor: int) -> int:  # noqa: ARG002  the protocol
        """Choose by the payment's number."""
        return allowed[t % len(allowed)]


class Uniform(_Blind):
    """Any channel, by chance that belongs to the payment."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def choose(self, t: int, allowed: Sequence[int], amount_minor: int) -> int:  # noqa: ARG002  the protocol
        """Choose by a draw."""
        return allowed[int(draw(self._seed, t, "pick") * len(allowed))]


class Oracle(_Blind):
    """Knows the truth: the bound that nobody can beat."""

    def __init__(self, world: World) -> None:
        self._world = world

    def choose(self, t: int, allowed: Sequence[int], amount_minor: int) -> int:  # noqa: ARG002  the protocol
        """Choose the highest rate, or with a margin the highest value; of equals the first."""
        values = self._world.values
        if values is not None:
            return max(allowed, key=lambda k: values(t, k))
        return max(allowed, key=lambda k: self._world.rates[k][t])


class Production:
    """The router that payments use; it sees terms, amounts and visible outcomes, never the truth."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        costs = [Cost(each.cost_bps, each.cost_fixed_minor) for each in scenario.channels]
        self._router = Router(costs, Exactly(stream(str(seed), "router")), margin_bps=scenario.margin_bps)

    def choose(self, t: int, allowed: Sequence[int], amount_minor: int) -> int:
        """Choose as in production."""
        return self._router.choose(t, allowed, amount_minor).channel

    def learn(self, t: int, channel: int, *, is_success: bool) -> None:
        """Learn as in production."""
        self._router.learn(t, channel, is_success=is_success)


_FIXED = "fixed:"


def policy_named(name: str, world: World) -> Policy:
    """Make a policy for a world.

    *Refuses:* UnknownPolicy.
    """
    if name.startswith(_FIXED):
        ids = [each.id for each in world.scenario.channels]
        if name.removeprefix(_FIXED) not in ids:
            raise UnknownPolicy(f"no channel is called {name.removeprefix(_FIXED)!r}; there are {', '.join(ids)}")
        return Fixed(ids.index(name.removeprefix(_FIXED)))
    makers: dict[str, Callable[[], Policy]] = {
        "round_robin": RoundRobin,
        "random": lambda: Uniform(world.seed),
        "oracle": lambda: Oracle(world),
        "default": lambda: Production(world.scenario, world.seed),
    }
    if name not in makers:
        raise UnknownPolicy(f"{name!r} is none of fixed:CHANNEL, {', '.join(makers)}")
    return makers[name]()
