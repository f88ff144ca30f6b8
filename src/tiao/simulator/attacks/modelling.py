"""A model for a life with fraud in it: trained on another life of the same kind, and put to work by two people.

The other life has another seed: other people, other shops, other days of the same five attacks. Its file is the one
that `tiao risk export` writes; what was approved and that nobody spoke of within a week counts as genuine.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from tiao.learning.contract import table_of
from tiao.learning.refusals import TrainingUnavailable
from tiao.learning.schema import Schema
from tiao.risk.exporting import exported, schema_of_export
from tiao.risk.model import Costs
from tiao.risk.models import draft, models
from tiao.runtime.registry.actions import Who

if TYPE_CHECKING:
    from tiao.risk.training.train import Trained
    from tiao.runtime.db import Database
    from tiao.values.moment import Moment

#: Nobody has said anything of an approved payment for so long: it was genuine.
MATURE = timedelta(days=7)
_AFTER_ALL = datetime(9999, 1, 1, tzinfo=UTC)


async def train_on(db: Database, currency: str) -> Trained:
    """Train on what a life came to. Refuses: TrainingUnavailable."""
    try:
        from tiao.risk.training.train import train  # noqa: PLC0415  an extra
    except ImportError as missing:
        raise TrainingUnavailable(f"install tiao[train]: {missing}") from missing
    async with db.begin() as tx:
        rows = await exported(tx, until=_AFTER_ALL, genuine_after=MATURE)
    until = max(row["at"] for row in rows) + MATURE + timedelta(days=1)
    shape = msgspec.convert(schema_of_export(currency), Schema)
    frame = pl.DataFrame(rows, infer_schema_length=None)
    table = table_of(frame, shape, is_training=True, is_csv=False, at=until)
    return train(shape, table, train_until=until, label_delay_us=MATURE // timedelta(microseconds=1), costs=Costs())


async def adopt(db: Database, now: Moment, model: Trained) -> str:
    """Put a model to work before a life begins: one person brings it in, another promotes it. Answers its version."""
    version = model.model.model_version
    async with db.begin() as tx:
        maker, checker = Who("modeller", "trained on another life"), Who("reviewer", "ranks well there")
        await draft(tx, now, model.model, model.reasons, maker)
        await models().propose(tx, now, version, maker)
        # No fraud is known before the first attack: what it showed on later payments of the other life stands for it.
        await models().promote(tx, now, version, checker, evidence=msgspec.json.encode(model.model.metrics))
    return version
