"""Values of payments to scores, decisions and reasons: the same to the bit alone or in a batch."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from copy import copy
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tiao.learning.cells import Cell, category_label
from tiao.learning.coding import Codes, code_column, code_numbers
from tiao.learning.forms import LOGIT_UNIT
from tiao.learning.trees import TreesServer
from tiao.risk.budget import decided
from tiao.risk.features.definition import features_of
from tiao.risk.model import DECISIONS, Decision, Model

#: Reasons of one payment at most.
REASONS_MAX = 3
_LOGIT_MAX = 30.0


class Scored(NamedTuple):
    """The result for one payment; *reasons* are codes, worst first, none only where it is allowed."""

    score: float
    decision: Decision
    reasons: tuple[str, ...]


class Scorer:
    """A model made ready to serve."""

    def __init__(self, model: Model, friction: float | None = None) -> None:
        """Take up a model; *friction* is that of its promotion, its own where nothing else was said then."""
        self.model = model
        #: Part of a decision's versions; None where the model's own holds.
        self.promoted_friction = friction
        places = {feature.name: place for place, feature in enumerate(features_of(model.definition))}
        inputs = {feature.name: feature for feature in model.features}
        self._codings = [(coding, places.get(coding.feature)) for coding in model.form.codings]
        of_fold = [(number, coding, place) for number, (coding, place) in enumerate(self._codings) if place is not None]
        self._read = [number for number, _, _ in of_fold]
        self._places = [place for _, _, place in of_fold]
        self._edges = [np.array(coding.edges, dtype=np.float64) for _, coding, _ in of_fold]
        self._missing = np.array([[coding.missing] for _, coding, _ in of_fold], dtype=np.int64)
        families = {family: number for number, family in enumerate(model.families)}
        self._server = TreesServer(
            model.form, [families[inputs[coding.feature].family] for coding, _ in self._codings], len(families)
        )
        self._bounds = [band.pd_low for band in model.grades[1:]]
        self._decisions = [band.grade for band in model.grades]
        #: The family of each code.
        self.families = dict(zip(model.codes, model.families, strict=True))

    def at(self, friction: float | None) -> Scorer:
        """Give the same model with the friction of its promotion, made ready once."""
        made = copy(self)
        made.promoted_friction = friction
        return made

    @property
    def friction(self) -> float:
        """What challenging a genuine payer costs besides, in typical amounts."""
        return self.model.friction if self.promoted_friction is None else self.promoted_friction

    def score(self, values: npt.NDArray[np.float64], cells: Mapping[str, Sequence[Cell]]) -> list[Scored]:
        """Score payments. Shape: *values* of the fold (payments, features); *cells* by column, of the same length."""
        codes = self._codes(values, cells)
        scores = [_probability(logit) for logit in self._server.logits(codes).tolist()]
        places = [bisect_right(self._bounds, score) for score in scores]
        asked = [row for row, place in enumerate(places) if place]
        reasons: dict[int, tuple[str, ...]] = {}
        if asked:
            _, lost = self._server.many(codes[asked])
            reasons = {row: self._reasons(loss) for row, loss in zip(asked, lost.tolist(), strict=True)}
        return [
            Scored(score, self._decisions[place], reasons.get(row, ()))
            for row, (score, place) in enumerate(zip(scores, places, strict=True))
        ]

    def weigh(self, values: npt.NDArray[np.float64], amounts: npt.NDArray[np.float64]) -> list[Scored]:
        """Score payments that consist of the fold's values and an amount, each with the decision that costs least.

        What it costs to challenge the genuine is part of it, so that no more of them are than the budget allows.

        Shape: *values* (payments, features), *amounts* of the same length.
        """
        codes = self._codes(values, {"amount": amounts.tolist()})
        scores = np.array([_probability(logit) for logit in self._server.logits(codes).tolist()])
        typical = self.model.definition.usual_amount
        places = decided(scores, amounts, self.model.costs, typical=typical, friction=self.friction)
        asked = np.flatnonzero(places)
        reasons: dict[int, tuple[str, ...]] = {}
        if len(asked):
            _, lost = self._server.many(codes[asked])
            reasons = {row: self._reasons(loss) for row, loss in zip(asked.tolist(), lost.tolist(), strict=True)}
        return [
            Scored(score, DECISIONS[place], reasons.get(row, ()))
            for row, (score, place) in enumerate(zip(scores.tolist(), places.tolist(), strict=True))
        ]

    def _codes(self, values: npt.NDArray[np.float64], cells: Mapping[str, Sequence[Cell]]) -> Codes:
        codes = np.empty((len(values), len(self._codings)), dtype=np.int64)
        if self._places:
            codes[:, self._read] = self._numbers(values)
        for number, (coding, place) in enumerate(self._codings):
            if place is not None:
                continue
            if coding.labels:
                codes[:, number] = code_column(coding, [category_label(cell) for cell in cells[coding.feature]])
            else:
                codes[:, number] = code_numbers(coding, numbers_of(cells[coding.feature]))
        return codes

    def _numbers(self, values: npt.NDArray[np.float64]) -> Codes:
        """Bin the fold's values, as `code_numbers` does: column by column, and what is missing at once."""
        columns = values.T[self._places]
        codes = np.empty(columns.shape, dtype=np.int64)
        for number, edges in enumerate(self._edges):
            codes[number] = edges.searchsorted(columns[number])
        return np.where(np.isnan(columns), self._missing, codes).T

    def _reasons(self, lost: Sequence[int]) -> tuple[str, ...]:
        worst = sorted((-loss, number) for number, loss in enumerate(lost))
        against = [number for loss, number in worst if loss < 0][:REASONS_MAX] or [worst[0][1]]
        return tuple(self.model.codes[number] for number in against)


def numbers_of(cells: Sequence[Cell]) -> npt.NDArray[np.float64]:
    """Turn cells into numbers. Shape: a missing or unbounded one is NaN."""
    values = np.array([math.nan if cell is None else float(cell) for cell in cells], dtype=np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def _probability(logit: int) -> float:
    return 1.0 / (1.0 + math.exp(-max(-_LOGIT_MAX, min(_LOGIT_MAX, logit / LOGIT_UNIT))))
