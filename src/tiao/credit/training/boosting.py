"""Boosted trees that keep every declared direction, small enough to be explained, written in the serving form.

Values are binned before the trees see them, so a split is a bin number: the model that is served holds only the edges
that some tree uses, and no library is needed to follow it.
"""

from __future__ import annotations

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
    """How trees are grown: L2 on leaves, what each tree adds, the share of features each sees, how deep it goes."""

    strength: float
    rate: float
    features: float
    depth: int = 5


#: Calm suits noisy sets, sharp those where few bads are easy to tell, fine those with many features that say much the
#: same, shallow those with few rows; the folds decide with the first seed.
STYLES = {
    "calm": Style(10.0, 0.05, 0.6),
    "sharp": Style(0.5, 0.05, 0.6),
    "fine": Style(10.0, 0.03, 0.3),
    "shallow": Style(10.0, 0.08, 0.3, depth=3),
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
    "bagging_fraction": 0.8,
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
    """Fit each fold with every seed, let the folds vote on the number of rounds, then fit on all rows."""
    designs = [_design(values, fit, target, weight) for fit, _ in folds.folds]
    sizes = [len(test) for _, test in folds.folds]

    def runs_of(tasks: list[tuple[int, int, str]]) -> list[_Run]:
        def run(task: tuple[int, int, str]) -> _Run:
            fold, seed, style = task
            fit, test = folds.folds[fold]
            plan = _Plan(seed, STYLES[style], ROUNDS_MAX)
            written = place.shelf.kept(
                f"{style}-{seed}-{fold}", lambda: _fit(designs[fold], fit, target, weight, plan, test)
            )
            done.append(1)
            place.say(f"trees: {len(done)} of {total} fits ({style}, seed {seed}, fold {fold + 1})")
            return _run(written)

        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(run, tasks))

    numbers, done = range(len(folds.folds)), list[int]()
    total = len(sizes) * (len(STYLES) + len(SEEDS) - 1) + len(SEEDS)
    first = {style: runs_of([(fold, SEEDS[0], style) for fold in numbers]) for style in STYLES}
    curves = {style: _curve(runs, sizes) for style, runs in first.items()}
    style = min(curves, key=lambda name: float(curves[name].min()))
    runs = [*first[style], *runs_of([(fold, seed, style) for seed in SEEDS[1:] for fold in numbers])]
    rounds = int(np.argmin(_curve(runs, sizes * len(SEEDS)))) + 1
    oof = np.full(len(target), np.nan)
    for fold, (_, test) in enumerate(folds.folds):
        mine = [run.booster for at, run in enumerate(runs) if at % len(sizes) == fold]
        matrix = designs[fold].matrix[test]
        oof[test] = np.mean([b.predict(matrix, num_iteration=rounds, raw_score=True) for b in mine], axis=0)
    every = folds.whole
    whole = _design(values, every, target, weight)
    plans = [_Plan(seed, STYLES[style], rounds) for seed in SEEDS]

    def finished(plan: _Plan) -> _Run:
        name = f"whole-{style}-{plan.seed}-{rounds}"
        return _run(place.shelf.kept(name, lambda: _fit(whole, every, target, weight, plan, None)))

    with ThreadPoolExecutor(_THREADS) as pool:
        final = list(pool.map(finished, plans))
    form = serving_form(whole, [run.booster for run in final], every[target[every] == 0.0])
    return Boosted(form, oof, f"{rounds} rounds, {style}")


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
