"""Whole columns are coded and scored as single cells and rows are."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tiao.learning.coding import code_numbers, coder
from tiao.learning.forms import Coding, Trees
from tiao.learning.trees import TreesServer

NUMBERS = st.one_of(st.none(), st.sampled_from((-1.0, 0.0, 2.5, 96.0)), st.floats(allow_nan=False))
EDGES = st.lists(st.floats(-100, 100), min_size=1, max_size=6, unique=True).map(sorted)


@settings(max_examples=200, deadline=None)
@given(values=st.lists(NUMBERS, max_size=20), edges=EDGES, special=st.booleans())
def test_a_column_of_numbers_is_coded_as_its_cells_are(
    *, values: list[float | None], edges: list[float], special: bool
) -> None:
    size = len(edges) + 1
    coding = Coding("x", size + 1, size, size, tuple(edges), {"96": size} if special else {})
    column = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    assert code_numbers(coding, column).tolist() == [coder(coding)(value) for value in values]


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=150),
    leaves=st.lists(st.tuples(*(st.integers(-(10**9), 10**9) for _ in range(3))), min_size=1, max_size=4),
    cuts=st.tuples(st.integers(0, 1), st.integers(0, 1)),
)
def test_logits_are_the_same_with_and_without_reasons(
    rows: list[tuple[int, int]], leaves: list[tuple[int, int, int]], cuts: tuple[int, int]
) -> None:
    count = len(leaves)
    codings = tuple(Coding(name, 4, 3, 3, (0.0, 1.0)) for name in "ab")
    trees = Trees(
        7,
        codings,
        (0, 1),
        features=((0, 1),) * count,
        thresholds=(cuts,) * count,
        missing_left=((True, False),) * count,
        left=((1, -1),) * count,
        right=((-3, -2),) * count,
        leaves=tuple(leaves),
    )
    server = TreesServer(trees, [0, 1], 2)
    codes = np.array(rows, dtype=np.int64)
    assert server.logits(codes).tolist() == server.many(codes)[0].tolist()
    assert server.logits(codes).tolist() == [server.one(row)[0] for row in rows]
