"""How good a fraud model turned out to be, on payments after its training whose outcome is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tiao.learning.metrics import auc
from tiao.learning.refusals import Fault, InputRefused
from tiao.risk.decisions import expected_costs
from tiao.risk.features.definition import Definition
from tiao.risk.measures import CARDS_A_DAY, average_precision, cards_found
from tiao.risk.model import DECISIONS, Costs, Model
from tiao.risk.replay import Events
from tiao.risk.scoring import Scored

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000_000
#: Cards with a fraud in the week before training ended are known and leave the measure, as in the handbook's split.
_KNOWN_BEFORE = timedelta(days=7)


class Period(NamedTuple):
    """What is measured. Units: microseconds since 1970; *end* is no longer measured."""

    first: int
    end: int


def period(
    model: Model, events: Events, *, since: datetime | None, until: datetime | None, label_delay_us: int
) -> Period:
    """Give the period asked for; by default from the instant at which the last outcome of the training was known."""
    trained = _instant(datetime.fromisoformat(model.train_until))
    first = trained + label_delay_us if since is None else _instant(since)
    return Period(first, int(events.at[-1]) + 1 if until is None else _instant(until))


def measured_rows(model: Model, events: Events, between: Period, *, label_delay_us: int) -> Flags:
    """Choose the labelled payments of a period, without cards that were already known to be compromised.

    A card leaves on the day after which a fraud of it, no older than a week before training ended, was known.
    """
    inside = (events.at >= between.first) & (events.at < between.end) & ~np.isnan(events.is_fraud)
    known_from = _instant(datetime.fromisoformat(model.train_until) - _KNOWN_BEFORE)
    payer = model.definition.payer
    known: dict[str, int] = {}
    frauds = np.flatnonzero((events.is_fraud == 1.0) & (events.at >= known_from))
    for place in frauds.tolist():
        name = events.entities[place][payer]
        day_known = -(-(_day_end(int(events.at[place])) + label_delay_us) // _DAY)
        if name is not None:
            known[name] = min(day_known, known.get(name, day_known))
    for place in np.flatnonzero(inside).tolist():
        name = events.entities[place][payer]
        if name in known and known[name] <= events.at[place] // _DAY:
            inside[place] = False
    return inside


def evaluation(
    model: Model,
    events: Events,
    scored: Mapping[int, Scored],
    measured: Flags,
) -> dict[str, Any]:
    """Measure scores, by row of the file, on the payments *measured*. Refuses: InputRefused where there are none."""
    places = np.flatnonzero(measured)
    if not len(places):
        raise InputRefused([Fault("no_labelled_rows")])
    of = [scored[row] for row in events.rows[places].tolist()]
    score = np.array([one.score for one in of])
    target, amount = events.is_fraud[places], events.amounts[places]
    payer = model.definition.payer
    cards = [events.entities[place][payer] for place in places.tolist()]
    severity = np.array([DECISIONS.index(one.decision) for one in of])
    return {
        "from": _text(int(events.at[places[0]])),
        "to": _text(int(events.at[places[-1]])),
        "rows": len(places),
        "frauds": int(target.sum()),
        "model_version": model.model_version,
        "auc": round(auc(target, score), 6),
        "average_precision": round(average_precision(target, score), 6),
        "genuine_challenged": _share((severity > 0)[target == 0.0]),
        f"card_precision_{CARDS_A_DAY}": round(cards_found(events.at[places] // _DAY, cards, target, score), 6),
        "decisions": {
            decision: _at_least(place, severity, target, score, amount) for place, decision in enumerate(DECISIONS)
        },
        "cost": _cost(severity, target, amount, model.costs, model.definition),
    }


def _share(flags: Flags) -> float | None:
    return round(float(flags.mean()), 6) if len(flags) else None


def _at_least(
    place: int, severity: npt.NDArray[np.int64], target: Floats, score: Floats, amount: Floats
) -> dict[str, Any]:
    """Count what a decision or a harder one catches."""
    caught, exact = severity >= place, severity == place
    hits, money = float(target[caught].sum()), np.nan_to_num(amount) * target
    return {
        "rows": int(exact.sum()),
        "frauds": int(target[exact].sum()),
        "lowest_score": round(float(score[exact].min()), 6) if exact.any() else None,
        "precision_from_here": round(hits / int(caught.sum()), 6) if caught.any() else None,
        "recall_from_here": round(hits / float(target.sum()), 6) if target.sum() else None,
        "amount_recall_from_here": round(float(money[caught].sum() / money.sum()), 6) if money.sum() else None,
    }


def _cost(
    severity: npt.NDArray[np.int64], target: Floats, amount: Floats, costs: Costs, definition: Definition
) -> dict[str, float]:
    """Sum what the decisions cost by the model's costs, beside allowing everything. Units: currency."""
    typical = definition.usual_amount
    each = expected_costs(target, np.where(np.isnan(amount), typical, amount), costs, typical=typical)
    chosen = float(each[np.arange(len(each)), severity].sum())
    return {"decided": round(chosen, 2), "allow_all": round(float(each[:, 0].sum()), 2)}


def _instant(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _day_end(at: int) -> int:
    return (at // _DAY + 1) * _DAY


def _text(at: int) -> str:
    return datetime.fromtimestamp(at // 1_000_000, tz=UTC).isoformat()
