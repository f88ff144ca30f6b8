"""What would have to be otherwise for a row to pass: the smallest change of one thing that a customer can act on.

Each answer is checked by scoring the changed row, formulas and all, so a hint that is given is true of this model. It
promises nothing: the next application is scored on what is known then.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tiao.credit.scoring.bundle import Bundle
from tiao.credit.scoring.features import cleaner
from tiao.credit.scoring.model import Column
from tiao.learning.cells import Cell

#: Bins tried to either side of the present one.
STEPS_MAX = 12


class Hint(NamedTuple):
    """One change that passes. *bins* is how many bins away it lies; *code* is the reason it belongs to."""

    code: str
    column: str
    now: float
    then: float
    bins: int
    probability: float


class HintText(NamedTuple):
    """A hint in the customer's words, which never name a column."""

    zh: str
    en: str


def hints(bundle: Bundle, row: Mapping[str, Cell], *, probability_max: float) -> list[Hint]:
    """List for each column that a customer can act on the nearest bin with which *row* passes, fewest bins first.

    A row that passes already has none. Refuses: FeatureAbsent.
    """
    if bundle.score_one(row).probability <= probability_max:
        return []
    found = []
    for column, code, edges in _actionable(bundle):
        now = cleaner(column)(row[column.name])
        if not isinstance(now, float) or now in column.special:
            continue
        for bins, then in _nearby(edges, now):
            probability = bundle.score_one({**row, column.name: then}).probability
            if probability <= probability_max:
                found.append(Hint(code, column.name, now, then, bins, probability))
                break
    return sorted(found, key=lambda hint: (hint.bins, hint.probability))


def hint_text(bundle: Bundle, hint: Hint) -> HintText:
    """Put a hint into words."""
    reason = bundle.reasons[hint.code]
    steps = "one step" if hint.bins == 1 else f"{hint.bins} steps"
    return HintText(
        f"{reason.customer_zh}：其他情况不变时，若改善{hint.bins}档，则达到要求。",
        f"{reason.customer_en}: with everything else as it is, {steps} better would pass.",
    )


def _actionable(bundle: Bundle) -> Iterator[tuple[Column, str, tuple[float, ...]]]:
    """Give numeric columns of actionable families, their reason, and all places where the model cuts them."""
    model = bundle.model
    columns = {column.name: column for column in model.columns}
    codes = dict(zip(model.families, model.codes, strict=True))
    codings = {coding.feature: coding.edges for form in bundle.scorer.forms for coding in form.codings}
    edges: dict[str, set[float]] = {}
    family: dict[str, str] = {}
    for feature in model.features:
        if feature.name not in codings or feature.op != "value" or feature.kind != "number":
            continue
        name = feature.inputs[0]
        family[name] = feature.family
        edges.setdefault(name, set()).update(codings[feature.name])
    for name, cuts in edges.items():
        code = codes[family[name]]
        if cuts and bundle.reasons[code].is_actionable:
            yield columns[name], code, tuple(sorted(cuts))


def _nearby(edges: tuple[float, ...], now: float) -> Iterator[tuple[int, float]]:
    """List for the bins around *now*, the nearest first, the value of each that is nearest to *now*."""
    at = bisect_left(edges, now)
    for step in range(1, STEPS_MAX + 1):
        if at - step >= 0:
            yield step, edges[at - step]
        if at + step - 1 < len(edges):
            above = edges[at + step - 1]
            yield step, float(math.floor(above) + 1) if now.is_integer() else math.nextafter(above, math.inf)
