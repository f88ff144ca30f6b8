"""Every "no" of watching: a candidate that may not take the place of the model at work."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class PromotionByOnePerson(Refusal):
    """The person who proposes a model may not be the one who approves it."""

    kind = Kind.FORBIDDEN


class PromotionUnproven(Refusal):
    """There are too few ripe outcomes to tell how good the candidate is."""


class PromotionUnfair(Refusal):
    """A group would be approved less than four fifths as often as the best, or its risk is not what it is told."""


class PromotionWorse(Refusal):
    """The candidate ranks worse than the model at work."""


class PromotionUncalibrated(Refusal):
    """The candidate's probabilities are too far from what came of them."""


class ReasonsMissing(Refusal):
    """Some of the riskiest rows would be declined without a reason."""


class NothingToDemoteTo(Refusal):
    """No earlier model is kept beside the one at work."""

    kind = Kind.NOT_FOUND


class NothingScored(Refusal):
    """The model has scored nobody in this time."""

    kind = Kind.NOT_FOUND
