"""Every "no" of petitions."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class PetitionUnknown(Refusal):
    """There is no such petition."""

    kind = Kind.NOT_FOUND


class PetitionEnded(Refusal):
    """This petition was answered or taken back."""

    kind = Kind.CONFLICT
