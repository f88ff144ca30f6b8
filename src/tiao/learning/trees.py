"""Serving boosted trees without the training library, by leaf masks.

For each feature and bin a mask says which leaves of each tree that value still allows; the first leaf in the
intersection over all features is where the row ends. The masks of one family can be left out and its reference's put
in their place, so the reason "what would the logit be if this family were at its reference" is computed exactly and
for every family.
Source: Lucchese et al., QuickScorer (SIGIR 2015), for the masks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from tiao.learning.coding import Codes
from tiao.learning.forms import Trees

Integers = npt.NDArray[np.int64]
_Masks = npt.NDArray[np.uint32]

#: A mask has one bit a leaf, so a tree has at most this many.
LEAVES_MAX = 32

#: Rows taken at once: their masks for a few hundred trees stay in the cache.
_CHUNK = 128


class TreesServer:
    """Trees laid out as masks."""

    def __init__(self, form: Trees, families: Sequence[int], family_count: int) -> None:
        """Build the masks of *form*; *families* gives the family's number of each of its features."""
        self._intercept = form.intercept
        self._family_count = family_count
        self._tree_count = len(form.leaves)
        self._masks = _masks(form)
        self._reference = form.reference
        self._of_family = [
            [i for i, family in enumerate(families) if family == number] for number in range(family_count)
        ]
        self._leaves = np.zeros((self._tree_count, LEAVES_MAX), dtype=np.int64)
        for tree, leaves in enumerate(form.leaves):
            self._leaves[tree, : len(leaves)] = leaves
        # The exponent of a float is 127 more than that of its power of two.
        self._offsets = np.arange(self._tree_count, dtype=np.int32) * LEAVES_MAX - 127
        self._flat = self._leaves.ravel()

    def one(self, codes: Sequence[int]) -> tuple[int, list[int]]:
        """Score one row. Shape: logit, logit gained by each family over its reference; in `LOGIT_UNIT`."""
        logits, lost = self.many(np.asarray([codes], dtype=np.int64))
        return int(logits[0]), [int(value) for value in lost[0]]

    def many(self, codes: Codes) -> tuple[Integers, Integers]:
        """Score rows. Shape: codes (rows, features) to logits (rows) and losses (rows, families)."""
        logits = np.zeros(len(codes), dtype=np.int64)
        lost = np.zeros((len(codes), self._family_count), dtype=np.int64)
        for start in range(0, len(codes), _CHUNK):
            part = slice(start, start + _CHUNK)
            logits[part], lost[part] = self._chunk(codes[part])
        return logits, lost

    def logits(self, codes: Codes) -> Integers:
        """Score rows without asking why; the same logits as `many` gives."""
        logits = np.zeros(len(codes), dtype=np.int64)
        for start in range(0, len(codes) if self._masks else 0, _CHUNK):
            part = codes[start : start + _CHUNK]
            # What all rows share, as a feature that is missing in all of them, is intersected once.
            is_shared = (part == part[0]).all(axis=0)
            shared = np.full(self._tree_count, 0xFFFFFFFF, dtype=np.uint32)
            for member in np.flatnonzero(is_shared).tolist():
                shared &= self._masks[member][part[0, member]]
            alive = np.broadcast_to(shared, (len(part), self._tree_count))
            own = np.flatnonzero(~is_shared).tolist()
            logits[start : start + _CHUNK] = self._value(self._allowed(part, own) & alive if own else alive)
        return logits + self._intercept

    def _chunk(self, codes: Codes) -> tuple[Integers, Integers]:
        used = [number for number, members in enumerate(self._of_family) if members]
        own = [self._allowed(codes, self._of_family[number]) for number in used]
        every = np.full((len(codes), self._tree_count), 0xFFFFFFFF, dtype=np.uint32)
        after = [every]  # after[k]: families from the k-th last on
        for masks in reversed(own):
            after.append(after[-1] & masks)
        logits = self._value(after[-1])
        lost = np.zeros((len(codes), self._family_count), dtype=np.int64)
        before = every
        for position, number in enumerate(used):
            reference = self._reference_mask(self._of_family[number])
            without = before & after[len(used) - 1 - position]
            lost[:, number] = logits - self._value(without & reference)
            before = before & own[position]
        return logits + self._intercept, lost

    def _allowed(self, codes: Codes, members: Sequence[int]) -> _Masks:
        masks: _Masks = self._masks[members[0]][codes[:, members[0]]]
        for member in members[1:]:
            masks &= self._masks[member][codes[:, member]]
        return masks

    def _reference_mask(self, members: Sequence[int]) -> _Masks:
        mask: _Masks = self._masks[members[0]][self._reference[members[0]]].copy()
        for member in members[1:]:
            mask &= self._masks[member][self._reference[member]]
        return mask

    def _value(self, alive: _Masks) -> Integers:
        lowest = alive & (~alive + np.uint32(1))
        # A power of two has its exponent in the top bits of its float form, which holds each of 32 exactly.
        leaf = lowest.astype(np.float32).view(np.int32)
        leaf >>= 23
        leaf += self._offsets
        return self._flat.take(leaf).sum(axis=1, dtype=np.int64)  # type: ignore[no-any-return]


def _masks(form: Trees) -> list[_Masks]:
    """Shape: for each feature (bins, trees): bit i is set when leaf i is still reachable."""
    trees = len(form.leaves)
    masks = [np.full((coding.size, trees), 0xFFFFFFFF, dtype=np.uint32) for coding in form.codings]
    for tree in range(trees):
        for node, cut_left, cut_right in _spans(form, tree):
            feature = form.features[tree][node]
            size, missing = form.codings[feature].size, _missing_bin(form, feature)
            goes_left = np.arange(size) <= form.thresholds[tree][node]
            if missing is not None:
                goes_left[missing] = form.missing_left[tree][node]
            keep = np.where(goes_left, np.uint32(0xFFFFFFFF ^ cut_right), np.uint32(0xFFFFFFFF ^ cut_left))
            masks[feature][:, tree] &= keep
    return masks


def _missing_bin(form: Trees, feature: int) -> int | None:
    """Give the bin that stands outside the order; labels have none: their missing value is a place in the order."""
    coding = form.codings[feature]
    return None if coding.labels else coding.missing


def _spans(form: Trees, tree: int) -> Iterator[tuple[int, int, int]]:
    """For each inner node, the bits of the leaves under its left and under its right child."""
    left, right = form.left[tree], form.right[tree]

    def bits(child: int) -> int:
        return 1 << (-1 - child) if child < 0 else bits(left[child]) | bits(right[child])

    for node in range(len(left)):
        yield node, bits(left[node]), bits(right[node])
