"""Boosted trees that keep every declared direction, small enough to be explained, written in the serving form.

Values are binned before the trees see them, so a split is a bin number: the model that is served holds only the edges
that some tree uses, and no library is needed to follow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import lightgbm
import msgspec
import numpy as np
import numpy.typing as npt

from tiao.credit.scoring.model import Feature
from tiao.credit.training.binning import Rules, Value, bin_labels
from tiao.credit.training.champion import Values
from tiao.credit.training.folds import Split
from tiao.learning.boosters import Design, by_size, serving_form
from tiao.learning.coding import code_column
from tiao.learning.forms import Coding, Trees
from tiao.learning.shelf import Workplace

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

ROUNDS_MAX = 300
#: A fit ends after this many rounds without a lower validation loss.
_PATIENCE = 50
SEEDS = (11, 29, 47)


class Style(NamedTuple):
    """How trees are grown: L2 on leaves, what each tree adds, the shares of features and rows each sees, how deep."""

    strength: float
    rate: float
    features: float
    depth: int = 5
    rows: float = 0.8


#: Calm suits noisy sets, sharp those where few bads are easy to tell, fine those with many features that say much the
#: same, shallow those with few rows, steady those where chance is large; the folds decide with the first seed.
STYLES = {
    "calm": Style(10.0, 0.05, 0.6),
    "sharp": Style(0.5, 0.05, 0.6),
    "fine": Style(10.0, 0.03, 0.3),
    "shallow": Style(10.0, 0.08, 0.3, depth=3),
    "steady": Style(50.0, 0.05, 0.3, rows=0.6),
}
#: A tree of the full depth has this many leaves at most.
_LEAVES_MAX = 20
#: Fits at a time; each uses one thread, so that sums do not depend on how work is shared out.
_THREADS = 2
#: Labels keep up to this many bins; they enter as their place in the order of risk.
_LABEL_BINS = 32

#: One setting for all, chosen by looking at out-of-fold figures of six public sets: those figures flatter a little.
_SETTINGS: dict[str, Any] = {
    "objective": "binary",
    "bagging_freq": 1,
    "max_bin": 255,
    "min_data_in_bin": 1,
    "monotone_constraints_method": "intermediate",
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


class Boosted(NamedTuple):
    """Trees in the serving form, out-of-fold logits, and in words what the folds agreed on."""

    form: Trees
    oof: Floats
    told: str


class _Plan(NamedTuple):
    """How one fit is made."""

    seed: int
    style: Style
    rounds: int


class _Run(NamedTuple):
    """One fit: the booster and its validation loss by round."""

    booster: lightgbm.Booster
    losses: list[float]


class _Written(msgspec.Struct, frozen=True):
    """A fit as text; every run goes through it, so one that was kept gives the same bits as one just made."""

    model: str
    losses: list[float]


def fit_boosting(values: Values, target: Floats, weight: Floats, folds: Split, place: Workplace) -> Boosted:
    """Fit each fold in every style, let the folds vote on one style or two and on the rounds, then fit on all rows.

    A second style goes beside the best one, two seeds each, where it does more out of fold than a second seed of the
    best; otherwise the best has three seeds.
    """
    ground = _Ground([_design(values, fit, target, weight) for fit, _ in folds.folds], folds, target, weight)
    fits = _Fits(ground, place)
    first = {style: fits.of(style, SEEDS[:1]) for style in STYLES}
    found = {style: ground.out_of_fold(runs) for style, runs in first.items()}
    best = min(found, key=lambda style: log_loss(found[style].oof, target, weight))
    twice = [*first[best], *fits.of(best, SEEDS[1:2])]
    alone = log_loss(ground.out_of_fold(twice).oof, target, weight)
    pairs = {
        style: log_loss((found[best].oof + one.oof) / 2, target, weight)
        for style, one in found.items()
        if style != best
    }
    beside = min(pairs, key=lambda style: pairs[style])
    seeds: Sequence[int] = SEEDS
    if pairs[beside] < alone:
        seeds, runs = SEEDS[:2], {best: twice, beside: [*first[beside], *fits.of(beside, SEEDS[1:2])]}
    else:
        runs = {best: [*twice, *fits.of(best, SEEDS[2:])]}
    final = {style: ground.out_of_fold(its) for style, its in runs.items()}
    every = folds.whole
    whole = _design(values, every, target, weight)
    plans = [(style, _Plan(seed, STYLES[style], final[style].rounds)) for style in final for seed in seeds]

    def finished(one: tuple[str, _Plan]) -> _Run:
        style, plan = one
        name = f"whole-{style}-{plan.seed}-{plan.rounds}"
        return _run(place.shelf.kept(name, lambda: _fit(whole, every, target, weight, plan, None)))

    with ThreadPoolExecutor(_THREADS) as pool:
        boosters = [run.booster for run in pool.map(finished, plans)]
    form = serving_form(whole, boosters, every[target[every] == 0.0])
    told = " with ".join(f"{final[style].rounds} rounds, {style}" for style in final)
    return Boosted(form, np.mean([final[style].oof for style in final], axis=0), told)


class _Voted(NamedTuple):
    """What the folds made of one style: rounds, and out-of-fold logits after them."""

    rounds: int
    oof: Floats


class _Ground(NamedTuple):
    """What all fits of the folds are made on."""

    designs: list[Design]
    folds: Split
    target: Floats
    weight: Floats

    def out_of_fold(self, runs: list[_Run]) -> _Voted:
        """Let the folds agree on rounds, and score each row by the fits that did not see it.

        Shape: *runs* has one for each fold, then again for the next seed.
        """
        sizes = [len(test) for _, test in self.folds.folds]
        rounds = int(np.argmin(_curve(runs, sizes * (len(runs) // len(sizes))))) + 1
        oof = np.full(len(self.target), np.nan)
        for fold, (_, test) in enumerate(self.folds.folds):
            matrix = self.designs[fold].matrix[test]
            mine = [run.booster for at, run in enumerate(runs) if at % len(sizes) == fold]
            oof[test] = np.mean([each.predict(matrix, num_iteration=rounds, raw_score=True) for each in mine], axis=0)
        return _Voted(rounds, oof)


class _Fits:
    """Fits of the folds, each made once and told of when it is done."""

    def __init__(self, ground: _Ground, place: Workplace) -> None:
        self._ground, self._place = ground, place
        self._done = 0

    def of(self, style: str, seeds: Sequence[int]) -> list[_Run]:
        """Fit every fold with every seed, in that order."""
        tasks = [(seed, fold) for seed in seeds for fold in range(len(self._ground.folds.folds))]

        def run(task: tuple[int, int]) -> _Run:
            seed, fold = task
            designs, folds, target, weight = self._ground
            fit, test = folds.folds[fold]
            plan = _Plan(seed, STYLES[style], ROUNDS_MAX)
            written = self._place.shelf.kept(
                f"{style}-{seed}-{fold}", lambda: _fit(designs[fold], fit, target, weight, plan, test)
            )
            self._done += 1
            self._place.say(f"trees: {self._done} fits ({style}, seed {seed}, fold {fold + 1})")
            return _run(written)

        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(run, tasks))


def log_loss(logit: Floats, target: Floats, weight: Floats) -> float:
    """Give the mean log loss of the rows that have a logit."""
    known = ~np.isnan(logit)
    line, label = logit[known], target[known]
    return float(np.average(np.logaddexp(0.0, line) - label * line, weights=weight[known]))


def _curve(runs: list[_Run], sizes: list[int]) -> Floats:
    """Give the mean validation loss after each round; a run that stopped early stays where it was."""
    length = max(len(run.losses) for run in runs)
    losses = [[*run.losses, *[run.losses[-1]] * (length - len(run.losses))] for run in runs]
    return np.asarray(np.average(losses, axis=0, weights=sizes))


def _design(values: Values, fit: Rows, target: Floats, weight: Floats) -> Design:
    """Learn the bins on *fit* and bin all rows."""
    codings, columns, directions = [], [], []
    for feature, column, special, direction in zip(*values, strict=True):
        part = [column[row] for row in fit.tolist()]
        if feature.kind == "category":
            coding = _by_risk(feature, part, target[fit], weight[fit])
            columns.append(code_column(coding, column).astype(np.float64))
            directions.append(1)
        else:
            numbers = np.array([np.nan if value is None else value for value in part], dtype=np.float64)
            coding = by_size(feature.name, numbers, special)
            codes = code_column(coding, column).astype(np.float64)
            codes[codes == coding.missing] = np.nan
            columns.append(codes)
            directions.append(direction or 0)
        codings.append(coding)
    return Design(np.column_stack(columns), codings, directions)


def _by_risk(feature: Feature, column: list[Value], target: Floats, weight: Floats) -> Coding:
    """Code the labels (and missing, and unseen) by their place in the order of risk."""
    binned = bin_labels(feature.name, column, target, weight, Rules(), _LABEL_BINS)
    rank = np.empty(len(binned.woe), dtype=np.int64)
    rank[np.argsort(binned.woe, kind="stable")] = np.arange(len(binned.woe))
    coding = binned.coding
    labels = {label: int(rank[code]) for label, code in coding.labels.items()}
    return Coding(coding.feature, coding.size, int(rank[coding.missing]), int(rank[coding.other]), (), {}, labels)


def _fit(design: Design, fit: Rows, target: Floats, weight: Floats, plan: _Plan, test: Rows | None) -> str:
    settings = {
        **_SETTINGS,
        "seed": plan.seed,
        "lambda_l2": plan.style.strength,
        "learning_rate": plan.style.rate,
        "feature_fraction": plan.style.features,
        "bagging_fraction": plan.style.rows,
        "max_depth": plan.style.depth,
        "num_leaves": min(_LEAVES_MAX, 2**plan.style.depth),
        "min_data_in_leaf": max(20, len(fit) // 500),
        "monotone_constraints": design.directions,
    }
    data = lightgbm.Dataset(design.matrix[fit], target[fit], weight=weight[fit], params=settings, free_raw_data=False)
    losses: dict[str, dict[str, list[float]]] = {}
    watched: list[lightgbm.Dataset] = []
    callbacks: list[Any] = []
    if test is not None:
        watched = [lightgbm.Dataset(design.matrix[test], target[test], weight=weight[test], reference=data)]
        callbacks = [lightgbm.record_evaluation(losses), lightgbm.early_stopping(_PATIENCE, verbose=False)]
    booster = lightgbm.train(settings, data, plan.rounds, valid_sets=watched, callbacks=callbacks)
    written = _Written(
        booster.model_to_string(),
        [float(loss) for loss in losses.get("valid_0", {}).get("binary_logloss", [])],
    )
    return msgspec.json.encode(written).decode()


def _run(text: str) -> _Run:
    written = msgspec.json.decode(text, type=_Written)
    return _Run(lightgbm.Booster(model_str=written.model), written.losses)
