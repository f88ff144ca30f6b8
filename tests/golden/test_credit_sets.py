"""Public credit sets by the one automatic training: ranking at or above the figures published or measured for them.

Source: floors from 5-fold figures of monotone scorecards and boosted trees on the same sets (UCI German and Taiwan,
Give Me Some Credit, FICO HELOC, Polish bankruptcies, Lending Club 2018), lowered by what fewer rows cost here.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tiao.credit.training.train import train
from tiao.learning.contract import table_of
from tiao.learning.schema import read_schema

SETS = Path(__file__).parents[3] / "shared" / "data"

#: Set, file, rows used (0 = all), floor of the out-of-fold AUC of what scores, ceiling past which something leaks.
FLOORS = [
    ("credit_german", "german", 0, 0.77, 0.84),
    ("credit_heloc", "heloc", 3_000, 0.775, 0.84),
    ("credit_taiwan", "dev", 3_000, 0.745, 0.82),
    ("credit_gmsc", "dev", 8_000, 0.835, 0.885),
    ("bankruptcy_polish", "polish_5year", 1_500, 0.87, 0.985),
    ("credit_lendingclub", "dev_2018-01_06", 4_000, 0.68, 0.75),
]


@pytest.mark.parametrize(("name", "file", "rows", "floor", "ceiling"), FLOORS)
def test_a_public_set_is_ranked_as_well_as_is_known_to_be_possible(
    name: str, file: str, rows: int, floor: float, ceiling: float
) -> None:
    folder = SETS / name
    if not folder.exists():
        pytest.skip(f"needs ../shared/data/{name}")
    frame = pl.read_parquet(folder / f"{file}.parquet")
    if rows:
        frame = frame.sample(rows, seed=1)
    schema = read_schema(folder / "schema.json")
    trained = train(schema, table_of(frame, schema, is_training=True), use=None)
    used = trained.summary[trained.summary["uses"]]
    assert floor <= used["auc"] <= ceiling
    rates = [grade.bad_rate for grade in trained.model.grades]
    assert rates == sorted(rates), "the master scale has no inversion"
    protected = {column.name for column in schema.of_role("protected", "exclude", "target", "id")}
    assert not protected & {name for feature in trained.model.features for name in feature.inputs}
