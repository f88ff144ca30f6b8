"""What is decided about labels: whose word counts."""

from __future__ import annotations

from collections.abc import Sequence

from tiao.risk.labels.model import Label, Source

_WEIGHT = {source: place for place, source in enumerate(Source)}


def standing(labels: Sequence[Label]) -> Label:
    """Give the label that counts: of the weightiest source, what it said last."""
    assert labels, "somebody said something"
    return max(labels, key=lambda each: (_WEIGHT[each.source], each.told_at, each.id))
