"""From a booster's dump to the serving form: values are binned before the trees see them, so a split is a bin number.

The model that is served holds only the edges that some tree uses, and no library is needed to follow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from tiao.learning.forms import LOGIT_UNIT, Coding, Trees

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_BINS = 254


class Booster(Protocol):
    """Trained trees that can say what they are, in LightGBM's form."""

    def dump_model(self) -> dict[str, Any]:
        """Give the trees as nested nodes."""


class Design(NamedTuple):
    """Binned values. Shape: matrix (rows, features), missing as NaN; codings and directions by feature."""

    matrix: Floats
    codings: list[Coding]
    directions: list[int]


def by_size(name: str, numbers: Floats, special: tuple[float, ...] = (), *, bins: int = _BINS) -> Coding:
    """Cut between quantiles, into so many *bins* at most; a special code is no quantity and joins the missing."""
    numbers = numbers[~np.isnan(numbers) & ~np.isin(numbers, special)]
    distinct = np.unique(numbers)
    if len(distinct) > bins:
        distinct = np.unique(np.quantile(numbers, np.linspace(0, 1, bins), method="nearest"))
    edges = tuple(float(edge) for edge in np.unique((distinct[:-1] + distinct[1:]) / 2))
    size = len(edges) + 1
    keys = {str(int(code)) if code.is_integer() else repr(code): size for code in special}
    return Coding(name, size + 1, size, size, edges, keys)


def serving_form(design: Design, boosters: Sequence[Booster], good: Rows) -> Trees:
    """Write the mean of the boosters' trees with the bins that they use; *good* rows say what is usual.

    Rounds: each leaf to a billionth of a logit.
    """
    tops = [coding.size - 1 if coding.labels else len(coding.edges) for coding in design.codings]
    trees = [_flatten(tree["tree_structure"], tops) for b in boosters for tree in b.dump_model()["tree_info"]]
    used = sorted({feature for tree in trees for feature in tree.features})
    place = {feature: number for number, feature in enumerate(used)}
    cuts = {
        feature: sorted(
            {cut for tree in trees for f, cut in zip(tree.features, tree.thresholds, strict=True) if f == feature}
        )
        for feature in used
    }
    codings, lookup = [], {}
    for feature in used:
        coding, steps = _thinned(design.codings[feature], cuts[feature])
        codings.append(coding)
        lookup[feature] = steps
    reference = []
    for number, feature in enumerate(used):
        codes = design.matrix[good, feature]
        missing = np.isnan(codes)
        if missing.mean() > 0.5:  # noqa: PLR2004  the median good row has no value
            reference.append(codings[number].missing)
        else:
            reference.append(lookup[feature][int(np.quantile(codes[~missing], 0.5, method="lower"))])
    return Trees(
        intercept=0,
        codings=tuple(codings),
        reference=tuple(reference),
        features=tuple(tuple(place[f] for f in tree.features) for tree in trees),
        thresholds=tuple(
            tuple(lookup[f][cut] for f, cut in zip(tree.features, tree.thresholds, strict=True)) for tree in trees
        ),
        missing_left=tuple(tuple(tree.missing_left) for tree in trees),
        left=tuple(tuple(tree.left) for tree in trees),
        right=tuple(tuple(tree.right) for tree in trees),
        leaves=tuple(tuple(round(leaf / len(boosters) * LOGIT_UNIT) for leaf in tree.leaves) for tree in trees),
    )


def _thinned(coding: Coding, cuts: list[int]) -> tuple[Coding, list[int]]:
    """Keep only the edges at *cuts*. Shape: the coding, and the new number of each old bin."""
    if coding.labels:
        return coding, list(range(coding.size))
    inner = [cut for cut in cuts if cut < len(coding.edges)]  # a cut past the last bin parts missing from known
    edges = tuple(coding.edges[cut] for cut in inner)
    steps = np.searchsorted(np.array(inner), np.arange(len(coding.edges) + 1), side="left").tolist()
    size = len(edges) + 1
    return Coding(coding.feature, size + 1, size, size, edges, dict.fromkeys(coding.special, size)), steps


class _Flat(NamedTuple):
    """One tree in preorder; leaves from left to right; a threshold is the last bin that goes left."""

    features: list[int]
    thresholds: list[int]
    missing_left: list[bool]
    left: list[int]
    right: list[int]
    leaves: list[float]


def _flatten(structure: dict[str, Any], tops: list[int]) -> _Flat:
    flat = _Flat([], [], [], [], [], [])

    def walk(node: dict[str, Any]) -> int:
        if "leaf_value" in node:
            flat.leaves.append(float(node["leaf_value"]))
            return -len(flat.leaves)
        number = len(flat.features)
        flat.features.append(int(node["split_feature"]))
        flat.thresholds.append(int(min(np.floor(node["threshold"]), tops[flat.features[-1]])))
        heavier_left = _rows(node["left_child"]) >= _rows(node["right_child"])
        flat.missing_left.append(bool(node["default_left"]) if node["missing_type"] == "NaN" else heavier_left)
        flat.left.append(0)
        flat.right.append(0)
        flat.left[number] = walk(node["left_child"])
        flat.right[number] = walk(node["right_child"])
        return number

    walk(structure)
    return flat


def _rows(node: dict[str, Any]) -> int:
    return int(node.get("internal_count", node.get("leaf_count", 0)))
