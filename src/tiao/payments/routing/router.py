"""The choice of a channel: Thompson sampling over what is believed of each, with cautious probes of those that fell.

Each channel's rate of success is drawn from what is believed of it, and the payment goes where the draw promises most.
So a channel is tried as often as it may still be the best, and exploration never stops. A channel that is taken for
broken is left alone, but for a probe now and then, at growing intervals, by which its return is noticed.

*Source:* Chapelle and Li, An Empirical Evaluation of Thompson Sampling, 2011; Page, Continuous Inspection Schemes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import Enum
from random import Random
from typing import NamedTuple

from tiao.payments.routing.health import Health
from tiao.payments.routing.propensity import propensities

BPS = 10_000
#: Payments between the fall of a channel and the first probe, and at most between two probes.
_PROBE_FIRST, _PROBE_LAST = 80, 300
#: A channel that is merely worse costs less to try and is tried anyway; probes only make sure that it is.
_WORSE_PROBE_FIRST, _WORSE_PROBE_LAST = 200, 400


class Cost(NamedTuple):
    """What a channel takes for a success. *Units*: ten-thousandths of the amount, and minor units."""

    bps: int = 0
    fixed_minor: int = 0


class Because(Enum):
    """Why a channel was chosen."""

    ONLY = "only"  # no other may be used
    BEST = "best"  # its draw promised most
    PROBE = "probe"  # it fell, and somebody has to find out whether it is back


class Choice(NamedTuple):
    """A channel, why, and what was believed of each candidate: enough to explain the choice later."""

    channel: int
    because: Because
    candidates: tuple[int, ...]
    rates: tuple[float, ...]
    scores: tuple[float, ...]


def value_of(cost: Cost, margin_bps: int | None, amount_minor: int, rate: float) -> float:
    """Value a channel: its expected earnings with a margin, else its rate of success."""
    if margin_bps is None:
        return rate
    return rate * (amount_minor * (margin_bps - cost.bps) / BPS - cost.fixed_minor)


class _Probe(NamedTuple):
    next_at: int
    interval: int


class Router:
    """Chooses among channels 0 to n-1 and learns from outcomes; its chance is an argument, so a run can be repeated.

    Instants are ordinals of payments. A caller filters first (bank, amount, hours, agreement); only what may be used is
    offered here, and one of it is always chosen.
    """

    def __init__(self, costs: Sequence[Cost], chance: Random, *, margin_bps: int | None = None) -> None:
        self._costs = tuple(costs)
        self._chance = chance
        self._margin_bps = margin_bps
        self._health = [Health() for _ in costs]
        self._probes: dict[int, _Probe] = {}

    def choose(
        self, at: int, allowed: Sequence[int], amount_minor: int, weights: Mapping[int, float] | None = None
    ) -> Choice:
        """Choose one of *allowed*; with a margin by expected value, else by the rate of success.

        *weights* raise or lower a channel's score: a volume that was promised to it, the time it takes.
        """
        assert allowed, "there is nothing to choose from"
        for channel in allowed:
            self._health[channel].age(at)
        if len(allowed) == 1:
            return self._chosen(allowed[0], Because.ONLY, allowed, ())
        probed = self._due_probe(at, allowed)
        if probed is not None:
            return self._chosen(probed, Because.PROBE, allowed, ())
        trusted = [channel for channel in allowed if not self._is_broken(channel)] or allowed
        scores = tuple(self._score(channel, amount_minor, self._drawn(channel), weights) for channel in trusted)
        return self._chosen(trusted[scores.index(max(scores))], Because.BEST, trusted, scores)

    def shares(self, choice: Choice, amount_minor: int, weights: Mapping[int, float] | None = None) -> list[float]:
        """Say how likely each candidate was to be drawn best. *Rounds*: see `propensity`."""
        means, spreads = [], []
        for channel, rate in zip(choice.candidates, choice.rates, strict=True):
            certain = self._score(channel, amount_minor, 1.0, weights)
            # A score is in proportion to the rate: its spread is the Beta distribution's, as often as it is worth.
            means.append(certain * rate)
            spreads.append(abs(certain) * math.sqrt(rate * (1 - rate) / (self.outcomes(channel) + 3)))
        return propensities(means, spreads)

    def outcomes(self, channel: int) -> int:
        """Count the outcomes that a channel's rate stands on."""
        health = self._health[channel]
        return health.successes + health.failures

    def learn(self, at: int, channel: int, *, is_success: bool) -> None:
        """Take the definite outcome of a payment that was made at *at*; one that stays unknown teaches nothing."""
        health = self._health[channel]
        if health.learn(at, is_success=is_success):
            interval = _PROBE_FIRST if self._is_broken(channel) else _WORSE_PROBE_FIRST
            self._probes[channel] = _Probe(at + interval, interval)
        elif health.fallen is None:
            self._probes.pop(channel, None)

    def _due_probe(self, at: int, allowed: Sequence[int]) -> int | None:
        for channel, probe in self._probes.items():
            if at >= probe.next_at and channel in allowed:
                longest = _PROBE_LAST if self._is_broken(channel) else _WORSE_PROBE_LAST
                self._probes[channel] = _Probe(at + probe.interval, min(2 * probe.interval, longest))
                return channel
        return None

    def _is_broken(self, channel: int) -> bool:
        fallen = self._health[channel].fallen
        return fallen is not None and fallen.is_broken

    def _drawn(self, channel: int) -> float:
        health = self._health[channel]
        return self._chance.betavariate(health.successes + 1, health.failures + 1)

    def _score(self, channel: int, amount_minor: int, rate: float, weights: Mapping[int, float] | None) -> float:
        value = value_of(self._costs[channel], self._margin_bps, amount_minor, rate)
        if weights is None:
            return value
        weight = weights.get(channel, 1.0)
        # What costs more than it brings is not made better by weighing it down.
        return value * weight if value > 0 else value / weight

    def _chosen(self, channel: int, because: Because, candidates: Sequence[int], scores: tuple[float, ...]) -> Choice:
        rates = tuple(self._health[each].rate for each in candidates)
        return Choice(channel, because, tuple(candidates), rates, scores)
