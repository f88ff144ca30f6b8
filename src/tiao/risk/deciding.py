"""From a set of payments to their outcomes: features, rules and model joined, with all they were made from."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tiao.risk.around import packed, ring_of
from tiao.risk.live import (
    CUSTOMER,
    MERCHANT,
    UNPACKED,
    WITHOUT_MINUTES,
    Asked,
    Inputs,
    from_bytes,
    inputs_of,
    kept_values,
    microseconds,
    rows_of,
    to_bytes,
    values_of,
)
from tiao.risk.model import Decision as ModelDecision
from tiao.risk.outcomes import RiskOutcome, hardest
from tiao.risk.rules.ruleset import Level, Ruled, Ruler
from tiao.risk.scoring import Scored, Scorer
from tiao.risk.states import KEY_DIGITS, Remembered

Floats = npt.NDArray[np.float64]

#: Of the fold, the rows, and how both are joined; part of every decision.
FEATURES_VERSION = "live-2"

_OF_MODEL: Final[dict[ModelDecision, RiskOutcome]] = {
    "allow": RiskOutcome.APPROVE,
    "step_up": RiskOutcome.STEP_UP,
    "review": RiskOutcome.REVIEW,
    "block": RiskOutcome.DECLINE,
}
_LEVELS = {"customer": Level.CUSTOMER, "device": Level.DEVICE, "merchant": Level.MERCHANT, "terminal": Level.MERCHANT}

#: What may fail or be too slow; each is a word in the record.
STATES_UNREADABLE, STATES_LOCKED, STATES_UNAVAILABLE = "states_unreadable", "states_locked", "states_unavailable"
RULES_FAILED, MODEL_FAILED, MODEL_MISSING, TOO_SLOW = "rules_failed", "model_failed", "model_missing", "too_slow"
#: Those under which nothing was known of anybody, and nothing was remembered.
WITHOUT_STATES = frozenset({STATES_UNREADABLE, STATES_LOCKED, STATES_UNAVAILABLE})

#: The lists that what a purchase names is on: pairs of entity and list.
Listing = Callable[[Asked], Sequence[tuple[str, str]]]
#: What is known of a merchant (its key) besides its features, as `tiao.risk.around.MERCHANT_TERMS` has it.
Merchants = Callable[[str], Sequence[float] | None]


def on_no_list(_: Asked) -> Sequence[tuple[str, str]]:
    """Say that nothing is listed."""
    return ()


def of_no_merchant(_: str) -> Sequence[float] | None:
    """Say that no merchant has been counted."""
    return None


class Versions(msgspec.Struct, frozen=True):
    """What a decision was made by. Kept once under the digest of its content.

    *friction* is what the model's promotion said challenging a genuine payer costs; unset, the model's own held.
    """

    features: str
    rules: str
    shadow_rules: str | None
    model: str | None
    challenger: str | None
    friction: float | msgspec.UnsetType = msgspec.UNSET


class Setup(NamedTuple):
    """What decides, and what looks on from the shadow. *fault*: a part that should decide and is not there."""

    ruler: Ruler
    shadow: Ruler | None = None
    model: Scorer | None = None
    challenger: Scorer | None = None
    fault: str = ""
    listed: Listing = on_no_list
    merchants: Merchants = of_no_merchant

    @property
    def versions(self) -> tuple[str, bytes]:
        """Name everything that takes part: the digest under which that is kept, and what is kept."""
        return _named(
            self.ruler.version,
            None if self.shadow is None else self.shadow.version,
            None if self.model is None else self.model.model.model_version,
            None if self.challenger is None else self.challenger.model.model_version,
            None if self.model is None else self.model.promoted_friction,
        )


@lru_cache
def _named(
    rules: str, shadow: str | None, model: str | None, challenger: str | None, friction: float | None
) -> tuple[str, bytes]:
    said = msgspec.UNSET if friction is None else friction
    content = msgspec.json.encode(Versions(FEATURES_VERSION, rules, shadow, model, challenger, said))
    return hashlib.sha256(content).hexdigest()[:16], content


class Judged(NamedTuple):
    """The decision on one payment, with all it was made from. *reasons* begin with the level they speak of."""

    outcome: RiskOutcome
    reasons: list[str]
    hits: list[str]
    score: float | None
    shadow_outcome: RiskOutcome | None
    shadow_hits: list[str]
    challenger_score: float | None
    challenger_outcome: RiskOutcome | None
    fallback: str
    inputs: bytes


class _Opinion(NamedTuple):
    scored: list[Scored] | None
    fallback: str


_NO_OPINION = _Opinion(None, "")


class Judging:
    """A set of payments under judgement, in their order; each is remembered for those after it.

    First everything is asked that needs nobody's leave. Then *stops* says which capped rules would stop how many, and
    `conclude` is told how many they may. Where nothing could be read of anybody, where a part fails, or where the set
    takes longer than its budget, the fallback of the rule set decides, and the record says so.
    """

    def __init__(self, setup: Setup, inputs: list[Inputs], values: Floats, is_late: Callable[[], bool]) -> None:
        """Take up what was prepared, or kept: ask the rules and the models."""
        self._setup = setup
        self._inputs = inputs
        self._ask(values, is_late)

    @classmethod
    def of(
        cls,
        setup: Setup,
        asked: Sequence[Asked],
        remembered: Remembered,
        *,
        timer: Callable[[], float] = time.perf_counter,
    ) -> Judging:
        """Look at payments as they come."""
        began = timer()
        budget = setup.ruler.rule_set.fallback.budget_ms / 1_000
        values = None if remembered.fault else _folded(remembered, asked)
        fault = remembered.fault or setup.fault
        if values is None:
            kept = kept_values(asked, None)
            inputs = [inputs_of(each, of, setup.listed(each), fault) for each, of in zip(asked, kept, strict=True)]
            values = _matrix(inputs)
        else:
            inputs = [
                inputs_of(
                    each,
                    of,
                    [*setup.listed(each), *remembered.listed(each)],
                    fault,
                    _around(setup, each, remembered),
                )
                for each, of in zip(asked, kept_values(asked, values), strict=True)
            ]
        return cls(setup, inputs, values, lambda: timer() - began > budget)

    @property
    def stops(self) -> Counter[str]:
        """Count what the capped rules would stop."""
        found: Counter[str] = Counter()
        for ruled in self._ruled:
            if ruled is not None and ruled.capped:
                found.update(ruled.capped)
        return found

    def conclude(self, granted: Mapping[str, int] | None = None) -> list[Judged]:
        """Join the opinions. *granted*: how many each capped rule may stop; None: as many as it would."""
        if granted is not None and any(self.stops[code] > granted.get(code, 0) for code in self.stops):
            self._soften(dict(granted))
        return [self._joined(place) for place in range(len(self._inputs))]

    def _ask(self, values: Floats, is_late: Callable[[], bool]) -> None:
        """Ask the rules, then the model; what looks on from the shadow is left out where time has run out."""
        setup, inputs = self._setup, self._inputs
        listed = [frozenset(each.listed) for each in inputs]
        kept = inputs[0].fallback
        self._ruled = _asked_of(setup.ruler, values, inputs, listed)
        if kept == RULES_FAILED:
            self._ruled = [None] * len(inputs)
        self._opinion = self._challenged = _NO_OPINION
        self._shadow: list[Ruled | None] = [None] * len(inputs)
        if setup.model is not None:
            if kept in {MODEL_FAILED, TOO_SLOW}:
                self._opinion = _Opinion(None, kept)
            else:
                self._opinion = _weighed(setup.model, values, inputs, is_late)
        if setup.challenger is not None:
            self._challenged = _weighed(setup.challenger, values, inputs, is_late)
        if setup.shadow is not None and not is_late():
            self._shadow = _asked_of(setup.shadow, values, inputs, listed)

    def _soften(self, left: dict[str, int]) -> None:
        """Give what may be stopped to the first that would be; rules note the others."""
        for place, ruled in enumerate(self._ruled):
            if ruled is None or not ruled.capped:
                continue
            short = [code for code in ruled.capped if left.get(code, 0) <= 0]
            for code in ruled.capped:
                left[code] = left.get(code, 0) - 1
            if short:
                self._inputs[place] = msgspec.structs.replace(self._inputs[place], softened=short)

    def _joined(self, place: int) -> Judged:
        setup, inputs, ruled = self._setup, self._inputs[place], self._ruled[place]
        opinion, challenged = self._opinion, self._challenged
        fallback = inputs.fallback or opinion.fallback
        if ruled is None:
            fallback, ruled = RULES_FAILED, _NO_RULES
        elif inputs.softened:
            declined = RiskOutcome.REVIEW if inputs.version == WITHOUT_MINUTES else RiskOutcome.STEP_UP
            ruled = setup.ruler.softened(ruled, frozenset(inputs.softened), declined=declined)
        scored = None if opinion.scored is None else opinion.scored[place]
        other = None if challenged.scored is None else challenged.scored[place]
        outcome, reasons = _outcome(setup, inputs, ruled, scored, fallback)
        if fallback is not inputs.fallback and fallback != inputs.fallback:
            inputs = msgspec.structs.replace(inputs, fallback=fallback)
        shadow = self._shadow[place]
        return Judged(
            outcome,
            reasons,
            ruled.hits,
            None if scored is None else scored.score,
            None if shadow is None else shadow.outcome,
            [] if shadow is None else shadow.hits,
            None if other is None else other.score,
            None if other is None else _OF_MODEL[other.decision],
            fallback,
            to_bytes(inputs),
        )


def judge(
    setup: Setup,
    asked: Sequence[Asked],
    remembered: Remembered,
    *,
    timer: Callable[[], float] = time.perf_counter,
) -> list[Judged]:
    """Decide payments in their order, and remember each for those after it; rules may stop whatever they would."""
    return Judging.of(setup, asked, remembered, timer=timer).conclude()


def again(setup: Setup, content: bytes) -> Judged:
    """Decide once more what was decided before, from what was kept: the same to the bit under the same versions."""
    inputs = from_bytes(content)
    return Judging(setup, [inputs], _matrix([inputs]), lambda: False).conclude()[0]


def _around(setup: Setup, asked: Asked, remembered: Remembered) -> bytes:
    customer, merchant = asked.entities[CUSTOMER], asked.entities[MERCHANT]
    assert customer is not None, "every payment has a customer"
    sighted = remembered.rings.get(customer[:KEY_DIGITS])
    counted = None if merchant is None else setup.merchants(merchant)
    if sighted is None and counted is None:
        return b""
    return packed(ring_of(sighted, microseconds(asked.at)), counted)


def _folded(remembered: Remembered, asked: Sequence[Asked]) -> Floats | None:
    """Give the features; where a state turns out to be broken, nothing is known of anybody, and nothing remembered."""
    try:
        return remembered.pay_all(asked)
    except Exception:  # noqa: BLE001  whatever it is, the fallback decides and the record says so
        remembered.fault = STATES_UNREADABLE
        return None


def _matrix(inputs: Sequence[Inputs]) -> Floats:
    return np.array([values_of(each) for each in inputs], dtype=np.float64)


def _weighed(scorer: Scorer, values: Floats, inputs: Sequence[Inputs], is_late: Callable[[], bool]) -> _Opinion:
    if is_late():
        return _Opinion(None, TOO_SLOW)
    try:
        amounts = np.array([each.amount_minor for each in inputs], dtype=np.float64)
        return _Opinion(scorer.weigh(values, amounts), "")
    except Exception:  # noqa: BLE001  whatever it is, the fallback decides and the record says so
        return _Opinion(None, MODEL_FAILED)


_NO_RULES = Ruled([], RiskOutcome.APPROVE, is_let_pass=False, reasons=[])


def _asked_of(
    ruler: Ruler, values: Floats, inputs: Sequence[Inputs], listed: Sequence[frozenset[tuple[str, str]]]
) -> list[Ruled | None]:
    rows = rows_of(values, inputs, ruler.places)
    answers: list[Ruled | None] = []
    for row, on in zip(rows, listed, strict=True):
        try:
            answers.append(ruler.ask(row, on))
        except Exception:  # noqa: BLE001  a fault in a rule must not let a payment pass, nor stop the others
            answers.append(None)
    return answers


def _outcome(
    setup: Setup, inputs: Inputs, ruled: Ruled, scored: Scored | None, fallback: str
) -> tuple[RiskOutcome, list[str]]:
    policy = setup.ruler.rule_set.fallback
    is_blind = bool(fallback) and inputs.amount_minor > policy.approve_max_minor
    if ruled.is_let_pass and is_blind and inputs.version > UNPACKED:
        # What lets pass was asked of less than it was written for: "no fraud known" holds where nothing is known.
        return policy.above, [f"{Level.TRANSACTION}:{fallback}"]
    if ruled.is_let_pass:
        return RiskOutcome.APPROVE, []
    if not (ruled.hits or fallback) and (scored is None or scored.decision == "allow"):
        return RiskOutcome.APPROVE, []
    outcomes, reasons = [ruled.outcome], list(ruled.reasons)
    if scored is not None and scored.decision != "allow":
        assert setup.model is not None, "who scored is there"
        outcomes.append(_OF_MODEL[scored.decision])
        reasons += _said_by(setup.model, scored.reasons)
    if is_blind:
        outcomes.append(policy.above)
        reasons.append(f"{Level.TRANSACTION}:{fallback}")
    return hardest(outcomes), reasons


def _said_by(scorer: Scorer, codes: Sequence[str]) -> list[str]:
    """Say of each of a model's reasons what it speaks of: its family begins with the entity."""
    return [f"{_LEVELS.get(scorer.families.get(code, '').partition('_')[0], Level.NETWORK)}:{code}" for code in codes]
