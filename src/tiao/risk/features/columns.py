"""The states of a set as columns: read from their bytes at once, written back at once.

The layouts are those of `tiao.risk.features.stored`, and of a customer's acquaintances behind its state.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from tiao.risk.features import stored
from tiao.risk.features.entity import RING
from tiao.risk.features.stored import NONE
from tiao.risk.refusals import StateUnreadable

Ints = npt.NDArray[np.int64]
#: Records of one of the layouts below, and bytes.
Records = npt.NDArray[Any]

INSTANTS = ("last_at", "first_plain_fraud_at", "fraud_at", "genuine_at", "plain_run_at", "high_at")
HEAD = np.dtype(
    [
        *((name, "u1") for name in ("version", "changes", "recent")),
        ("last_outcome", "i1"),
        *((name, "<i4") for name in ("usual", "fraud_run", "plain_run")),
        *((name, "<i8") for name in INSTANTS),
        ("mean", "<f8"),
        ("variance", "<f8"),
        ("amount", "<i8"),
        ("day", "<i8"),
        *((name, "<i4") for name in ("payments", "highs", "frauds", "plain_frauds", "genuine")),
        ("spare", "<i4"),
    ]
)
CHANGE = np.dtype(
    [
        ("amount", "<i8"),
        *((name, "<i4") for name in ("payments", "highs", "frauds", "plain_frauds", "genuine")),
        ("back", "<i4"),
    ]
)
RECENT = np.dtype([("at", "<i8"), ("spent", "<i8"), ("other", "<u4"), ("spare", "<u4")])
#: Somebody a customer met: a key of 128 bits, when last, how often, and which group of the definition it is of.
PAIR = np.dtype([("one", "<u8"), ("other", "<u8"), ("last_at", "<i8"), ("seen", "<i4"), ("place", "<i4")])
assert (HEAD.itemsize, CHANGE.itemsize, RECENT.itemsize) == (stored.HEAD.size, stored.CHANGE.size, stored.RECENT.size)
#: In the order of `tiao.risk.features.entity.Totals`.
TOTALS = ("payments", "amount", "highs", "frauds", "plain_frauds", "genuine")


class Columns:
    """States side by side. Shape: *heads* one a state; *changes* and *pairs* one after the other, *_rows* say whose."""

    def __init__(self, contents: Sequence[bytes]) -> None:
        """Read states of the length they say, each followed by its pairs if it has any. Refuses: StateUnreadable."""
        self.contents = contents
        count = len(contents)
        lengths = np.fromiter(map(len, contents), np.int64, count)
        content = np.frombuffer(b"".join(contents), np.uint8)
        begins = np.cumsum(lengths) - lengths
        self.heads = _taken(content, begins, HEAD)
        changes, recent = self.heads["changes"].astype(np.int64), self.heads["recent"].astype(np.int64)
        begins = begins + HEAD.itemsize
        self.change_rows, self.changes = _listed(content, begins, changes, CHANGE)
        if ((self.changes["back"] < 1) | (self.changes["back"] > RING)).any():
            raise StateUnreadable(f"a unit outside of the last {RING}")
        begins = begins + changes * CHANGE.itemsize
        #: Where the payments of the last minutes begin in each of *contents*.
        self.recent_at = HEAD.itemsize + changes * CHANGE.itemsize
        self.pairs_at = self.recent_at + recent * RECENT.itemsize
        self.pair_rows, self.pairs = _listed(
            content, begins + recent * RECENT.itemsize, (lengths - self.pairs_at) // PAIR.itemsize, PAIR
        )
        #: When each was last seen among the payments of the last minutes.
        self.latest = np.full(count, NONE)
        with_recent = np.flatnonzero(recent)
        if len(with_recent):
            at = (begins + (recent - 1) * RECENT.itemsize)[with_recent]
            self.latest[with_recent] = _taken(content, at, RECENT)["at"]

    @property
    def totals(self) -> Ints:
        """What is totalled now. Shape: (states, totals)."""
        return _table(self.heads)

    def ends(self, day: int, windows: Sequence[int]) -> Ints:
        """Give the totals at the end of the unit that lies so many before *day*. Shape: (windows, states, totals).

        No state has reached a later unit than *day*.
        """
        known = np.where(self.heads["day"] == NONE, day, self.heads["day"])
        # What changed last, up to that unit: by whose it is, then by age, the oldest first.
        order = self.change_rows * (RING + 1) + RING - self.changes["back"]
        back = known - day + np.asarray(windows)[:, None]
        rows = np.arange(len(known))
        found = np.searchsorted(order, rows * (RING + 1) + RING - back, side="right") - 1
        table = np.vstack([_table(self.changes), np.zeros((1, len(TOTALS)), dtype=np.int64), self.totals])
        nothing = len(self.changes)
        whose = np.append(self.change_rows, -1)[found]
        place = np.where(back <= 0, nothing + 1 + rows, np.where(whose == rows, found, nothing))
        return table[place]

    def reach(self, day: int) -> None:
        """Close the units before *day*, as `EntityState.reach` does; nobody has reached a later one."""
        known = np.where(self.heads["day"] == NONE, day, self.heads["day"])
        passed = day - known
        if passed.any():
            self._close(day, passed)
        self.heads["day"] = day

    def _close(self, day: int, passed: Ints) -> None:
        base, totals = self.ends(day, (RING,))[0], self.totals
        rows = np.arange(len(passed))
        kept = self.changes["back"] + passed[self.change_rows] < RING
        # A unit closes with what was totalled, where that is not how the one before it ended.
        newest = np.zeros_like(totals)
        newest[self.change_rows] = _table(self.changes)  # of several the last one stays
        closed = (passed > 0) & (passed < RING) & (newest != totals).any(axis=1)
        based = base.any(axis=1)
        made = np.concatenate([_changes(base[based]), self.changes[kept], _changes(totals[closed])])
        back = np.concatenate(
            [
                np.full(int(based.sum()), RING),
                self.changes["back"][kept] + passed[self.change_rows[kept]],
                passed[closed],
            ]
        )
        made["back"] = back
        whose = np.concatenate([rows[based], self.change_rows[kept], rows[closed]])
        order = np.argsort(whose * (RING + 1) + RING - back, kind="stable")
        self.changes, self.change_rows = made[order], whose[order]

    def written(self, recent: dict[int, bytes], pairs: dict[int, bytes]) -> list[bytes]:
        """Write the states: those of the last minutes and the pairs as given, where given, else as they were."""
        counts = np.bincount(self.change_rows, minlength=len(self.contents))
        self.heads["changes"] = counts
        for row, content in recent.items():
            self.heads["recent"][row] = len(content) // RECENT.itemsize
        heads, changes = self.heads.tobytes(), self.changes.tobytes()
        ends = accumulate((counts * CHANGE.itemsize).tolist(), initial=0)
        recent_at, pairs_at = self.recent_at.tolist(), self.pairs_at.tolist()
        size = HEAD.itemsize
        made = []
        for row, (begin, end) in enumerate(pairwise(ends)):
            was = self.contents[row]
            minutes, met = recent.get(row), pairs.get(row)
            made.append(
                heads[row * size : row * size + size]
                + changes[begin:end]
                + (was[recent_at[row] : pairs_at[row]] if minutes is None else minutes)
                + (was[pairs_at[row] :] if met is None else met)
            )
        return made


def _taken(content: Records, begins: Ints, kind: np.dtype[Any]) -> Records:
    return content[begins[:, None] + np.arange(kind.itemsize)].view(kind)[:, 0]  # type: ignore[no-any-return]


def _listed(content: Records, begins: Ints, counts: Ints, kind: np.dtype[Any]) -> tuple[Ints, Records]:
    """Take lists of records that begin at some places, so many each. Shape: whose they are, and the records."""
    rows = np.repeat(np.arange(len(counts)), counts)
    if not len(rows):
        return rows, np.zeros(0, dtype=kind)
    rank = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, _taken(content, begins[rows] + rank * kind.itemsize, kind)


def _table(records: Records) -> Ints:
    return np.stack([records[name] for name in TOTALS], axis=1).astype(np.int64)


def _changes(totals: Ints) -> Records:
    made = np.zeros(len(totals), dtype=CHANGE)
    for place, name in enumerate(TOTALS):
        made[name] = totals[:, place]
    return made
