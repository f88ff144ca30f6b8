"""Decisions in the customer's words."""

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import pytest

from tiao.credit import reasons
from tiao.credit.explanations import explain, reason_text
from tiao.credit.model import ApplicationInputs, Decision, DecisionKind, DecisionOutcome, NoReport
from tiao.credit.records import canonical
from tiao.credit.scoring import load_bundle

TEXTS = load_bundle(Path(str(files("tiao.credit") / "data" / "bundle"))).reasons
POLICY_CODES = sorted(reasons.TEXTS)


def _decision(outcome: DecisionOutcome, reasons: tuple[str, ...]) -> Decision:
    return Decision(
        bucket=1,
        id=UUID(int=1),
        customer_id=UUID(int=1),
        application_id=None,
        line_id=None,
        kind=DecisionKind.APPLICATION,
        outcome=outcome,
        inputs=canonical(ApplicationInputs("CNY", 0, None, NoReport.THIN_FILE)),
        inputs_digest=b"",
        model_version="v",
        policy_version="p",
        probability=None,
        score=None,
        grade=None,
        reasons=reasons,
        limit_before_minor=0,
        limit_after_minor=1_234_500,
        actor="engine",
        decided_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("outcome", list(DecisionOutcome))
def test_every_outcome_is_told_in_both_languages_with_the_way_to_object(outcome: DecisionOutcome) -> None:
    told = explain(_decision(outcome, ()), TEXTS, currency="CNY")
    assert "人工复核" in told.zh
    assert "a person to look at it again" in told.en
    assert (told.zh + told.en).count("12,345.00") == (told.zh + told.en).count("¥12,345.00")
    assert ("¥12,345.00" in told.zh) is ("¥12,345.00" in told.en)
    assert "CNY" not in told.zh + told.en
    assert " " not in told.zh


def test_a_limit_stands_in_its_sentence_as_amounts_stand_everywhere() -> None:
    told = explain(_decision(DecisionOutcome.APPROVED, ()), TEXTS, currency="CNY")
    assert told.zh.startswith("授信申请已通过，额度为¥12,345.00。")
    assert told.en.startswith("Your application was approved with a limit of ¥12,345.00. ")


@pytest.mark.parametrize("code", [*POLICY_CODES, *TEXTS])
def test_every_reason_has_words(code: str) -> None:
    told = reason_text(code, TEXTS)
    assert told.zh
    assert told.en
    assert told != reason_text("NO_SUCH_REASON", TEXTS)._replace(code=code)


def test_policy_and_model_do_not_share_a_code() -> None:
    declared = {name for name, value in vars(reasons).items() if name == value}
    assert declared == set(POLICY_CODES)
    assert not set(POLICY_CODES) & set(TEXTS)


def test_reasons_keep_their_order_and_an_unknown_one_is_told_in_general() -> None:
    told = explain(
        _decision(DecisionOutcome.DECLINED, ("REPAYMENT", "GONE", reasons.GRADE_BELOW_POLICY)), TEXTS, currency="CNY"
    )
    assert [reason.code for reason in told.reasons] == ["REPAYMENT", "GONE", reasons.GRADE_BELOW_POLICY]
    assert told.reasons[0].en == "Recent repayments were small"
    assert "GONE" not in told.reasons[1].en
