"""Where to allow, step up, review and block: three thresholds at which the expected cost over all payments is least."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tiao.risk.model import DECISIONS, Band, Costs

Floats = npt.NDArray[np.float64]

#: Thresholds are looked for between so many groups of payments of equal count; the riskiest are cut finer.
_CUTS = np.unique(np.concatenate([np.linspace(0, 0.9, 91), np.linspace(0.9, 0.999, 100), np.linspace(0.999, 1, 51)]))


def expected_costs(probability: Floats, amount: Floats, costs: Costs, *, typical: float) -> Floats:
    """Say what each decision costs on average, of a payment that is fraud with *probability*.

    Shape: (payments, decisions). Units: currency.
    """
    loss, genuine = probability * amount, 1.0 - probability
    return np.column_stack(
        [
            loss,
            costs.step_up_leak * loss + genuine * costs.step_up_typical * typical,
            costs.review_leak * loss + costs.review_typical * typical,
            genuine * (costs.block_amount * amount + costs.block_typical * typical),
        ]
    )


def thresholds(
    score: Floats,
    amount: Floats,
    weight: Floats,
    costs: Costs,
    *,
    typical: float,
    genuine: Floats | None = None,
    challenged_max: float = 1.0,
) -> list[float]:
    """Find the lowest score of step up, review and block. The score is taken at its word as the chance of fraud.

    A decision that never pays has the threshold of the next one. *genuine*: what each counts for among the genuine
    payments, of which no more than a share of *challenged_max* reach the lowest threshold.
    """
    order = np.argsort(score, kind="stable")
    amount = np.where(np.isnan(amount), typical, amount)[order]
    each = expected_costs(score[order], amount, costs, typical=typical) * weight[order, None]
    upto = np.vstack([np.zeros(len(DECISIONS)), np.cumsum(each, axis=0)])
    floor = 0 if genuine is None else spared(score[order], genuine[order], challenged_max)
    cuts = np.unique(np.append(np.round(_CUTS * len(score)).astype(np.int64), floor))
    cuts = cuts[cuts >= floor]
    # best[k][i]: least cost of the payments below cut i when they have the first k + 1 decisions, in order.
    best = upto[cuts, 0]
    choices = []
    for decision in range(1, len(DECISIONS)):
        base = best - upto[cuts, decision]
        first = np.array([int(np.argmin(base[: place + 1])) for place in range(len(cuts))])
        choices.append(first)
        best = base[first] + upto[cuts, decision]
    place, found = len(cuts) - 1, []
    for first in reversed(choices):
        place = int(first[place])
        found.append(_between(score[order], int(cuts[place])))
    return found[::-1]


def spared(rising: Floats, genuine: Floats, challenged_max: float) -> int:
    """Count the payments, by rising score, that have to be let pass, so that no more genuine ones are challenged.

    Equal scores are let pass, or challenged, together.
    """
    above = np.append(np.cumsum(genuine[::-1])[::-1], 0.0)
    allowed = above <= challenged_max * above[0]
    starts = np.append(True, rising[1:] != rising[:-1]) if len(rising) else np.zeros(0, dtype=np.bool_)
    return int(np.flatnonzero(allowed & np.append(starts, True))[0])


def _between(rising: Floats, place: int) -> float:
    """Give a score between two neighbours, so that a payment falls on the same side after rounding."""
    if place == 0:
        return 0.0
    if place >= len(rising):
        return 1.0
    return float((rising[place - 1] + rising[place]) / 2)


def bands(bounds: list[float], score: Floats, target: Floats, weight: Floats) -> tuple[Band, ...]:
    """Describe the decisions by their scores and what came of them."""
    edges = [0.0, *bounds, 1.0]
    place = np.searchsorted(bounds, score, side="right")
    made = []
    for number, decision in enumerate(DECISIONS):
        inside = place == number
        count = float(weight[inside].sum())
        rate = float((weight * target)[inside].sum()) / count if count else None
        made.append(
            Band(decision, edges[number], edges[number + 1], round(count), None if rate is None else round(rate, 6))
        )
    return tuple(made)
