"""What a credit model is: features, how values become bins, how bins become a logit, and what the result means.

A model is the file `model.json` and nothing else decides a score. All weights are integers of a billionth of a logit,
so a sum is exact whatever its order, and a row's result is the same to the bit alone, in a batch or on another machine.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter
from typing import Any, Literal, NamedTuple

import msgspec

from tiao.learning.forms import Coding, Trees

FORMAT_VERSION = 1

Op = Literal[
    "value", "is_code", "ratio", "mean", "high", "low", "rise", "spread", "count_positive", "count_zero",
    "since_positive", "low_ratio", "mean_ratio", "count_full",
    "mean_over", "product", "per",
    "high_over", "rise_over", "step_over", "total_ratio", "flow_over",
]  # fmt: skip


class Feature(msgspec.Struct, frozen=True, omit_defaults=True):
    """One input of the model: a column as it is, or a fixed formula over a few columns.

    *special* lists values that are codes and no quantity; *low* and *high* bound what is believed.
    """

    name: str
    kind: Literal["number", "category"]
    family: str
    inputs: tuple[str, ...]
    op: Op = "value"
    code: float | None = None


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One raw column: what kind it is, which values are codes rather than quantities, and what range is believed."""

    name: str
    kind: Literal["number", "category"]
    special: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None


class Additive(msgspec.Struct, frozen=True, tag="additive", tag_field="form"):
    """A scorecard: every bin of every feature adds its points (in `LOGIT_UNIT`, higher = riskier).

    *reference* is the bin that a median good customer falls into; reasons are measured against it.
    """

    intercept: int
    codings: tuple[Coding, ...]
    points: tuple[tuple[int, ...], ...]
    reference: tuple[int, ...]


class Calibration(msgspec.Struct, frozen=True, omit_defaults=True):
    """Logit to calibrated logit: a straight line, or lines between *knots*.

    Shape: knots (logit, calibrated logit), both rising strictly; beyond the outer ones the slope goes on.
    """

    slope: float
    intercept: float
    method: str
    knots: tuple[tuple[float, float], ...] = ()

    def apply(self, logit: float) -> float:
        """Calibrate one logit."""
        knots = self.knots
        if not knots:
            return self.intercept + self.slope * logit
        if logit <= knots[0][0]:
            return knots[0][1] + self.slope * (logit - knots[0][0])
        if logit >= knots[-1][0]:
            return knots[-1][1] + self.slope * (logit - knots[-1][0])
        at = bisect_right(knots, logit, key=itemgetter(0))
        (x0, y0), (x1, y1) = knots[at - 1], knots[at]
        return y0 + (y1 - y0) * ((logit - x0) / (x1 - x0))


class Scorer(msgspec.Struct, frozen=True):
    """One way to score: the champion or the challenger; the logits of its forms add up."""

    name: str
    method: str
    forms: tuple[Additive | Trees, ...]
    calibration: Calibration


class Grade(msgspec.Struct, frozen=True):
    """A band of the master scale. Shape: pd_low <= probability < pd_high; the last band includes 1."""

    grade: str
    pd_low: float
    pd_high: float
    rows: int
    bad_rate: float


class Scale(msgspec.Struct, frozen=True):
    """Probability to the score: *base_score* at *base_odds* good to bad; *double_odds* points double the odds."""

    base_score: int = 600
    base_odds: int = 20
    double_odds: int = 40
    low: int = 300
    high: int = 900


class Model(msgspec.Struct, frozen=True):
    """The content of model.json."""

    model_version: str
    format_version: int
    kind: str
    schema: dict[str, Any]
    columns: tuple[Column, ...]
    features: tuple[Feature, ...]
    families: tuple[str, ...]
    codes: tuple[str, ...]
    grades: tuple[Grade, ...]
    scale: Scale
    uses: str
    scorers: tuple[Scorer, ...]
    window: dict[str, Any]
    metrics: dict[str, Any]
    stability: dict[str, Any]


class Scored(NamedTuple):
    """The result for one row; *reasons* are codes, worst first, at most three."""

    probability: float
    score: int
    grade: str
    reasons: tuple[str, ...]
    model_version: str
