"""Every "no" of training a credit model that reading its data does not give."""

from __future__ import annotations

from tiao.values.refusal import Refusal


class ScorerUnfair(Refusal):
    """The scorer asked for fails the fairness gate, and the other one passes it."""
