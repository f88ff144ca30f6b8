"""Training from a checked table to a bundle: fold by fold for honest figures, once more on everything for the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tiao.credit.scoring.model import Additive, Calibration, Scorer
from tiao.credit.training.assembly import Outcome, Trained, Tried, assemble, codings_of
from tiao.credit.training.calibration import calibrate, calibrated, probabilities
from tiao.credit.training.challenger import Card, fit_challenger
from tiao.credit.training.champion import Values, fit_scorecard, logits
from tiao.credit.training.choice import choose
from tiao.credit.training.design import Design, design_of, values_of
from tiao.credit.training.enrichment import Candidate
from tiao.credit.training.fairness import fairness_report
from tiao.credit.training.folds import Rows, split
from tiao.credit.training.leakage import leaks
from tiao.credit.training.rejects import Ground, Inference, widened
from tiao.learning.contract import Table
from tiao.learning.metrics import auc_interval, caught, quality
from tiao.learning.refusals import Fault, InputRefused
from tiao.learning.schema import Schema
from tiao.learning.shelf import Workplace

Floats = npt.NDArray[np.float64]
ALONE = Workplace()

#: Fewer labelled rows of either kind cannot be split into folds.
_EACH_MIN = 20


def train(
    schema: Schema, table: Table, *, use: str | None, place: Workplace = ALONE, rejects: Inference | None = None
) -> Trained:
    """Train champion and challenger; *use* names the one to score with, otherwise the rule of `choose` decides.

    Refuses: InputRefused; ScorerUnfair.
    """
    labelled, unlabelled = _usable(schema, table)
    kept = table.take(labelled)
    design = design_of(schema, kept)
    if not design.plain:
        why = [Fault("no_usable_feature", name, value=reason) for name, reason in design.left_out.items()]
        raise InputRefused(why or [Fault("no_usable_feature")])
    assert kept.target is not None, "usable rows are labelled"
    folds = split(
        kept.target,
        event_time=kept.instants.get("event_time"),
        label_time=kept.instants.get("label_time"),
        groups=list(kept.groups.values()),
    )
    ground = Ground(labelled, kept.target, kept.weight, folds)
    warnings = [*table.warnings, *leaks(values_of(design.columns, design.plain, kept), kept.target, kept.weight)]
    tried = _try(design, table, ground, place)
    extra: dict[str, Any] = {}
    tested = np.unique(np.concatenate([fold.test for fold in folds.folds]))
    if rejects is not None and len(unlabelled):
        without = {name: _measure(one, ground, tested) for name, one in tried.items()}
        place.say(f"again, with {rejects.method} reject inference")
        ground, told = widened(
            ground, unlabelled, rejects, lambda rows: values_of(design.columns, design.plain, table.take(rows))
        )
        tried = _try(design, table, ground, Workplace(place.say))
        extra |= {"rejects": {**told, "without": without}}
    measured = {name: _measure(one, ground, tested) for name, one in tried.items()}
    fairness = {name: _fairness(schema, kept, one, tested) for name, one in tried.items()}
    choice = choose(measured, fairness, _fold_gains(tried, ground), use=use)
    if "rejects" in extra:
        told = extra["rejects"]
        extra["rejects"] = {**told, "without": told["without"][choice.uses], "with": measured[choice.uses]}
    extra |= _last_period(tried, ground)
    place.say("writing the model")
    found = Outcome(design, tried, measured, fairness, choice, tested, folds.method, warnings, extra)
    return assemble(schema, table, kept, found)


def _try(design: Design, table: Table, ground: Ground, place: Workplace) -> dict[str, Tried]:
    """Fit champion and challenger on the same rows; a block of formulas stays only where it helps the champion."""

    def values(chosen: tuple[Candidate, ...]) -> Values:
        return values_of(design.columns, chosen, table.take(ground.rows))

    place.say("champion: scorecard")
    champion = _champion(values(design.plain), ground)
    derived: tuple[Candidate, ...] = ()
    for block in design.blocks:
        place.say(f"champion: with {len(derived) + len(block)} formulas")
        enriched = _champion(values(design.plain + derived + block), ground)
        if _loss(enriched, ground) < _loss(champion, ground):
            champion, derived = enriched, derived + block
    place.say("challenger")
    [card] = champion.scorer.forms
    assert isinstance(card, Additive), "the champion is a scorecard"
    every = values(design.plain + design.codes + derived)
    return {"champion": champion, "challenger": _challenger(every, ground, Card(card, champion.oof), place)}


def _usable(schema: Schema, table: Table) -> tuple[Rows, Rows]:
    """List the rows whose values could be known when they were needed: those with a label, and those without."""
    assert table.target is not None, "training reads the target"
    known = np.ones(table.rows, dtype=np.bool_)
    available, needed = (
        table.instants.get("available_at"),
        table.instants.get("as_of", table.instants.get("event_time")),
    )
    if available is not None and needed is not None:
        known &= available <= needed
    is_labelled = ~np.isnan(table.target)
    labelled = np.flatnonzero(known & is_labelled)
    bads, goods = int(table.target[labelled].sum()), int((1 - table.target[labelled]).sum())
    if min(bads, goods) < _EACH_MIN:
        column = schema.one("target")
        name = column.name if column else None
        few = "one_class" if min(bads, goods) == 0 < max(bads, goods) else "too_few_labelled_rows"
        few = few if bads or goods else "no_labelled_rows"
        raise InputRefused([Fault(few, name, value=f"{bads} bad, {goods} good")])
    return labelled, np.flatnonzero(known & ~is_labelled)


def _champion(values: Values, ground: Ground) -> Tried:
    _, target, weight, folds = ground
    oof = np.full(len(target), np.nan)
    for fit, test in folds.folds:
        form = fit_scorecard(values.take(fit), target[fit], weight[fit]).form
        oof[test] = logits(form, values.take(test))
    whole = folds.whole
    fitted = fit_scorecard(values.take(whole), target[whole], weight[whole])
    scorer = Scorer("champion", "monotone WoE scorecard", (fitted.form,), _calibration(oof, ground))
    return Tried(scorer, oof, fitted.left_out)


def _calibration(oof: Floats, ground: Ground) -> Calibration:
    tested = ~np.isnan(oof)
    return calibrate(oof[tested], ground.target[tested], ground.weight[tested], rows=int(tested.sum()))


def _loss(one: Tried, ground: Ground) -> float:
    """Give the out-of-fold log loss: formulas stay only where they lower it."""
    tested = ~np.isnan(one.oof)
    line, label = calibrated(one.oof[tested], one.scorer.calibration), ground.target[tested]
    return float(np.average(np.logaddexp(0.0, line) - label * line, weights=ground.weight[tested]))


def _challenger(values: Values, ground: Ground, card: Card, place: Workplace) -> Tried:
    fitted = fit_challenger(values, ground.target, ground.weight, ground.folds, card, place)
    used = {coding.feature for coding in codings_of(fitted.forms)}
    left_out = {feature.name: "no tree uses it" for feature in values.features if feature.name not in used}
    scorer = Scorer("challenger", fitted.method, fitted.forms, _calibration(fitted.oof, ground))
    return Tried(scorer, fitted.oof, left_out)


def _measure(one: Tried, ground: Ground, tested: Rows) -> dict[str, Any]:
    probability = probabilities(one.oof[tested], one.scorer.calibration)
    figures = quality(ground.target[tested], probability, ground.weight[tested])
    low, high = auc_interval(ground.target[tested], probability)
    rounded = {name: round(value, 6) for name, value in figures._asdict().items()}
    worst = round(caught(ground.target[tested], probability), 6)
    return {
        **rounded,
        "auc_95": [round(low, 4), round(high, 4)],
        "caught_in_worst_tenth": worst,
        "method": one.scorer.method,
    }


def _last_period(tried: dict[str, Tried], ground: Ground) -> dict[str, Any]:
    """Measure the last period alone where folds run forward in time: fitted on everything before it."""
    if not ground.folds.method.startswith("forward"):
        return {}
    last = ground.folds.folds[-1].test
    return {"out_of_time": {"rows": len(last), **{name: _measure(one, ground, last) for name, one in tried.items()}}}


def _fairness(schema: Schema, kept: Table, one: Tried, tested: Rows) -> dict[str, Any]:
    assert kept.target is not None, "usable rows are labelled"
    cells = {name: [column[row] for row in tested.tolist()] for name, column in kept.protected.items()}
    columns = [column for column in schema.of_role("protected") if column.name in cells and column.type != "timestamp"]
    return fairness_report(columns, cells, kept.target[tested], probabilities(one.oof[tested], one.scorer.calibration))


def _fold_gains(tried: dict[str, Tried], ground: Ground) -> list[float]:
    """Give the challenger's AUC over the champion's in each fold."""
    return [
        quality(ground.target[test], tried["challenger"].oof[test]).auc
        - quality(ground.target[test], tried["champion"].oof[test]).auc
        for _, test in ground.folds.folds
    ]
