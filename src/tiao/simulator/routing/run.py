"""Living a scenario: each payment chooses, succeeds or fails, and is held against the best choice there was."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tiao.payments.routing.router import BPS
from tiao.simulator.routing.draws import draw
from tiao.simulator.routing.policies import Policy, World, policy_named
from tiao.simulator.routing.scenario import Scenario

UNROUTABLE = -1


class Lived(NamedTuple):
    """What one seed came to. *Units*: minor units for money; sums of probabilities for regret."""

    seed: int
    choices: list[int]
    successes: int
    violations: int
    regret: float
    value_regret_minor: float | None
    dead_transactions: int
    cost_minor: float
    latency_ms: int

    @property
    def routed(self) -> int:
        """Count the payments that had a channel."""
        return sum(1 for choice in self.choices if choice != UNROUTABLE)


class _Tally:
    """Sums up one seed, payment after payment."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.successes = self.violations = self.dead = self.latency_ms = 0
        self.regret = self.value_regret_minor = self.cost_minor = 0.0

    def add(self, t: int, chosen: int, allowed: Sequence[int], *, is_success: bool) -> None:
        scenario, rates, values = self._world.scenario, self._world.rates, self._world.values
        rate, best = rates[chosen][t], max(rates[k][t] for k in allowed)
        self.violations += chosen not in allowed
        self.regret += best - rate
        self.dead += rate <= scenario.dead_below < best
        if values is not None:
            self.value_regret_minor += max(values(t, k) for k in allowed) - values(t, chosen)
        self.latency_ms += scenario.channels[chosen].latency_ms
        if is_success:
            self.successes += 1
            self.cost_minor += scenario.channels[chosen].cost_minor(scenario.amount_minor(t))


def live(scenario: Scenario, policy: str, tell: Callable[[int, int], None] | None = None) -> list[Lived]:
    """Live a scenario once for each seed; *tell* hears the payments done and all there are.

    *Refuses:* UnknownPolicy.
    """
    rates = [channel.rates(scenario.transactions) for channel in scenario.channels]
    usable = scenario.usable()
    values = _values(scenario, rates)
    lived = []
    for number, seed in enumerate(scenario.seeds):
        world = World(scenario, seed, rates, values)
        lived.append(_live_seed(world, policy_named(policy, world), usable))
        if tell is not None:
            tell((number + 1) * scenario.transactions, len(scenario.seeds) * scenario.transactions)
    return lived


def _values(scenario: Scenario, rates: Sequence[Sequence[float]]) -> Callable[[int, int], float] | None:
    margin = scenario.margin_bps
    if margin is None:
        return None

    def value(t: int, k: int) -> float:
        channel = scenario.channels[k]
        earned = scenario.amount_minor(t) * (margin - channel.cost_bps) / BPS - channel.cost_fixed_minor
        return rates[k][t] * earned

    return value


def _live_seed(world: World, policy: Policy, usable: Sequence[tuple[int, ...]]) -> Lived:
    scenario, seed = world.scenario, world.seed
    delay, unknown = max(1, scenario.feedback.delay), scenario.feedback.unknown
    pending: deque[tuple[int, int, bool]] = deque()
    tally = _Tally(world)
    choices = []
    for t, allowed in enumerate(usable):
        while pending and t - pending[0][0] >= delay:
            made_at, channel, was_success = pending.popleft()
            policy.learn(made_at, channel, is_success=was_success)
        if not allowed:
            choices.append(UNROUTABLE)
            continue
        chosen = policy.choose(t, allowed, scenario.amount_minor(t))
        is_success = draw(seed, t, chosen) < world.rates[chosen][t]
        if unknown == 0 or draw(seed, t, "unk") >= unknown:
            pending.append((t, chosen, is_success))
        tally.add(t, chosen, allowed, is_success=is_success)
        choices.append(chosen)
    return Lived(
        seed,
        choices,
        tally.successes,
        tally.violations,
        tally.regret,
        tally.value_regret_minor if world.values is not None else None,
        tally.dead,
        tally.cost_minor,
        tally.latency_ms,
    )
