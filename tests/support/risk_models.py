"""A fraud model of the small world, trained once a process."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import polars as pl

from support.risk_world import SCHEMA, world
from tiao.learning.contract import table_of
from tiao.learning.schema import schema_of
from tiao.risk.files import score_table
from tiao.risk.model import Costs, Model
from tiao.risk.scoring import Scored
from tiao.risk.training.train import Trained, train

SHAPE = schema_of(SCHEMA, kind="risk")
UNTIL = datetime(2025, 2, 25, tzinfo=UTC)
#: Units: microseconds.
DELAY = 3 * 86_400_000_000


@cache
def trained_on_the_small_world() -> Trained:
    """Train it."""
    table = table_of(world(), SHAPE, is_training=True)
    return train(SHAPE, table, train_until=UNTIL, label_delay_us=DELAY, costs=Costs())


def scores_of(model: Model, rows: pl.DataFrame, *, delay_us: int = DELAY) -> dict[int, Scored]:
    """Score rows. Shape: by id."""
    table = table_of(rows, SHAPE, is_training=False)
    scored = score_table(model, SHAPE, table, label_delay_us=delay_us)
    return dict(zip(rows["id"].to_list(), scored, strict=True))
