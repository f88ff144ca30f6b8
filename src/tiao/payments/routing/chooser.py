"""The router at work: filters, beliefs by issuer, silence, volumes promised; in memory, fed from stored outcomes.

Large issuers have beliefs of their own; the others share one router, which learns from all. A decision's chance belongs
to its debit's id, so the same beliefs and the same debit give the same choice. Each process follows the outcomes that
all have recorded; one that commits late and is missed costs a grain of knowledge, nothing else.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from statistics import NormalDist
from struct import unpack
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from tiao.payments.routing.capability import Capability, Excluded, Wish, covered, why_not_this
from tiao.payments.routing.decision import Candidate, LeftOut, NoneUsable, Outcome, RouteDecision, Taught
from tiao.payments.routing.health import Belief
from tiao.payments.routing.router import BPS, Choice, Cost, Router, Standing, Terms, value_of
from tiao.payments.routing.tables import Policies, Policy
from tiao.values.ids import bucket_of

#: An issuer with so many outcomes is believed on its own.
OWN_FROM = 400
#: A channel that stays silent this often among its newest attempts is left alone for a while.
_WATCHED, _SILENT_FROM, _SILENT_SHARE = 20, 6, 0.5
_PAUSE, _PAUSE_MAX = timedelta(seconds=60), timedelta(minutes=15)
#: Standard normal numbers, each as likely as any other: drawing is picking one.
_NORMALS = tuple(NormalDist().inv_cdf((number + 0.5) / 4096) for number in range(4096))
_DRAWS = 32
_MINUTE = timedelta(minutes=1)


class Silence:
    """Watches one channel for attempts that stay without an answer: they say nothing of success, but much of health."""

    def __init__(self) -> None:
        self._newest: deque[bool] = deque(maxlen=_WATCHED)
        self._paused_until: datetime | None = None
        self._pause = _PAUSE

    def learn(self, at: datetime, *, is_silent: bool) -> None:
        """Take an attempt; an answer ends the pause and halves the next one."""
        self._newest.append(is_silent)
        if not is_silent:
            self._paused_until = None
            self._pause = max(_PAUSE, self._pause / 2)
            return
        silent = sum(self._newest)
        if silent >= _SILENT_FROM and silent >= _SILENT_SHARE * len(self._newest):
            self._paused_until = at + self._pause
            self._pause = min(2 * self._pause, _PAUSE_MAX)

    def is_paused(self, at: datetime) -> bool:
        """Tell whether the channel is left alone; when the pause ends, the next payment finds out."""
        return self._paused_until is not None and at < self._paused_until

    def paused_until(self, at: datetime) -> datetime | None:
        """Tell until when the channel is left alone."""
        return self._paused_until if self.is_paused(at) else None


class Closed(NamedTuple):
    """A channel that is closed once, from an instant to another; whole minutes count."""

    channel: str
    starts_at: datetime
    ends_at: datetime

    def covers(self, at: datetime) -> bool:
        """Tell whether the channel is closed in the minute of an instant."""
        return at < self.ends_at and self.starts_at < at.replace(second=0, microsecond=0) + _MINUTE


class ChannelStanding(NamedTuple):
    """How a channel is thought of by its own issuer's payments, or by all (*issuer* is None)."""

    issuer: str | None
    standing: Standing


class _OfPayment:
    """Chance that belongs to one payment: the same id draws the same numbers."""

    def __init__(self) -> None:
        self._seed = b""
        self._numbers: Iterator[int] = iter(())
        self._round = 0

    def belong_to(self, payment_id: UUID) -> None:
        """Draw for another payment from now on."""
        self._seed, self._round = payment_id.bytes, 0
        self._numbers = iter(())

    def rate(self, belief: Belief) -> float:
        """Draw a rate. Rounds: as `Belief.drawn`, by one of 4,096 quantiles."""
        number = next(self._numbers, None)
        if number is None:
            digest = blake2b(self._seed, digest_size=2 * _DRAWS, salt=self._round.to_bytes(2)).digest()
            self._numbers = iter(unpack(f"<{_DRAWS}H", digest))
            self._round += 1
            number = next(self._numbers)
        return belief.drawn(_NORMALS[number >> 4])


class _Beliefs:
    """A router and how many outcomes it has learned: the ordinal by which it ages."""

    def __init__(self, costs: Sequence[Cost], chance: _OfPayment, margin_bps: int | None) -> None:
        self.router = Router(costs, chance, margin_bps=margin_bps)
        self.learned = 0


class Chooser:
    """Chooses a channel for each payment and learns from what became of it."""

    def __init__(
        self,
        capabilities: Sequence[Capability],
        policies: Policies,
        zone: ZoneInfo,
        *,
        reachable: Collection[str] | None = None,
    ) -> None:
        self.capabilities = tuple(capabilities)
        self.shipped = policies
        self.followed_through = 0
        self.steered_through = 0
        self.zone = zone
        self._names = [each.name for each in capabilities]
        self._place = {name: number for number, name in enumerate(self._names)}
        self.reachable = frozenset(self._names if reachable is None else reachable)
        self.drained: frozenset[str] = frozenset()
        self._closed: tuple[Closed, ...] = ()
        self._costs = [each.cost for each in capabilities]
        self._chance = _OfPayment()
        self._silence = [Silence() for _ in capabilities]
        self._minute: datetime | None = None
        self._stands: list[tuple[Excluded, ...]] = []
        self._volumes: Counter[tuple[int, int, str]] = Counter()
        self._adopt(policies)
        self._pooled = self._new_beliefs()
        self._of_issuer: dict[str, _Beliefs] = {}

    def choose(self, wish: Wish, *, is_trial: bool = False) -> RouteDecision | NoneUsable:
        """Choose a channel, or say why there is none; what is silent or broken is used only when nothing else is.

        A trial leaves no trace: nothing that follows is chosen otherwise because of it.
        """
        allowed, excluded = self._filtered(wish)
        if not allowed:
            return NoneUsable(tuple(excluded))
        at, silence = wish.at, self._silence
        heard = [each for each in allowed if not silence[each].is_paused(at)] or allowed
        beliefs = self._believed(wish.issuer)
        self._chance.belong_to(wish.debit_id)
        weights = self._weighed if not self._policy.commitments else self._weights(at)
        router = beliefs.router
        choice = router.choose(beliefs.learned, heard, wish.amount_minor, weights, is_trial=is_trial)
        return self._decided(wish, router, choice, excluded)

    def follow(self, outcomes: Iterable[Outcome]) -> None:
        """Learn from outcomes, in their order."""
        for outcome in outcomes:
            self.followed_through = max(self.followed_through, outcome.number)
            place = self._place.get(outcome.channel)
            if place is None:  # a channel that is no more
                continue
            self._silence[place].learn(outcome.learned_at, is_silent=outcome.outcome is Taught.UNKNOWN)
            if outcome.outcome is Taught.UNKNOWN:
                continue
            is_success = outcome.outcome is Taught.SUCCESS
            own = self._of_issuer.setdefault(outcome.issuer, self._new_beliefs()) if outcome.issuer else None
            for beliefs in (self._pooled, own):
                if beliefs is not None:
                    beliefs.router.learn(beliefs.learned, place, is_success=is_success)
                    beliefs.learned += 1
            if is_success:
                local = outcome.learned_at.astimezone(self.zone)
                self._volumes[local.year, local.month, outcome.channel] += outcome.amount_minor

    def steer(
        self, policies: Policies | None, *, drained: Collection[str], closed: Sequence[Closed], through: int
    ) -> None:
        """Do what people decided: other policies, channels that nothing new is sent through, single maintenances."""
        self.drained = frozenset(drained)
        self._closed = tuple(closed)
        self._minute = None
        self.steered_through = through
        self._adopt(policies or self.shipped)
        for beliefs in (self._pooled, *self._of_issuer.values()):
            beliefs.router.reprice(self._terms)

    def standings(self, channel: str) -> list[ChannelStanding]:
        """Tell how a channel is thought of: by all payments, then by those of issuers with beliefs of their own."""
        place = self._place[channel]
        own = sorted((issuer, each) for issuer, each in self._of_issuer.items() if each.learned >= OWN_FROM)
        believed = [(None, self._pooled), *own]
        return [ChannelStanding(issuer, each.router.standing(place, each.learned)) for issuer, each in believed]

    def silent_until(self, channel: str, at: datetime) -> datetime | None:
        """Tell until when a channel is left alone because it gave no answers."""
        return self._silence[self._place[channel]].paused_until(at)

    def against(self, channel: str, at: datetime) -> tuple[Excluded, ...]:
        """List what stands against any payment through a channel now: out of reach, drained, closed."""
        return self._standing_against(at)[self._place[channel]]

    def volume_minor(self, channel: str, at: datetime) -> int:
        """Tell what a channel brought in the calendar month of an instant, as far as this process has learned."""
        local = at.astimezone(self.zone)
        return self._volumes[local.year, local.month, channel]

    def _adopt(self, policies: Policies) -> None:
        self.policies = policies
        self._policy = policies.policies[policies.live]
        self._digest = policies.digest
        self._weighed = _weighed(self.capabilities, self._policy.latency_bps_second)
        self._terms = Terms(self._costs, self._policy.margin_bps)
        self._shadows = [(name, Terms(self._costs, policies.policies[name].margin_bps)) for name in policies.shadows]

    def _filtered(self, wish: Wish) -> tuple[list[int], list[LeftOut]]:
        allowed, excluded = [], []
        against = self._standing_against(wish.at)
        for number, capability in enumerate(self.capabilities):
            reasons = why_not_this(capability, wish)
            if reasons or against[number]:
                excluded.append(LeftOut(capability.name, _ordered(against[number], reasons)))
            else:
                allowed.append(number)
        return allowed, excluded

    def _standing_against(self, at: datetime) -> list[tuple[Excluded, ...]]:
        """Tell what stands against each channel at all; asked once for each minute, for hours end at minutes."""
        minute = at.replace(second=0, microsecond=0)
        if self._minute != minute:
            self._minute = minute
            local = at.astimezone(self.zone)
            self._stands = [self._stands_against(each, at, local) for each in self.capabilities]
        return self._stands

    def _stands_against(self, capability: Capability, at: datetime, local: datetime) -> tuple[Excluded, ...]:
        name = capability.name
        is_closed = any(each.channel == name and each.covers(at) for each in self._closed)
        checks = (
            (Excluded.NOT_REACHABLE, name not in self.reachable),
            (Excluded.DRAINED, name in self.drained),
            (Excluded.CLOSED_AT_THIS_HOUR, bool(capability.open) and not covered(capability.open, local)),
            (Excluded.MAINTENANCE, is_closed or covered(capability.maintenance, local)),
        )
        return tuple(reason for reason, stands in checks if stands)

    def _believed(self, issuer: str | None) -> _Beliefs:
        own = self._of_issuer.get(issuer or "")
        return own if own is not None and own.learned >= OWN_FROM else self._pooled

    def _weights(self, at: datetime) -> dict[int, float]:
        """Weigh channels by the time they take, and raise those that are behind with what was promised to them."""
        policy, local = self._policy, at.astimezone(self.zone)
        weights = dict(self._weighed or dict.fromkeys(range(len(self._names)), 1.0))
        month = monthrange(local.year, local.month)[1]
        for name, promised in policy.commitments.items():
            done = self._volumes[local.year, local.month, name]
            if name in self._place and done < promised * local.day / month:
                weights[self._place[name]] += policy.behind_weight
        return weights

    def _decided(self, wish: Wish, router: Router, choice: Choice, excluded: list[LeftOut]) -> RouteDecision:
        chosen, numbers, rates, names = choice.channel, choice.candidates, choice.rates, self._names
        shares: Sequence[float]
        scores: Sequence[float | None]
        if choice.scores:
            shares, scores = router.shares(choice), choice.scores
        else:
            shares, scores = [float(number == chosen) for number in numbers], [None] * len(numbers)
        outcomes = router.outcomes
        candidates = tuple(
            [
                Candidate(names[number], rate, outcomes(number), score, share)
                for number, rate, score, share in zip(numbers, rates, scores, shares, strict=True)
            ]
        )
        amount = wish.amount_minor
        return RouteDecision(
            bucket_of(wish.debit_id),
            wish.debit_id,
            wish.at,
            self.policies.live,
            self._digest,
            wish.issuer,
            amount,
            names[chosen],
            choice.because.value,
            shares[numbers.index(chosen)],
            candidates,
            tuple(excluded),
            {name: names[terms.best(numbers, rates, amount)] for name, terms in self._shadows},
        )

    def _new_beliefs(self) -> _Beliefs:
        return _Beliefs(self._costs, self._chance, self._policy.margin_bps)


def _ordered(against: tuple[Excluded, ...], reasons: list[Excluded]) -> tuple[Excluded, ...]:
    """Put what is out of reach or drained before what the payment is, and the hour after it."""
    if not against or not reasons:
        return against or tuple(reasons)
    hours = (Excluded.CLOSED_AT_THIS_HOUR, Excluded.MAINTENANCE)
    first = [each for each in against if each not in hours]
    return (*first, *reasons, *[each for each in against if each in hours])


def would_choose(
    policy: Policy, candidates: Sequence[Candidate], cost_of: Callable[[str], Cost], amount_minor: int
) -> str:
    """Say which candidate a policy would take for what is believed of each; of equals the first."""
    margin = policy.margin_bps
    values = [value_of(cost_of(each.channel), margin, amount_minor, each.rate) for each in candidates]
    return candidates[values.index(max(values))].channel


def _weighed(capabilities: Sequence[Capability], bps_second: int) -> dict[int, float] | None:
    """Weigh each channel by the time it takes; None when time does not matter."""
    if not bps_second:
        return None
    return {n: max(1 - bps_second * one.latency_ms / 1000 / BPS, 0.01) for n, one in enumerate(capabilities)}
