"""The router at work: filters, beliefs by issuer, silence, volumes promised; in memory, fed from stored outcomes.

Large issuers have beliefs of their own; the others share one router, which learns from all. A decision's chance belongs
to its debit's id, so the same beliefs and the same debit give the same choice. Each process follows the outcomes that
all have recorded; one that commits late and is missed costs a grain of knowledge, nothing else.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from tiao.payments.routing.capability import Capability, Excluded, Wish, is_open, is_usable, why_not
from tiao.payments.routing.decision import Candidate, LeftOut, NoneUsable, Outcome, RouteDecision, Taught
from tiao.payments.routing.router import BPS, Choice, Cost, Router, value_of
from tiao.payments.routing.tables import Policies, Policy
from tiao.values.ids import bucket_of

#: An issuer with so many outcomes is believed on its own.
OWN_FROM = 400
#: A channel that stays silent this often among its newest attempts is left alone for a while.
_WATCHED, _SILENT_FROM, _SILENT_SHARE = 20, 6, 0.5
_PAUSE, _PAUSE_MAX = timedelta(seconds=60), timedelta(minutes=15)


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


class _Beliefs:
    """A router and how many outcomes it has learned: the ordinal by which it ages."""

    def __init__(self, costs: Sequence[Cost], chance: Random, margin_bps: int | None) -> None:
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
        self.policies = policies
        self.followed_through = 0
        self._names = [each.name for each in capabilities]
        self._place = {name: number for number, name in enumerate(self._names)}
        self._reachable = frozenset(self._names if reachable is None else reachable)
        self.zone = zone
        self._policy = policies.policies[policies.live]
        self._digest = policies.digest
        self._costs = {each.name: each.cost for each in capabilities}
        self._chance = Random(0)  # noqa: S311  reseeded from the payment's id before each choice
        self._pooled = self._new_beliefs()
        self._of_issuer: dict[str, _Beliefs] = {}
        self._silence = [Silence() for _ in capabilities]
        self._weighed = _weighed(capabilities, self._policy.latency_bps_second)
        self._minute: tuple[int, int, int] | None = None
        self._works: list[bool] = []
        self._volumes: Counter[tuple[int, int, str]] = Counter()

    def choose(self, wish: Wish) -> RouteDecision | NoneUsable:
        """Choose a channel, or say why there is none; what is silent or broken is used only when nothing else is."""
        local = wish.at.astimezone(self.zone)
        allowed, excluded = self._filtered(wish, local)
        if not allowed:
            return NoneUsable(tuple(excluded))
        heard = [each for each in allowed if not self._silence[each].is_paused(wish.at)] or allowed
        beliefs = self._believed(wish.issuer)
        weights = self._weights(local)
        self._chance.seed(wish.debit_id.int)
        choice = beliefs.router.choose(beliefs.learned, heard, wish.amount_minor, weights)
        return self._decided(wish, beliefs.router, choice, weights, excluded)

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

    def _filtered(self, wish: Wish, local: datetime) -> tuple[list[int], list[LeftOut]]:
        allowed, excluded = [], []
        at_work = self._at_work(local)
        for number, capability in enumerate(self.capabilities):
            if at_work[number] and is_usable(capability, wish):
                allowed.append(number)
                continue
            reasons = why_not(capability, wish, local)
            if capability.name not in self._reachable:
                reasons.insert(0, Excluded.NOT_REACHABLE)
            excluded.append(LeftOut(capability.name, tuple(reasons)))
        return allowed, excluded

    def _at_work(self, local: datetime) -> list[bool]:
        """Tell which channels can be reached and are open; asked once for each minute, for hours end at minutes."""
        minute = (local.toordinal(), local.hour, local.minute)
        if self._minute != minute:
            self._minute = minute
            self._works = [each.name in self._reachable and is_open(each, local) for each in self.capabilities]
        return self._works

    def _believed(self, issuer: str | None) -> _Beliefs:
        own = self._of_issuer.get(issuer or "")
        return own if own is not None and own.learned >= OWN_FROM else self._pooled

    def _weights(self, local: datetime) -> dict[int, float] | None:
        policy = self._policy
        if not policy.commitments:
            return self._weighed
        weights = dict(self._weighed or dict.fromkeys(range(len(self._names)), 1.0))
        month = monthrange(local.year, local.month)[1]
        for name, promised in policy.commitments.items():
            done = self._volumes[local.year, local.month, name]
            if name in self._place and done < promised * local.day / month:
                weights[self._place[name]] += policy.behind_weight
        return weights

    def _decided(
        self, wish: Wish, router: Router, choice: Choice, weights: dict[int, float] | None, excluded: list[LeftOut]
    ) -> RouteDecision:
        is_scored = bool(choice.scores)
        shares = router.shares(choice, wish.amount_minor, weights) if is_scored else []
        candidates = tuple(
            Candidate(
                self._names[number],
                choice.rates[place],
                router.outcomes(number),
                choice.scores[place] if is_scored else None,
                shares[place] if is_scored else float(number == choice.channel),
            )
            for place, number in enumerate(choice.candidates)
        )
        chosen = self._names[choice.channel]
        return RouteDecision(
            bucket=bucket_of(wish.debit_id),
            debit_id=wish.debit_id,
            decided_at=wish.at,
            policy=self.policies.live,
            policy_digest=self._digest,
            issuer=wish.issuer,
            amount_minor=wish.amount_minor,
            chosen=chosen,
            because=choice.because.value,
            propensity=candidates[choice.candidates.index(choice.channel)].propensity,
            candidates=candidates,
            excluded=tuple(excluded),
            shadows={
                name: would_choose(self.policies.policies[name], candidates, self._costs.__getitem__, wish.amount_minor)
                for name in self.policies.shadows
            },
        )

    def _new_beliefs(self) -> _Beliefs:
        return _Beliefs([each.cost for each in self.capabilities], self._chance, self._policy.margin_bps)


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
