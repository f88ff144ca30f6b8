"""What would have led to another decision: the one thing that a customer could change, by the model that decided."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from tiao.credit import reasons, rules
from tiao.credit.model import ApplicationInputs, Decision, DecisionOutcome, Engine
from tiao.credit.records import read_canonical
from tiao.credit.registry import actions as registry
from tiao.credit.scoring import Bundle
from tiao.credit.scoring.hints import Hint, hint_text, hints
from tiao.runtime.db import Tx

#: More than these nobody can act on at once.
_HINTS_MAX = 3


class HintGiven(NamedTuple):
    """One change, and the customer's words for it, which name no column."""

    hint: Hint
    zh: str
    en: str


async def hints_of(tx: Tx, engine: Engine, decision: Decision) -> list[HintGiven]:
    """Say what would have been enough to pass, or where the grade bound the limit, for the next better grade.

    Each is true of the model and policy that decided, all else equal; none where nothing that the customer can act on
    would do alone, or where no model decided. Shape: three at most, one for each reason, the nearest first.
    Refuses: DecisionOfOtherVersion.
    """
    inputs = read_canonical(decision.inputs)
    if not isinstance(inputs, ApplicationInputs) or inputs.features is None or decision.grade is None:
        return []
    decided = await registry.engine_of(tx, engine, decision)
    if not isinstance(decided.scorer, Bundle):
        return []
    bound = _bound(decided, decided.scorer, decision)
    if bound is None:
        return []
    nearest: dict[str, Hint] = {}
    for hint in hints(decided.scorer, inputs.features, probability_max=bound):
        nearest.setdefault(hint.code, hint)
    is_declined = decision.outcome is DecisionOutcome.DECLINED
    return [_given(decided.scorer, hint, is_declined=is_declined) for hint in list(nearest.values())[:_HINTS_MAX]]


def _bound(engine: Engine, bundle: Bundle, decision: Decision) -> float | None:
    """Give the highest probability that would have led to something better; None where no probability would."""
    ends = list(_ends(engine, bundle))
    if decision.outcome is DecisionOutcome.DECLINED:
        return min(ends[-1][1], float(engine.policy.probability_max)) if ends else None
    if reasons.LIMIT_BY_GRADE not in decision.reasons:
        return None
    better = list(takewhile(lambda end: end[0] != decision.grade, ends))
    return better[-1][1] if better else None


def _ends(engine: Engine, bundle: Bundle) -> Iterator[tuple[str, float]]:
    """List the grades that the policy lends to, best first, with the highest probability of each."""
    for grade in bundle.model.grades:
        if rules.grade_limit(engine.policy, grade.grade) is None:
            return
        yield grade.grade, math.nextafter(grade.pd_high, 0.0)


def _given(bundle: Bundle, hint: Hint, *, is_declined: bool) -> HintGiven:
    if is_declined:
        text = hint_text(bundle, hint)
        return HintGiven(hint, text.zh, text.en)
    reason = bundle.reasons[hint.code]
    steps = "one step" if hint.bins == 1 else f"{hint.bins} steps"
    return HintGiven(
        hint,
        f"{reason.customer_zh}：其他情况不变时，若改善{hint.bins}档，则达到更高的信用等级。",
        f"{reason.customer_en}: with everything else as it is, {steps} better would reach a better grade.",
    )
