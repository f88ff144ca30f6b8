"""What outcomes say about one channel: how often it succeeds of late, whether it has just broken, whether it is back.

Success is believed from a sliding window, as a Beta distribution. Three cumulative sums of log-likelihood ratios (Page,
1954) watch for a change that the window would take too long to show: a collapse, a drop, a rise. When one of them is
sure, what lies before the change is forgotten. A channel that fell is remembered as it was, and is believed again once
the outcomes of the few payments that still try it speak more for the old rate than for the fallen one.
"""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

#: Outcomes older than so many payments are forgotten: long enough to tell 95 % from 93 %, short enough to follow drift.
WINDOW = 4_000
#: Before so many outcomes there is no rate that could have changed.
_KNOWN_FROM = 20
#: Of a channel that returns at most so many remembered outcomes count again.
_REMEMBERED_MAX = 1_000
#: Log-likelihood at which the old rate of a fallen channel is believed again: odds of 33 to 1.
_RETURNED_AT = 3.5
#: A fallen rate is never taken for nil, and is set apart from the rate it fell from, so that the two can be told.
_FALLEN_MIN = 0.02
_FALLEN_GAP = 0.05
#: Below this share of its old rate a fallen channel is taken for broken.
_BROKEN_SHARE = 0.5


class _Watch(NamedTuple):
    """A change that is watched for: the rate after it, and how sure one must be."""

    kept_share: float  # of the rate of success
    won_share: float  # of the rate of failure
    sure_at: float
    is_fall: bool


#: How sure: the thresholds keep false alarms near one in 20,000 payments of a channel that succeeds 19 times of 20.
_WATCHES = (
    _Watch(0.1, 0.0, 9.0, is_fall=True),  # collapse: four failures in a row are enough
    _Watch(0.8, 0.0, 10.0, is_fall=True),  # drop
    _Watch(1.0, 0.2, 10.0, is_fall=False),  # rise
)


class Fallen(NamedTuple):
    """What a channel was before it fell, and the rate that it fell to."""

    rate: float
    outcomes: int
    fallen_rate: float

    @property
    def is_broken(self) -> bool:
        """Tell a channel that hardly works from one that is merely worse."""
        return self.fallen_rate < _BROKEN_SHARE * self.rate


class Belief(NamedTuple):
    """A channel's rate of success as it is believed: Beta distributed, drawn as a logistic normal of the same moments.

    *won*, *lost*: the distribution's parameters. *spread*: of the rate; *centre*, *width*: of its logit.
    """

    won: int
    lost: int

    rate: float
    spread: float
    centre: float
    width: float
    outcomes: int

    def drawn(self, normal: float) -> float:
        """Turn a standard normal number into a rate drawn from the belief."""
        return 1.0 / (1.0 + math.exp(-self.centre - self.width * normal))


def believed(successes: int, failures: int) -> Belief:
    """Believe a rate after outcomes, each rate being as likely as any other before the first.

    Rounds: the logit's mean and variance by the first terms of digamma and trigamma; within 0.02 even of no outcome.
    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 6.3.18 and 6.4.12.
    """
    won, lost = successes + 1, failures + 1
    both = won + lost
    rate = won / both
    centre = math.log(won / lost) - 1 / (2 * won) + 1 / (2 * lost) - 1 / (12 * won * won) + 1 / (12 * lost * lost)
    variance = 1 / won + 1 / lost + 1 / (2 * won * won) + 1 / (2 * lost * lost) + 1 / (6 * won**3) + 1 / (6 * lost**3)
    return Belief(
        won, lost, rate, math.sqrt(rate * (1 - rate) / (both + 1)), centre, math.sqrt(variance), successes + failures
    )


class Health:
    """One channel's health. Instants are ordinals of payments, not clock time: a quiet night ages nothing."""

    def __init__(self) -> None:
        self.successes = 0
        self.failures = 0
        self.fallen: Fallen | None = None
        self._outcomes: deque[tuple[int, bool]] = deque()
        self._sums = [0.0] * len(_WATCHES)
        self._since = [0] * len(_WATCHES)
        self._return = 0.0
        self._belief: Belief | None = None

    def belief(self) -> Belief:
        """Give what is believed of the channel now; worked out when it is asked for, once for each outcome."""
        if self._belief is None:
            self._belief = believed(self.successes, self.failures)
        return self._belief

    @property
    def rate(self) -> float:
        """Give the believed rate of success: the mean of the Beta distribution."""
        return (self.successes + 1) / (self.successes + self.failures + 2)

    def age(self, at: int) -> None:
        """Forget what lies outside the window."""
        oldest, outcomes = at - WINDOW, self._outcomes
        while outcomes and outcomes[0][0] < oldest:
            self._forget_first()

    def learn(self, at: int, *, is_success: bool) -> bool:
        """Take an outcome; tell whether the channel has just fallen."""
        known, rate = self.successes + self.failures, self.rate
        self._remember(at, is_success=is_success)
        if self.fallen is not None:
            self._watch_return(self.fallen, at, is_success=is_success)
            return False
        return known >= _KNOWN_FROM and self._watch(rate, known, is_success=is_success)

    def _watch(self, rate: float, known: int, *, is_success: bool) -> bool:
        # The rate before a change is itself a guess: it is doubted by as much as it may be off, against the change.
        # Else the lucky beginning of a channel makes its ordinary days a drop.
        doubt = math.sqrt(rate * (1 - rate) / (known + 3))
        for number, watch in enumerate(_WATCHES):
            before = rate - doubt if watch.is_fall else rate + doubt
            changed = before * watch.kept_share + (1 - before) * watch.won_share
            step = math.log(changed / before) if is_success else math.log((1 - changed) / (1 - before))
            total = self._sums[number] + step
            if total <= 0:
                self._sums[number], self._since[number] = 0.0, 0
                continue
            self._sums[number] = total
            self._since[number] += 1
            if total > watch.sure_at:
                self._forget_all_but(self._since[number])
                if watch.is_fall:
                    self._fall(rate, known)
                return watch.is_fall
        return False

    def _fall(self, rate: float, known: int) -> None:
        observed = (self.successes + 0.5) / (self.successes + self.failures + 1)
        self.fallen = Fallen(rate, known, min(max(observed, _FALLEN_MIN), rate - min(_FALLEN_GAP, rate / 2)))
        self._return = 0.0

    def _watch_return(self, fallen: Fallen, at: int, *, is_success: bool) -> None:
        old, new = fallen.rate, fallen.fallen_rate
        step = math.log(old / new) if is_success else math.log((1 - old) / (1 - new))
        self._return = max(0.0, self._return + step)
        if self._return <= _RETURNED_AT:
            return
        self._forget_all_but(0)
        believed = min(fallen.outcomes, _REMEMBERED_MAX)
        successes = round(old * believed)
        for number in range(believed):
            self._remember(at, is_success=number >= believed - successes)
        self.fallen = None

    def _remember(self, at: int, *, is_success: bool) -> None:
        self._outcomes.append((at, is_success))
        self._belief = None
        if is_success:
            self.successes += 1
        else:
            self.failures += 1

    def _forget_first(self) -> None:
        _, is_success = self._outcomes.popleft()
        self._belief = None
        if is_success:
            self.successes -= 1
        else:
            self.failures -= 1

    def _forget_all_but(self, latest: int) -> None:
        while len(self._outcomes) > latest:
            self._forget_first()
        self._sums = [0.0] * len(_WATCHES)
        self._since = [0] * len(_WATCHES)
