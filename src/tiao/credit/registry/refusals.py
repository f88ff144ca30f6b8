"""Every "no" about which model does what."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class ModelUnknown(Refusal):
    """No model of this version is kept; it is brought in with `tiao credit promote --programme`."""

    kind = Kind.NOT_FOUND


class ModelAtWork(Refusal):
    """The model decides already."""

    kind = Kind.CONFLICT


class ChallengerInShadow(Refusal):
    """Another model is in shadow; it is promoted or withdrawn first."""

    kind = Kind.CONFLICT


class NobodyInShadow(Refusal):
    """No model is in shadow."""

    kind = Kind.NOT_FOUND
