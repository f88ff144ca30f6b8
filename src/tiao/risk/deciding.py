"""From a set of payments to their outcomes: features, rules and model joined, with all they were made from."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tiao.risk.live import Asked, Inputs, from_bytes, inputs_of, row_of, to_bytes, values_of
from tiao.risk.model import Decision as ModelDecision
from tiao.risk.outcomes import RiskOutcome, hardest
from tiao.risk.rules.ruleset import Level, Ruled, Ruler
from tiao.risk.scoring import Scored, Scorer
from tiao.risk.states import Remembered

Floats = npt.NDArray[np.float64]

#: Of the fold, the rows, and how both are joined; part of every decision.
FEATURES_VERSION = "live-1"

_OF_MODEL: Final[dict[ModelDecision, RiskOutcome]] = {
    "allow": RiskOutcome.APPROVE,
    "step_up": RiskOutcome.STEP_UP,
    "review": RiskOutcome.REVIEW,
    "block": RiskOutcome.DECLINE,
}
_LEVELS = {"customer": Level.CUSTOMER, "device": Level.DEVICE, "merchant": Level.MERCHANT, "terminal": Level.MERCHANT}

#: What may fail or be too slow; each is a word in the record.
STATES_UNREADABLE, RULES_FAILED, MODEL_FAILED, TOO_SLOW = (
    "states_unreadable",
    "rules_failed",
    "model_failed",
    "too_slow",
)

#: The lists that what a purchase names is on: pairs of entity and list.
Listing = Callable[[Asked], Sequence[tuple[str, str]]]


def on_no_list(_: Asked) -> Sequence[tuple[str, str]]:
    """Say that nothing is listed."""
    return ()


class Versions(msgspec.Struct, frozen=True):
    """What a decision was made by. Kept once under the digest of its content."""

    features: str
    rules: str
    shadow_rules: str | None
    model: str | None
    challenger: str | None


class Setup(NamedTuple):
    """What decides, and what looks on from the shadow."""

    ruler: Ruler
    shadow: Ruler | None = None
    model: Scorer | None = None
    challenger: Scorer | None = None
    softened: frozenset[str] = frozenset()
    listed: Listing = on_no_list

    @property
    def versions(self) -> tuple[str, bytes]:
        """Name everything that takes part: the digest under which that is kept, and what is kept."""
        return _named(
            self.ruler.version,
            None if self.shadow is None else self.shadow.version,
            None if self.model is None else self.model.model.model_version,
            None if self.challenger is None else self.challenger.model.model_version,
        )


@lru_cache
def _named(rules: str, shadow: str | None, model: str | None, challenger: str | None) -> tuple[str, bytes]:
    content = msgspec.json.encode(Versions(FEATURES_VERSION, rules, shadow, model, challenger))
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


def judge(
    setup: Setup,
    asked: Sequence[Asked],
    remembered: Remembered | None,
    *,
    timer: Callable[[], float] = time.perf_counter,
) -> list[Judged]:
    """Decide payments in their order, and remember each for those after it.

    Where nothing could be read of anybody (*remembered* is None), where a part fails, or where the set takes longer
    than its budget, the fallback of the rule set decides, and the record says so.
    """
    began = timer()
    softened = sorted(setup.softened)
    fallback = STATES_UNREADABLE if remembered is None else ""
    values = [[] if remembered is None else remembered.pay(each)[0] for each in asked]
    inputs = [
        inputs_of(each, of, setup.listed(each), softened, fallback) for each, of in zip(asked, values, strict=True)
    ]
    known = values if remembered is not None else [values_of(each) for each in inputs]
    budget = setup.ruler.rule_set.fallback.budget_ms / 1_000
    return _concluded(setup, inputs, known, is_late=lambda: timer() - began > budget)


def again(setup: Setup, content: bytes) -> Judged:
    """Decide once more what was decided before, from what was kept: the same to the bit under the same versions."""
    inputs = from_bytes(content)
    return _concluded(setup, [inputs], [values_of(inputs)], is_late=lambda: False)[0]


def _concluded(
    setup: Setup, inputs: Sequence[Inputs], values: Sequence[Sequence[float]], *, is_late: Callable[[], bool]
) -> list[Judged]:
    rows = [row_of(of, each) for each, of in zip(inputs, values, strict=True)]
    matrix = np.array(values, dtype=np.float64) if setup.model or setup.challenger else None
    amounts = np.array([each.amount_minor for each in inputs], dtype=np.float64)
    opinion, challenged = _Opinion(None, ""), _Opinion(None, "")
    if setup.model is not None and matrix is not None:
        is_kept = inputs[0].fallback in {MODEL_FAILED, TOO_SLOW}
        opinion = _Opinion(None, inputs[0].fallback) if is_kept else _weighed(setup.model, matrix, amounts, is_late)
    if setup.challenger is not None and matrix is not None:
        challenged = _weighed(setup.challenger, matrix, amounts, is_late)
    return [_joined(setup, each, rows[place], opinion, challenged, place) for place, each in enumerate(inputs)]


def _weighed(scorer: Scorer, matrix: Floats, amounts: Floats, is_late: Callable[[], bool]) -> _Opinion:
    if is_late():
        return _Opinion(None, TOO_SLOW)
    try:
        return _Opinion(scorer.weigh(matrix, amounts), "")
    except Exception:  # noqa: BLE001  whatever it is, the fallback decides and the record says so
        return _Opinion(None, MODEL_FAILED)


def _joined(
    setup: Setup, inputs: Inputs, row: list[object], opinion: _Opinion, challenged: _Opinion, place: int
) -> Judged:
    listed = frozenset(inputs.listed)
    fallback = inputs.fallback or opinion.fallback
    ruled = _asked_of(setup.ruler, row, listed, inputs)
    if ruled is None:
        fallback = RULES_FAILED
        ruled = _NO_RULES
    shadow = None if setup.shadow is None else _asked_of(setup.shadow, row, listed, inputs, is_shadow=True)
    scored = None if opinion.scored is None else opinion.scored[place]
    other = None if challenged.scored is None else challenged.scored[place]
    outcome, reasons = _outcome(setup, inputs, ruled, scored, fallback)
    if fallback != inputs.fallback:
        inputs = msgspec.structs.replace(inputs, fallback=fallback)
    return Judged(
        outcome=outcome,
        reasons=reasons,
        hits=ruled.hits,
        score=None if scored is None else scored.score,
        shadow_outcome=None if shadow is None else shadow.outcome,
        shadow_hits=[] if shadow is None else shadow.hits,
        challenger_score=None if other is None else other.score,
        challenger_outcome=None if other is None else _OF_MODEL[other.decision],
        fallback=fallback,
        inputs=to_bytes(inputs),
    )


_NO_RULES = Ruled([], RiskOutcome.APPROVE, is_let_pass=False, reasons=[])


def _asked_of(
    ruler: Ruler, row: list[object], listed: frozenset[tuple[str, str]], inputs: Inputs, *, is_shadow: bool = False
) -> Ruled | None:
    if not is_shadow and inputs.fallback == RULES_FAILED:
        return None
    try:
        return ruler.ask(row, listed, frozenset() if is_shadow else frozenset(inputs.softened))
    except Exception:  # noqa: BLE001  a fault in a rule must not let a payment pass, nor stop the others
        return None


def _outcome(
    setup: Setup, inputs: Inputs, ruled: Ruled, scored: Scored | None, fallback: str
) -> tuple[RiskOutcome, list[str]]:
    if ruled.is_let_pass:
        return RiskOutcome.APPROVE, []
    outcomes, reasons = [ruled.outcome], list(ruled.reasons)
    if scored is not None and scored.decision != "allow":
        assert setup.model is not None, "who scored is there"
        outcomes.append(_OF_MODEL[scored.decision])
        reasons += [f"{_level(setup.model, code)}:{code}" for code in scored.reasons]
    policy = setup.ruler.rule_set.fallback
    if fallback and inputs.amount_minor > policy.approve_max_minor:
        outcomes.append(policy.above)
        reasons.append(f"{Level.TRANSACTION}:{fallback}")
    return hardest(outcomes), reasons


def _level(scorer: Scorer, code: str) -> Level:
    """Say what a model's reason speaks of: its family begins with the entity."""
    families, codes = scorer.model.families, scorer.model.codes
    family = families[codes.index(code)] if code in codes else ""
    return _LEVELS.get(family.partition("_")[0], Level.NETWORK)
