"""Every "no" about which version does what."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class ChallengerInShadow(Refusal):
    """Another version is in shadow; it is promoted or withdrawn first."""

    kind = Kind.CONFLICT


class NobodyInShadow(Refusal):
    """Nothing is in shadow."""

    kind = Kind.NOT_FOUND


class ReasonMissing(Refusal):
    """A person's decision needs a reason."""

    kind = Kind.INVALID


class VersionUnknown(Refusal):
    """No such version was ever drafted here."""

    kind = Kind.NOT_FOUND


class VersionAtWork(Refusal):
    """This version decides already, or is in shadow."""

    kind = Kind.CONFLICT


class NothingToGoBackTo(Refusal):
    """There is no version before, or it has been put back already."""

    kind = Kind.CONFLICT
