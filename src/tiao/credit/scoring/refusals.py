"""Every "no" of serving a credit model."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class FeatureAbsent(Refusal):
    """A feature that the model needs was not given; an unknown value is given as null."""

    kind = Kind.INVALID
