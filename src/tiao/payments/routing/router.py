"""The choice of a channel: Thompson sampling over what is believed of each, with cautious probes of those that fell.

Each channel's rate of success is drawn from what is believed of it, and the payment goes where the draw promises most.
So a channel is tried as often as it may still be the best, and exploration never stops. A channel that is taken for
broken is left alone, but for a probe now and then, at growing intervals, by which its return is noticed.

*Source:* Chapelle and Li, An Empirical Evaluation of Thompson Sampling, 2011; Page, Continuous Inspection Schemes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from random import Random
from typing import NamedTuple, Protocol

from tiao.payments.routing.health import Belief, Fallen, Health
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

    def of(self, amount_minor: int, successes: int = 1) -> int:
        """Tell what successes cost that come to an amount. Rounds: half up, once for the sum."""
        return (amount_minor * self.bps + BPS // 2) // BPS + successes * self.fixed_minor


class Chance(Protocol):
    """How a rate is drawn from what is believed of it."""

    def rate(self, belief: Belief) -> float:
        """Draw a rate."""
        ...


class Exactly:
    """Draws from the Beta distribution itself, by a generator; the router at work draws faster (`chooser`)."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def rate(self, belief: Belief) -> float:
        """Draw a rate."""
        return self._random.betavariate(belief.won, belief.lost)


class Because(Enum):
    """Why a channel was chosen."""

    ONLY = "only"  # no other may be used
    BEST = "best"  # its draw promised most
    PROBE = "probe"  # it fell, and somebody has to find out whether it is back


class Standing(NamedTuple):
    """How a channel is thought of: its rate, on how many outcomes, what it fell from, payments until its next probe."""

    rate: float
    outcomes: int
    fallen: Fallen | None
    probe_in: int | None


class Choice(NamedTuple):
    """A channel, why, and what was believed of each candidate: enough to explain the choice later."""

    channel: int
    because: Because
    candidates: tuple[int, ...]
    rates: tuple[float, ...]
    scores: tuple[float, ...]
    #: What a certain success of each candidate is worth: a score is its drawn rate times this.
    worths: tuple[float, ...] = ()


def value_of(cost: Cost, margin_bps: int | None, amount_minor: int, rate: float) -> float:
    """Value a channel: its expected earnings with a margin, else its rate of success."""
    if margin_bps is None:
        return rate
    return rate * (amount_minor * (margin_bps - cost.bps) / BPS - cost.fixed_minor)


class Terms:
    """What a success through each channel is worth under a margin; worked out once, for it is asked at every choice."""

    __slots__ = ("_fixed", "_kept", "margin_bps")

    def __init__(self, costs: Sequence[Cost], margin_bps: int | None) -> None:
        self.margin_bps = margin_bps
        self._kept = [0.0 if margin_bps is None else (margin_bps - cost.bps) / BPS for cost in costs]
        self._fixed = [cost.fixed_minor for cost in costs]

    def worths(self, channels: Sequence[int], amount_minor: int) -> list[float]:
        """Value a certain success through each of *channels*; without a margin each is worth the same."""
        if self.margin_bps is None:
            return [1.0] * len(channels)
        kept, fixed = self._kept, self._fixed
        return [amount_minor * kept[each] - fixed[each] for each in channels]

    def best(self, channels: Sequence[int], rates: Sequence[float], amount_minor: int) -> int:
        """Give the channel that promises most at these rates; of equals the first."""
        if self.margin_bps is None:
            return channels[rates.index(max(rates))]
        values = [rate * worth for rate, worth in zip(rates, self.worths(channels, amount_minor), strict=True)]
        return channels[values.index(max(values))]


class _Probe(NamedTuple):
    next_at: int
    interval: int


class Router:
    """Chooses among channels 0 to n-1 and learns from outcomes; its chance is an argument, so a run can be repeated.

    Instants are ordinals of payments. A caller filters first (bank, amount, hours, agreement); only what may be used is
    offered here, and one of it is always chosen.
    """

    def __init__(self, costs: Sequence[Cost], chance: Chance, *, margin_bps: int | None = None) -> None:
        self._terms = Terms(costs, margin_bps)
        self._chance = chance
        self._health = [Health() for _ in costs]
        self._probes: dict[int, _Probe] = {}

    def reprice(self, terms: Terms) -> None:
        """Weigh success against cost otherwise from now on; what was learned stays."""
        self._terms = terms

    def choose(
        self,
        at: int,
        allowed: Sequence[int],
        amount_minor: int,
        weights: Mapping[int, float] | None = None,
        *,
        is_trial: bool = False,
    ) -> Choice:
        """Choose one of *allowed*; with a margin by expected value, else by the rate of success.

        *weights* raise or lower a channel's score: a volume that was promised to it, the time it takes. A trial changes
        nothing: no probe counts as made.
        """
        assert allowed, "there is nothing to choose from"
        health = self._health
        for channel in allowed:
            health[channel].age(at)
        if len(allowed) == 1:
            return self._plain(allowed[0], Because.ONLY, allowed)
        if self._probes:
            probed = self._due_probe(at, allowed, is_trial=is_trial)
            if probed is not None:
                return self._plain(probed, Because.PROBE, allowed)
            allowed = [channel for channel in allowed if not self._is_broken(channel)] or allowed
        worths = self._terms.worths(allowed, amount_minor)
        if weights is not None:
            # What costs more than it brings is not made better by weighing it down.
            weighed = zip(worths, [weights.get(channel, 1.0) for channel in allowed], strict=True)
            worths = [worth * weight if worth > 0 else worth / weight for worth, weight in weighed]
        drawn = self._chance.rate
        beliefs = [health[channel].belief() for channel in allowed]
        scores = [drawn(belief) * worth for belief, worth in zip(beliefs, worths, strict=True)]
        chosen = allowed[scores.index(max(scores))]
        rates = tuple([belief.rate for belief in beliefs])
        return Choice(chosen, Because.BEST, tuple(allowed), rates, tuple(scores), tuple(worths))

    def shares(self, choice: Choice) -> list[float]:
        """Say how likely each candidate was to be drawn best. *Rounds*: see `propensity`."""
        # A score is in proportion to the rate: its spread is the Beta distribution's, as often as it is worth.
        beliefs = [self._health[channel].belief() for channel in choice.candidates]
        means = [belief.rate * worth for belief, worth in zip(beliefs, choice.worths, strict=True)]
        spreads = [abs(worth) * belief.spread for belief, worth in zip(beliefs, choice.worths, strict=True)]
        return propensities(means, spreads)

    def outcomes(self, channel: int) -> int:
        """Count the outcomes that a channel's rate stands on."""
        return self._health[channel].belief().outcomes

    def standing(self, channel: int, at: int) -> Standing:
        """Tell how a channel is thought of, and after how many payments it is probed if it fell."""
        health, probe = self._health[channel], self._probes.get(channel)
        health.age(at)
        belief = health.belief()
        return Standing(
            belief.rate, belief.outcomes, health.fallen, None if probe is None else max(probe.next_at - at, 0)
        )

    def learn(self, at: int, channel: int, *, is_success: bool) -> None:
        """Take the definite outcome of a payment that was made at *at*; one that stays unknown teaches nothing."""
        health = self._health[channel]
        if health.learn(at, is_success=is_success):
            interval = _PROBE_FIRST if self._is_broken(channel) else _WORSE_PROBE_FIRST
            self._probes[channel] = _Probe(at + interval, interval)
        elif health.fallen is None:
            self._probes.pop(channel, None)

    def _due_probe(self, at: int, allowed: Sequence[int], *, is_trial: bool) -> int | None:
        for channel, probe in self._probes.items():
            if at >= probe.next_at and channel in allowed:
                if not is_trial:
                    longest = _PROBE_LAST if self._is_broken(channel) else _WORSE_PROBE_LAST
                    self._probes[channel] = _Probe(at + probe.interval, min(2 * probe.interval, longest))
                return channel
        return None

    def _is_broken(self, channel: int) -> bool:
        fallen = self._health[channel].fallen
        return fallen is not None and fallen.is_broken

    def _plain(self, channel: int, because: Because, candidates: Sequence[int]) -> Choice:
        rates = tuple([self._health[each].belief().rate for each in candidates])
        return Choice(channel, because, tuple(candidates), rates, ())
