"""What is watched, and what watching finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tiao.learning.cells import Cell

Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.int64]


class Level(StrEnum):
    """How far something has moved."""

    CALM = "calm"
    QUESTION = "question"  # from .10 on: somebody should look
    STOP = "stop"  # from .25 on: the model was made for other people


class Watched(NamedTuple):
    """Rows as they were scored.

    Shape: all of one length. *cells* are the raw columns as the model reads them, by name; *target* is NaN where the
    outcome is not known or not ripe, *at* microseconds since 1970 of the decision; *approved* is what was really done.
    """

    cells: Mapping[str, Sequence[Cell]]
    probability: Floats
    grade: Sequence[str]
    target: Floats | None = None
    at: Instants | None = None
    approved: npt.NDArray[np.bool_] | None = None


class Moved(msgspec.Struct, frozen=True):
    """One distribution against training. Shape: *bins* with the shares at training and now, adding up to one each."""

    name: str
    index: float
    level: Level
    bins: tuple[tuple[str, float, float], ...]
    missing_before: float | None
    missing_now: float | None


class GradeCalibration(msgspec.Struct, frozen=True):
    """One grade's promise and what came of it; *distance* in standard errors, positive when more went bad."""

    grade: str
    rows: int
    expected: float
    seen: float
    distance: float
    level: Level


class Vintage(msgspec.Struct, frozen=True):
    """The ripe rows of one month, and how well they were ranked; figures are None where one kind is absent."""

    month: str
    rows: int
    unripe: int
    bad_rate: float | None
    auc: float | None
    auc_95: tuple[float, float] | None
    ks: float | None


class Approval(msgspec.Struct, frozen=True):
    """The share approved, at training and now. *probability_max* is None when it is what was really decided."""

    probability_max: float | None
    before: float
    now: float
    level: Level


class Alert(msgspec.Struct, frozen=True):
    """Something that a person should look at."""

    level: Level
    what: str
    name: str
    value: float


class Drift(msgspec.Struct, frozen=True):
    """How far rows have moved from those the model was trained on."""

    model_version: str
    rows: int
    level: Level
    score: Moved
    features: tuple[Moved, ...]
    approval: Approval
    calibration: tuple[GradeCalibration, ...]
    vintages: tuple[Vintage, ...]
    alerts: tuple[Alert, ...]
