"""Scoring with a trained credit model: probability, points, grade and reasons, the same to the bit every time."""

from __future__ import annotations

from tiao.credit.scoring.bundle import Bundle, load_bundle
from tiao.credit.scoring.model import Scored
from tiao.credit.scoring.refusals import FeatureAbsent

__all__ = ["Bundle", "FeatureAbsent", "Scored", "load_bundle"]
