"""Public simulated payments by the one automatic training: ranking near what is known to be possible, and not above it.

Source: Fraud Detection Handbook (Le Borgne et al.), whose transactions these are, and its own split; S-FFSD of the
antifraud repository. Some days and every eighth terminal are taken; floors are below those in docs/risk.md.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tiao.learning.contract import table_of
from tiao.learning.schema import read_schema
from tiao.risk.evaluate import evaluation, measured_rows, period
from tiao.risk.files import score_events
from tiao.risk.model import Costs
from tiao.risk.replay import events_of
from tiao.risk.training.train import train

SETS = Path(__file__).parents[3] / "shared" / "data"
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


def measured(name: str, frame: pl.DataFrame, until: datetime, delay_us: int, since: datetime) -> dict[str, float]:
    schema = read_schema(SETS / name / "schema.json", kind="risk")
    trained = train(
        schema,
        table_of(frame, schema, is_training=True),
        train_until=until,
        label_delay_us=delay_us,
        costs=Costs(),
    )
    table = table_of(frame, schema, is_training=False, is_labelled=True)
    events = events_of(table, schema, label_delay_us=delay_us)
    between = period(trained.model, events, since=since, until=None, label_delay_us=delay_us)
    rows = measured_rows(trained.model, events, between, label_delay_us=delay_us)
    scored = score_events(trained.model, table, events, wanted=rows)
    return evaluation(trained.model, events, scored, rows)


@pytest.mark.parametrize(("delay_days", "floor", "ceiling"), [(7, 0.55, 0.80), (1, 0.65, 0.95)])
def test_handbook_payments_are_ranked_and_earlier_labels_help(delay_days: int, floor: float, ceiling: float) -> None:
    if not (SETS / "fraud_handbook").exists():
        pytest.skip("needs ../shared/data/fraud_handbook")
    frame = (
        pl.scan_parquet(SETS / "fraud_handbook" / "dev_2018-04_08.parquet")
        .filter(pl.col("TX_TIME_DAYS").is_between(80, 135) & (pl.col("TERMINAL_ID") % 8 == 0))
        .collect()
    )
    until = datetime(2018, 8, 1, tzinfo=UTC)
    report = measured("fraud_handbook", frame, until, delay_days * _DAY, until + timedelta(days=7))
    assert floor <= report["average_precision"] <= ceiling


def test_payments_on_a_step_counter_are_ranked() -> None:
    if not (SETS / "fraud_sffsd").exists():
        pytest.skip("needs ../shared/data/fraud_sffsd")
    frame = pl.read_parquet(SETS / "fraud_sffsd" / "sffsd.parquet")
    until = datetime.fromtimestamp(int(frame.height * 0.6), tz=UTC)
    report = measured("fraud_sffsd", frame, until, 0, until)
    assert 0.92 <= report["auc"] <= 0.97
