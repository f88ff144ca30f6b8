"""Serving a scorecard: points of a row's bins are added; what a family adds over its reference is its reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tiao.credit.scoring.model import Additive
from tiao.learning.coding import Codes

Integers = npt.NDArray[np.int64]


class AdditiveServer:
    """A scorecard laid out for serving: points per bin, and points lost against the reference per bin."""

    def __init__(self, form: Additive, families: Sequence[int], family_count: int) -> None:
        """Lay out *form*; *families* gives the family's number of each of its features."""
        self._intercept = form.intercept
        self._points = form.points
        self._families = tuple(families)
        self._family_count = family_count
        self._lost = tuple(
            tuple(point - points[reference] for point in points)
            for points, reference in zip(form.points, form.reference, strict=True)
        )

    def one(self, codes: Sequence[int]) -> tuple[int, list[int]]:
        """Score one row. Shape: logit, points lost by family; both in `LOGIT_UNIT`."""
        logit, lost = self._intercept, [0] * self._family_count
        for points, losses, family, code in zip(self._points, self._lost, self._families, codes, strict=True):
            logit += points[code]
            lost[family] += losses[code]
        return logit, lost

    def many(self, codes: Codes) -> tuple[Integers, Integers]:
        """Score rows. Shape: codes (rows, features) to logits (rows) and points lost (rows, families)."""
        logits = np.full(len(codes), self._intercept, dtype=np.int64)
        lost = np.zeros((len(codes), self._family_count), dtype=np.int64)
        for index, family in enumerate(self._families):
            logits += np.asarray(self._points[index], dtype=np.int64)[codes[:, index]]
            lost[:, family] += np.asarray(self._lost[index], dtype=np.int64)[codes[:, index]]
        return logits, lost
