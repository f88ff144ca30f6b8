"""Every "no" about which model does what."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class ModelUnknown(Refusal):
    """No model of this version is kept; it is brought in with `tiao credit promote --programme`."""

    kind = Kind.NOT_FOUND


class ModelAtWork(Refusal):
    """The model decides already."""

    kind = Kind.CONFLICT
