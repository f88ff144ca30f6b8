"""A candidate must show on ripe rows that it is fair, calibrated, explained and no worse; then it can step back too."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from tiao.cli.credit import credit_app
from tiao.credit.scoring import Bundle, load_bundle
from tiao.credit.scoring.bundle import content_digest
from tiao.credit.scoring.model import Additive, Model
from tiao.credit.training.choice import choose
from tiao.credit.training.refusals import ScorerUnfair
from tiao.credit.watching.promotion import Ripe, check_promotion
from tiao.credit.watching.refusals import (
    PromotionByOnePerson,
    PromotionUncalibrated,
    PromotionUnfair,
    PromotionUnproven,
    PromotionWorse,
)
from tiao.learning.forms import Reason
from tiao.values.refusal import Refusal

DATA = Path(str(resources.files("tiao.credit"))) / "data"
TARGET = "default_payment_next_month"
AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle(DATA / "bundle")


@pytest.fixture(scope="module")
def sample() -> pl.DataFrame:
    return pl.read_csv(DATA / "taiwan_sample.csv")


def ripe(sample: pl.DataFrame, target: np.ndarray | None = None, sex: list[str] | None = None) -> Ripe:
    known = sample[TARGET].to_numpy().astype(float)
    protected = {} if sex is None else {"SEX": list(sex)}
    return Ripe(sample.to_dict(as_series=False), protected, known if target is None else target)


def check(bundle: Bundle, rows: Ripe, *, live: Bundle | None = None, approved_by: str = "Bo") -> object:
    return check_promotion(bundle, live, rows, proposed_by="Ann", approved_by=approved_by, at=AT)


def test_a_model_that_keeps_its_promise_may_go_to_work(bundle: Bundle, sample: pl.DataFrame) -> None:
    evidence = check_promotion(bundle, bundle, ripe(sample), proposed_by="Ann", approved_by="Bo", at=AT)
    assert (evidence.rows, evidence.proposed_by, evidence.approved_by) == (5000, "Ann", "Bo")
    assert evidence.auc == evidence.auc_live


def test_one_person_alone_promotes_nothing(bundle: Bundle, sample: pl.DataFrame) -> None:
    with pytest.raises(PromotionByOnePerson):
        check(bundle, ripe(sample), approved_by=" ann ")


def test_a_group_that_is_approved_less_than_four_fifths_blocks_it(bundle: Bundle, sample: pl.DataFrame) -> None:
    probability = np.array([one.probability for one in bundle.score(sample.to_dict(as_series=False))])
    worse_half = np.where(probability > np.median(probability), "a", "b").tolist()
    with pytest.raises(PromotionUnfair, match="AIR"):
        check(bundle, ripe(sample, sex=worse_half))
    even = ["a" if row % 2 else "b" for row in range(sample.height)]
    check(bundle, ripe(sample, sex=even))


WRONG: list[tuple[str, type[Refusal]]] = [
    ("none is bad", PromotionUnproven),
    ("all are twice as bad", PromotionUncalibrated),
]


@pytest.mark.parametrize(("what", "refusal"), WRONG)
def test_without_proof_or_calibration_it_stays_out(
    bundle: Bundle, sample: pl.DataFrame, what: str, refusal: type[Refusal]
) -> None:
    probability = np.array([one.probability for one in bundle.score(sample.to_dict(as_series=False))])
    chance = np.random.default_rng(1).random(len(probability))
    target = np.zeros(len(chance)) if what == "none is bad" else (chance < 2 * probability).astype(float)
    with pytest.raises(refusal):
        check(bundle, ripe(sample, target))


def test_a_candidate_that_ranks_worse_than_the_one_at_work_stays_out(bundle: Bundle, sample: pl.DataFrame) -> None:
    [form] = bundle.scorer.forms
    assert isinstance(form, Additive)
    last = msgspec.structs.replace(
        form, codings=form.codings[-2:], points=form.points[-2:], reference=form.reference[-2:]
    )
    scorers = [msgspec.structs.replace(one, forms=(last,)) for one in bundle.model.scorers]
    poorer = Bundle(msgspec.structs.replace(bundle.model, scorers=tuple(scorers)), list(bundle.reasons.values()))
    with pytest.raises(PromotionWorse):
        check(poorer, ripe(sample), live=bundle)


def renamed(bundle: Path, later: Path) -> Path:
    """Write the same model as one that was trained at another time."""
    shutil.copytree(bundle, later)
    reasons = msgspec.json.decode((later / "reasons.json").read_bytes(), type=list[Reason])
    model = msgspec.json.decode((later / "model.json").read_bytes(), type=Model)
    model = msgspec.structs.replace(model, window={"trained": "later"})
    named = msgspec.structs.replace(model, model_version=content_digest(model, reasons))
    (later / "model.json").write_bytes(msgspec.json.encode(named))
    return later


def test_the_commands_put_a_model_to_work_and_step_back(sample: pl.DataFrame, tmp_path: Path) -> None:
    sample.write_parquet(tmp_path / "ripe.parquet")
    live = tmp_path / "live"
    arguments = ["promote", str(DATA / "bundle"), str(live), "--data", str(tmp_path / "ripe.parquet")]
    people = ["--proposed-by", "Ann", "--approved-by", "Bo"]
    first = CliRunner().invoke(credit_app, [*arguments, *people])
    assert first.exit_code == 0, first.stderr
    assert json.loads((live / "approval.json").read_text(encoding="utf-8"))["approved_by"] == "Bo"
    assert load_bundle(live).model.model_version == json.loads(first.stdout)["candidate"]
    same = CliRunner().invoke(credit_app, [*arguments, *people])
    assert json.loads(same.stderr)["error"] == "model_at_work", "it would be its own model before"
    arguments[1] = str(renamed(DATA / "bundle", tmp_path / "later"))
    refused = CliRunner().invoke(credit_app, [*arguments, "--proposed-by", "Ann", "--approved-by", "Ann"])
    assert refused.exit_code == 2
    assert json.loads(refused.stderr)["error"] == "promotion_by_one_person"
    assert CliRunner().invoke(credit_app, ["demote", str(live)]).exit_code == 2
    assert CliRunner().invoke(credit_app, [*arguments, *people]).exit_code == 0
    back = CliRunner().invoke(credit_app, ["demote", str(live)])
    assert back.exit_code == 0, back.stderr
    assert json.loads((live / "approval.json").read_text(encoding="utf-8"))["live"] is None
    again = CliRunner().invoke(credit_app, ["demote", str(live)])
    assert json.loads(again.stderr)["error"] == "nothing_to_demote_to", "no second step puts back what was withdrawn"
    assert load_bundle(live).model.model_version == json.loads(first.stdout)["candidate"]
    assert load_bundle(tmp_path / "live.demoted").model.window == {"trained": "later"}


def test_a_scorer_that_fails_the_gate_cannot_be_asked_for_when_the_other_passes() -> None:
    measured = {"champion": {"auc": 0.7, "brier": 0.2}, "challenger": {"auc": 0.8, "brier": 0.1}}
    fairness = {"champion": {"passes": True}, "challenger": {"passes": False, "faults": ["SEX a: AIR 0.700"]}}
    with pytest.raises(ScorerUnfair, match=r"AIR 0\.700"):
        choose(measured, fairness, [0.1] * 5, use="challenger")
    assert choose(measured, fairness, [0.1] * 5, use="champion").uses == "champion"
