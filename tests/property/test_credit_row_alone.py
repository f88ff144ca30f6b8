"""A row's result does not depend on its neighbours: alone, in a batch, in any order, the same to the bit."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tiao.credit.scoring import Bundle, load_bundle

FOLDER = Path(str(resources.files("tiao.credit"))) / "data" / "bundle"
BUNDLES = [load_bundle(FOLDER), load_bundle(FOLDER, scorer="challenger")]
COLUMNS = sorted({name for bundle in BUNDLES for name in bundle.inputs})

CELLS = st.one_of(
    st.none(),
    st.integers(-2, 9),
    st.integers(-200_000, 1_000_000),
    st.floats(allow_nan=True, allow_infinity=True, width=64),
)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELLS)), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, bundle=st.sampled_from(BUNDLES), order=st.randoms(use_true_random=False))
def test_alone_in_a_batch_and_shuffled_are_the_same_bits(rows: list[dict[str, float]], bundle: Bundle, order) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  Hypothesis's own Random
    batch = bundle.score({name: [row[name] for row in rows] for name in COLUMNS})
    assert [bundle.score_one(row) for row in rows] == batch
    places = list(range(len(rows)))
    order.shuffle(places)
    shuffled = bundle.score({name: [rows[place][name] for place in places] for name in COLUMNS})
    assert shuffled == [batch[place] for place in places]
    for one in batch:
        assert 0.0 < one.probability < 1.0
        assert len(set(one.reasons)) == len(one.reasons) <= 3
