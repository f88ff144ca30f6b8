"""Training and scoring a small world: same bits twice, every payment decided, reasons for all but the allowed."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import polars as pl
import pytest

from support.risk_models import DELAY, SHAPE, UNTIL, scores_of
from support.risk_world import SCHEMA
from tiao.learning.contract import table_of
from tiao.learning.refusals import BundleUnreadable, InputRefused
from tiao.learning.schema import schema_of
from tiao.risk.evaluate import evaluation, measured_rows, period
from tiao.risk.files import score_events, score_table
from tiao.risk.model import DECISIONS, Costs, load_model
from tiao.risk.replay import events_of
from tiao.risk.training.bundle import write_bundle
from tiao.risk.training.train import Trained, train


def errors(refusal: pytest.ExceptionInfo[InputRefused]) -> set[str]:
    return {fault.error for fault in refusal.value.faults}


def test_the_same_rows_in_any_order_give_the_same_model(rows: pl.DataFrame, trained: Trained) -> None:
    shuffled = rows.sample(fraction=1.0, shuffle=True, seed=5)
    again = train(
        SHAPE, table_of(shuffled, SHAPE, is_training=True), train_until=UNTIL, label_delay_us=DELAY, costs=Costs()
    )
    assert msgspec.json.encode(again.model) == msgspec.json.encode(trained.model)
    assert again.reasons == trained.reasons


def test_rows_from_the_instant_on_are_not_looked_at(rows: pl.DataFrame, trained: Trained) -> None:
    earlier = rows.filter(pl.col("when") < UNTIL.replace(tzinfo=None))
    again = train(
        SHAPE, table_of(earlier, SHAPE, is_training=True), train_until=UNTIL, label_delay_us=DELAY, costs=Costs()
    )
    assert again.model.model_version == trained.model.model_version


def test_it_tells_fraud_from_the_rest(rows: pl.DataFrame, trained: Trained) -> None:
    table = table_of(rows, SHAPE, is_training=False, is_labelled=True)
    events = events_of(table, SHAPE, label_delay_us=DELAY)
    between = period(trained.model, events, since=UNTIL, until=None, label_delay_us=DELAY)
    measured = measured_rows(trained.model, events, between, label_delay_us=DELAY)
    scored = score_events(trained.model, table, events, wanted=measured)
    report = evaluation(trained.model, events, scored, measured)
    assert report["auc"] > 0.8
    assert report["average_precision"] > 3 * report["frauds"] / report["rows"]
    assert report["cost"]["decided"] < report["cost"]["allow_all"]
    recalls = [report["decisions"][decision]["recall_from_here"] for decision in DECISIONS]
    assert recalls == sorted(recalls, reverse=True)
    assert recalls[0] == 1.0


def test_reasons_are_given_for_everything_but_what_is_allowed(rows: pl.DataFrame, trained: Trained) -> None:
    scored = scores_of(trained.model, rows)
    assert {one.decision for one in scored.values()} > {"allow"}
    codes = {reason.code for reason in trained.reasons}
    for one in scored.values():
        assert 0.0 <= one.score <= 1.0
        assert bool(one.reasons) == (one.decision != "allow")
        assert set(one.reasons) <= codes
    bounds = [band.pd_low for band in trained.model.grades]
    assert bounds == sorted(bounds)
    order = sorted(scored.values(), key=lambda one: one.score)
    severity = [DECISIONS.index(one.decision) for one in order]
    assert severity == sorted(severity)


def test_labels_may_be_absent_when_scoring(rows: pl.DataFrame, trained: Trained) -> None:
    bare = scores_of(trained.model, rows.drop("fraud"))
    none = scores_of(trained.model, rows.with_columns(fraud=pl.lit(2)))
    assert bare == none


def test_a_label_time_of_the_file_goes_before_the_delay(rows: pl.DataFrame, trained: Trained) -> None:
    late = schema_of(
        {**SCHEMA, "columns": [*SCHEMA["columns"], {"name": "told", "type": "timestamp", "role": "label_time"}]},
        kind="risk",
    )
    told = rows.with_columns(told=pl.col("when") + pl.duration(microseconds=DELAY))
    table = table_of(told, late, is_training=False)
    by_file = score_table(trained.model, late, table, label_delay_us=77)
    assert by_file == list(scores_of(trained.model, rows).values())


def test_the_bundle_is_read_back_and_an_altered_one_refused(trained: Trained, tmp_path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  pytest's own
    write_bundle(tmp_path / "model", trained.model, trained.reasons)
    model, reasons = load_model(tmp_path / "model")
    assert msgspec.json.encode(model) == msgspec.json.encode(trained.model)
    assert reasons == trained.reasons
    assert (tmp_path / "model" / "card.md").read_text(encoding="utf-8").startswith("# Fraud model")
    content = (tmp_path / "model" / "model.json").read_text(encoding="utf-8")
    (tmp_path / "model" / "model.json").write_text(content.replace('"step_up_leak": 0.3', '"step_up_leak": 0.2'))
    with pytest.raises(BundleUnreadable):
        load_model(tmp_path / "model")


def test_faults_of_a_schema_are_all_listed() -> None:
    bare = {**SCHEMA, "columns": [SCHEMA["columns"][0], SCHEMA["columns"][-1]]}
    with pytest.raises(InputRefused) as refusal:
        schema_of(bare, kind="risk")
    assert errors(refusal) == {"exactly_one_event_time_column", "no_group_column"}
    with pytest.raises(InputRefused) as refusal:
        schema_of({**SCHEMA, "kind": "credit"}, kind="risk")
    assert "wrong_kind" in errors(refusal)


def test_faults_of_rows_are_all_listed(rows: pl.DataFrame) -> None:
    harmed = rows.with_columns(
        when=pl.when(pl.col("id") == 3).then(None).otherwise(pl.col("when")),
        paid=pl.when(pl.col("id") == 4).then(float("inf")).otherwise(pl.col("paid")),
        fraud=pl.when(pl.col("id") == 5).then(9).otherwise(pl.col("fraud")),
    ).drop("shop")
    with pytest.raises(InputRefused) as refusal:
        table_of(harmed, SHAPE, is_training=False)
    assert errors(refusal) == {"missing_event_time", "amount_not_finite", "unknown_target", "missing_column"}


def test_nothing_to_learn_from_is_refused(rows: pl.DataFrame) -> None:
    table = table_of(rows, SHAPE, is_training=True)
    with pytest.raises(InputRefused) as refusal:
        train(SHAPE, table, train_until=datetime(2024, 1, 1, tzinfo=UTC), label_delay_us=DELAY, costs=Costs())
    assert errors(refusal) == {"no_rows_before"}
    honest = table_of(rows.with_columns(fraud=pl.lit(0)), SHAPE, is_training=True)
    with pytest.raises(InputRefused) as refusal:
        train(SHAPE, honest, train_until=UNTIL, label_delay_us=DELAY, costs=Costs())
    assert errors(refusal) == {"too_few_labelled_rows"}
    assert refusal.value.faults[0].column == "fraud"
    told = table_of(rows.with_columns(hour=pl.col("fraud")), SHAPE, is_training=True)
    with pytest.raises(InputRefused) as refusal:
        train(SHAPE, told, train_until=UNTIL, label_delay_us=DELAY, costs=Costs())
    assert errors(refusal) == {"target_leakage"}
    named = table_of(
        rows.with_columns(channel=pl.when(pl.col("fraud") == 1).then(pl.lit("x")).otherwise("channel")),
        SHAPE,
        is_training=True,
    )
    with pytest.raises(InputRefused) as refusal:
        train(SHAPE, named, train_until=UNTIL, label_delay_us=DELAY, costs=Costs())
    assert [(fault.error, fault.column) for fault in refusal.value.faults] == [("target_leakage", "channel")]
