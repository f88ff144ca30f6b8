"""Rows without a label, taken into training with what a first model believes of them.

Whoever was declined has no outcome, so a model of the accepted alone knows nothing of them. Fuzzy augmentation enters
each such row twice, as bad with the believed probability for weight and as good with the rest; parcelling gives each
band of the first model's scores its seen bad rate, times a factor, and draws labels. Neither is proof: it is off unless
asked for, and figures are of labelled rows only, with and without it.
Source: Siddiqi, Credit Risk Scorecards (2006), chapter 6.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from tiao.credit.training.champion import Values, fit_scorecard, logits
from tiao.credit.training.folds import Fold, Rows, Split

Floats = npt.NDArray[np.float64]
Method = Literal["fuzzy", "parcelling"]

#: Of unlabelled rows at most as many as labelled ones take part, and no more than this.
ROWS_MAX = 20_000
_BANDS, _SEED, _RISK_MAX = 10, 20260704, 0.99


class Inference(NamedTuple):
    """How rows without a label are taken in. *factor*: how much riskier than accepted rows of the same score."""

    method: Method
    factor: float = 1.0


class Ground(NamedTuple):
    """What is fitted on. Shape: *rows* gives, for each training row, its row in the table; labelled ones first."""

    rows: Rows
    target: Floats
    weight: Floats
    folds: Split


def widened(
    ground: Ground, unlabelled: Rows, inference: Inference, plain: Callable[[Rows], Values]
) -> tuple[Ground, dict[str, Any]]:
    """Add unlabelled rows to what is fitted on, never to what is tested; *plain* gives the features of table rows.

    Each fold believes only the model of its own fit rows, so no tested label leaks through a reject.
    """
    chance = np.random.default_rng(_SEED)
    most = min(len(ground.target), ROWS_MAX)
    taken = np.sort(chance.permutation(unlabelled)[:most])
    labelled, rejects = plain(ground.rows), plain(taken)
    parts: list[tuple[Rows, Floats, Floats]] = []
    folds, start = [], len(ground.target)
    believed = 0.0
    for fit in (*(fold.fit for fold in ground.folds.folds), ground.folds.whole):
        risk = _believed(labelled.take(fit), ground.target[fit], ground.weight[fit], rejects, inference)
        rows, target, weight = _entered(taken, risk, inference, chance)
        parts.append((rows, target, weight))
        folds.append(np.concatenate([fit, np.arange(start, start + len(rows))]))
        start += len(rows)
        believed = float(np.average(target, weights=weight))
    wider = Ground(
        np.concatenate([ground.rows, *(rows for rows, _, _ in parts)]),
        np.concatenate([ground.target, *(target for _, target, _ in parts)]),
        np.concatenate([ground.weight, *(weight for _, _, weight in parts)]),
        Split(
            [Fold(fit, fold.test) for fit, fold in zip(folds, ground.folds.folds, strict=False)],
            ground.folds.method,
            folds[-1],
        ),
    )
    told = {"method": inference.method, "factor": inference.factor, "rows": len(taken), "bad_rate": round(believed, 6)}
    return wider, told


def _believed(labelled: Values, target: Floats, weight: Floats, rejects: Values, inference: Inference) -> Floats:
    """Give each reject the bad rate that a scorecard of the labelled believes in."""
    form = fit_scorecard(labelled, target, weight).form
    line = logits(form, rejects)
    if inference.method == "fuzzy":
        return np.minimum(inference.factor / (1.0 + np.exp(-line)), _RISK_MAX)
    own = logits(form, labelled)
    edges = np.unique(np.quantile(own, np.linspace(0, 1, _BANDS + 1)[1:-1]))
    bands = np.searchsorted(edges, own, side="left")
    bad = np.bincount(bands, weight * target, len(edges) + 1)
    seen = bad / np.maximum(np.bincount(bands, weight, len(edges) + 1), 1e-9)
    return np.minimum(inference.factor * seen[np.searchsorted(edges, line, side="left")], _RISK_MAX)


def _entered(
    taken: Rows, risk: Floats, inference: Inference, chance: np.random.Generator
) -> tuple[Rows, Floats, Floats]:
    if inference.method == "fuzzy":
        both = np.concatenate([np.ones(len(taken)), np.zeros(len(taken))])
        return np.concatenate([taken, taken]), both, np.concatenate([risk, 1 - risk])
    return taken, (chance.random(len(taken)) < risk).astype(np.float64), np.ones(len(taken))
