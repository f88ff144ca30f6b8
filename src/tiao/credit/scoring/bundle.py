"""A folder with a trained model, loaded to score."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tiao.credit.scoring.additive import AdditiveServer
from tiao.credit.scoring.features import cleaner, formula
from tiao.credit.scoring.model import FORMAT_VERSION, Additive, Model, Scale, Scored, Scorer
from tiao.credit.scoring.refusals import FeatureAbsent
from tiao.learning.cells import Cell
from tiao.learning.coding import coder
from tiao.learning.forms import LOGIT_UNIT, Reason
from tiao.learning.refusals import BundleUnreadable
from tiao.learning.trees import TreesServer

#: Beyond this logit a probability is 0 or 1 to nine digits; it is cut so that it never is exactly either.
_LOGIT_MAX = 20.0

REASONS_MAX = 3


class Bundle:
    """A model ready to score; it holds no state that a row could change."""

    def __init__(self, model: Model, reasons: Sequence[Reason], *, scorer: str | None = None) -> None:
        """Lay out *scorer* ("champion" or "challenger"; by default the one the model uses) for serving."""
        self.model = model
        self.reasons = {reason.code: reason for reason in reasons}
        self.scorer: Scorer = next(one for one in model.scorers if one.name == (scorer or model.uses))
        families = {family: number for number, family in enumerate(model.families)}
        by_name = {feature.name: feature for feature in model.features}
        codings = [coding for form in self.scorer.forms for coding in form.codings]
        needed = {name for coding in codings for name in by_name[coding.feature].inputs}
        columns = {column.name: column for column in model.columns}
        self._cleaners = [(column.name, cleaner(column)) for column in model.columns if column.name in needed]
        self.inputs = tuple(name for name, _ in self._cleaners)
        place = {name: number for number, name in enumerate(self.inputs)}
        features = [by_name[name] for name in dict.fromkeys(coding.feature for coding in codings)]
        value_place = {feature.name: number for number, feature in enumerate(features)}
        self._formulas: list[tuple[tuple[int, ...], Callable[..., Any]]] = [
            (tuple(place[name] for name in feature.inputs), formula(feature, columns)) for feature in features
        ]
        self._parts: list[tuple[list[tuple[int, Callable[..., int]]], AdditiveServer | TreesServer]] = []
        for form in self.scorer.forms:
            of_feature = [families[by_name[coding.feature].family] for coding in form.codings]
            server = AdditiveServer if isinstance(form, Additive) else TreesServer
            coders = [(value_place[coding.feature], coder(coding)) for coding in form.codings]
            self._parts.append((coders, server(form, of_feature, len(families))))  # type: ignore[arg-type]
        self._bounds = tuple(grade.pd_high for grade in model.grades[:-1])
        self._names = tuple(grade.grade for grade in model.grades)
        self._speaks_from = self._worst_logit()

    def score(self, rows: Mapping[str, Sequence[Cell]]) -> list[Scored]:
        """Score many rows given as columns; columns that the model does not use are ignored.

        Refuses: FeatureAbsent.
        """
        cleaned = [[clean(cell) for cell in self._column(rows, name)] for name, clean in self._cleaners]
        count = len(cleaned[0]) if cleaned else max((len(column) for column in rows.values()), default=0)
        assert all(len(column) == count for column in cleaned), "columns are of one length"
        values = [
            [value(*row) for row in zip(*(cleaned[place] for place in places), strict=True)]
            for places, value in self._formulas
        ]
        logits = np.zeros(count, dtype=np.int64)
        lost = np.zeros((count, len(self.model.families)), dtype=np.int64)
        for coders, server in self._parts:
            codes = np.empty((count, len(coders)), dtype=np.int64)
            for index, (place, code) in enumerate(coders):
                codes[:, index] = np.fromiter(map(code, values[place]), np.int64, count)
            part_logits, part_lost = server.many(codes)
            logits += part_logits
            lost += part_lost
        return [self._result(logit, loss) for logit, loss in zip(logits.tolist(), lost.tolist(), strict=True)]

    def score_one(self, features: Mapping[str, Cell]) -> Scored:
        """Score one row; an unknown value is None. Refuses: FeatureAbsent."""
        cleaned = []
        for name, clean in self._cleaners:
            if name not in features:
                raise FeatureAbsent(f"the model needs {name}", pointer=name)
            cleaned.append(clean(features[name]))
        values = [value(*[cleaned[place] for place in places]) for places, value in self._formulas]
        logit, lost = 0, [0] * len(self.model.families)
        for coders, server in self._parts:
            part_logit, part_lost = server.one([code(values[place]) for place, code in coders])
            logit += part_logit
            lost = [loss + more for loss, more in zip(lost, part_lost, strict=True)]
        return self._result(logit, lost)

    def _column(self, rows: Mapping[str, Sequence[Cell]], name: str) -> Sequence[Cell]:
        if name not in rows:
            raise FeatureAbsent(f"the model needs {name}", pointer=name)
        return rows[name]

    def _result(self, logit: int, lost: Sequence[int]) -> Scored:
        line = self.scorer.calibration.apply(logit / LOGIT_UNIT)
        line = max(-_LOGIT_MAX, min(_LOGIT_MAX, line))
        probability = 1.0 / (1.0 + math.exp(-line))
        worst = sorted((-loss, number) for number, loss in enumerate(lost) if loss > 0)[:REASONS_MAX]
        if not worst and lost and line >= self._speaks_from:
            worst = [min((-loss, number) for number, loss in enumerate(lost))]
        return Scored(
            probability,
            score_of(line, self.model.scale),
            self._names[bisect_right(self._bounds, probability)],
            tuple(self.model.codes[number] for _, number in worst),
            self.model.model_version,
        )

    def _worst_logit(self) -> float:
        """From this logit on a row always has a reason: the worst part of the rows seen in training, and more."""
        level = float(self.model.metrics.get("reason_logit", 0.0))
        return max(-_LOGIT_MAX, level)


def score_of(logit: float, scale: Scale) -> int:
    """Turn a calibrated logit (of bad) into points: higher is better.

    Rounds: half up to a whole point, then into the scale's ends.
    """
    points = scale.base_score - scale.double_odds * (logit + math.log(scale.base_odds)) / math.log(2.0)
    return max(scale.low, min(scale.high, math.floor(points + 0.5)))


def content_digest(model: Model, reasons: Sequence[Reason]) -> str:
    """Name a model by its content: same content, same name."""
    body = msgspec.json.encode([msgspec.structs.replace(model, model_version=""), reasons], order="sorted")
    return hashlib.sha256(body).hexdigest()[:16]


def load_bundle(path: Path, *, scorer: str | None = None) -> Bundle:
    """Load a bundle folder. Refuses: BundleUnreadable, also when a file was altered after training."""
    try:
        model = msgspec.json.decode((path / "model.json").read_bytes(), type=Model)
        reasons = msgspec.json.decode((path / "reasons.json").read_bytes(), type=list[Reason])
    except (OSError, msgspec.DecodeError) as fault:
        raise BundleUnreadable(f"{path}: {fault}") from fault
    if model.format_version != FORMAT_VERSION:
        raise BundleUnreadable(f"{path}: format {model.format_version}, this version reads {FORMAT_VERSION}")
    if content_digest(model, reasons) != model.model_version:
        raise BundleUnreadable(f"{path}: the content is not that of version {model.model_version}")
    return Bundle(model, reasons, scorer=scorer)
