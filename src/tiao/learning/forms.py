"""Forms of trained models: how values become bins, how bins become a logit, and what a reason says.

All weights are integers of a billionth of a logit, so a sum is exact whatever its order, and a row's result is the same
to the bit alone, in a batch or on another machine.
"""

from __future__ import annotations

import msgspec

#: One logit in the integer unit of every weight.
LOGIT_UNIT = 10**9


class Coding(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the values of one feature become bins 0, 1, 2, ...

    Shape: a number falls into the bin (edges[i-1], edges[i]]; a special code, a label, a missing and an unseen value
    have bins of their own (which may be shared).
    """

    feature: str
    size: int
    missing: int
    other: int
    edges: tuple[float, ...] = ()
    special: dict[str, int] = {}
    labels: dict[str, int] = {}


class Trees(msgspec.Struct, frozen=True, tag="trees", tag_field="form"):
    """Boosted trees over bins; a split sends bins 0 to *threshold* left, and a missing value where it says.

    Shape: per tree, inner nodes in preorder; a child >= 0 is a node, a child < 0 is leaf -1-child; leaves left to
    right.
    """

    intercept: int
    codings: tuple[Coding, ...]
    reference: tuple[int, ...]
    features: tuple[tuple[int, ...], ...]
    thresholds: tuple[tuple[int, ...], ...]
    missing_left: tuple[tuple[bool, ...], ...]
    left: tuple[tuple[int, ...], ...]
    right: tuple[tuple[int, ...], ...]
    leaves: tuple[tuple[int, ...], ...]


class Reason(msgspec.Struct, frozen=True):
    """One row of reasons.json: what a customer and an agent are told."""

    code: str
    family: str
    customer_zh: str
    customer_en: str
    agent: str
    is_actionable: bool
