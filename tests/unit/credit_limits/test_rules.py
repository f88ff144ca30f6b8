"""Grades into limits, histories into raises and freezes, and the records of both."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from tiao.credit import engines, reasons, records, rules
from tiao.credit.model import (
    ApplicationInputs,
    BureauReport,
    DecisionOutcome,
    ManualInputs,
    NoReport,
    ReviewInputs,
    StatementDays,
)
from tiao.credit.refusals import AppliedTooSoon, CurrencyNotOffered, IncomeInvalid, LimitPolicyInvalid
from tiao.credit.scoring import Scored, load_bundle
from tiao.values.ids import seeded_ids

POLICY = engines.load_policy()
AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
LINE = UUID(int=1)
FINE = (reasons.RISK_WITHIN_POLICY, reasons.GRADE_WITHIN_POLICY)

# Grade A: 3 times income, 3,000 to 50,000 yuan. F: half of it, 500 to 5,000. N is a person without a file.
LIMITS = """
# grade income_yuan limit_yuan bound
  A     0           3000       LIMIT_BY_FLOOR
  A     999         3000       LIMIT_BY_FLOOR
  A     1000        3000       LIMIT_BY_INCOME
  A     4033.33     12000      LIMIT_BY_INCOME
  A     4033.34     12100      LIMIT_BY_INCOME
  A     16666       49900      LIMIT_BY_INCOME
  A     20000       50000      LIMIT_BY_GRADE
  D     8000        12000      LIMIT_BY_INCOME
  F     8000        4000       LIMIT_BY_INCOME
  F     9999999     5000       LIMIT_BY_GRADE
  N     0           500        LIMIT_BY_FLOOR
  N     5000        1000       LIMIT_BY_INCOME
  N     9999999     2000       LIMIT_BY_GRADE
"""

# A raise is 20 % after three bills on time, in whole hundreds of yuan.
REVIEWS = """
# grade limit_yuan active bills stage outcome limit_after_yuan
  C     10000      yes    3     0     raised  12000
  C     10000      yes    9     0     raised  12000
  C     10000      yes    2     0     -       -
  C     10000      yes    3     1     -       -
  C     10000      yes    3     2     frozen  10000
  C     10000      yes    0     7     frozen  10000
  C     10000      no     3     0     -       -
  C     10000      no     0     2     -       -
  C     10400      yes    3     0     raised  12400
  C     29000      yes    3     0     raised  30000
  C     30000      yes    3     0     -       -
  A     45000      yes    3     0     raised  50000
  F     400        yes    3     0     -       -
  F     500        yes    3     0     raised  600
  N     1900       yes    3     0     raised  2000
  J     10000      yes    3     0     -       -
"""


def _rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines() if line.strip() and not line.strip().startswith("#")]


def _review(**changed: object) -> ReviewInputs:
    usual = ReviewInputs(LINE, date(2026, 3, 10), "C", 1_000_000, True, 3, 0)
    return msgspec.structs.replace(usual, **changed)


@pytest.mark.parametrize(("grade", "income", "limit", "bound"), _rows(LIMITS))
def test_a_grade_and_an_income_make_a_limit(grade: str, income: str, limit: str, bound: str) -> None:
    row = rules.grade_limit(POLICY, grade)
    assert row is not None
    assert rules.limit_of(POLICY, row, income_minor=int(Decimal(income) * 100)) == (int(limit) * 100, bound)


def test_the_programmes_cap_comes_last() -> None:
    tight = msgspec.structs.replace(POLICY, programme_cap_minor=777_777)
    row = rules.grade_limit(tight, "A")
    assert row is not None
    assert rules.limit_of(tight, row, income_minor=10_000_000) == (770_000, reasons.LIMIT_BY_PROGRAMME)
    verdict = rules.review_limit(tight, _review(limit_minor=760_000))
    assert verdict is not None
    assert verdict.limit_after_minor == 770_000


@pytest.mark.parametrize(("grade", "limit", "active", "bills", "stage", "outcome", "after"), _rows(REVIEWS))
def test_a_history_moves_a_limit(
    grade: str, limit: str, active: str, bills: str, stage: str, outcome: str, after: str
) -> None:
    inputs = ReviewInputs(LINE, date(2026, 3, 10), grade, int(limit) * 100, active == "yes", int(bills), int(stage))
    verdict = rules.review_limit(POLICY, inputs)
    if outcome == "-":
        assert verdict is None
    else:
        assert verdict is not None
        assert (verdict.outcome.value, verdict.limit_after_minor) == (outcome, int(after) * 100)
        assert verdict.limit_before_minor == int(limit) * 100


@pytest.mark.parametrize(
    ("grade", "probability", "outcome", "policys"),
    [
        ("A", 0.02, DecisionOutcome.APPROVED, (*FINE, reasons.LIMIT_BY_INCOME)),
        ("F", 0.35, DecisionOutcome.APPROVED, (*FINE, reasons.LIMIT_BY_INCOME)),
        ("F", 0.3500001, DecisionOutcome.DECLINED, (reasons.RISK_ABOVE_POLICY, reasons.NOTHING_OUTWEIGHS)),
        ("G", 0.02, DecisionOutcome.DECLINED, (reasons.GRADE_BELOW_POLICY, reasons.NOTHING_OUTWEIGHS)),
        ("J", 0.9, DecisionOutcome.DECLINED, (reasons.GRADE_BELOW_POLICY, reasons.RISK_ABOVE_POLICY)),
    ],
)
def test_a_score_is_approved_or_declined_with_all_reasons(
    grade: str, probability: float, outcome: DecisionOutcome, policys: tuple[str, ...]
) -> None:
    inputs = ApplicationInputs("CNY", 800_000, {"PAY_0": 0}, None)
    verdict = rules.decide_application(POLICY, inputs, Scored(probability, 500, grade, ("LIMIT",), "v1"))
    assert (verdict.outcome, verdict.reasons) == (outcome, ("LIMIT", *policys))
    assert (verdict.limit_after_minor > 0) is (outcome is DecisionOutcome.APPROVED)
    assert (verdict.probability, verdict.score, verdict.grade) == (probability, 500, grade)


@pytest.mark.parametrize(
    ("why", "reason"), [(NoReport.THIN_FILE, reasons.THIN_FILE), (NoReport.UNAVAILABLE, reasons.BUREAU_UNAVAILABLE)]
)
def test_without_a_report_the_line_is_small_and_nobody_is_declined(why: NoReport, reason: str) -> None:
    verdict = rules.decide_application(POLICY, ApplicationInputs("CNY", 500_000, None, why), None)
    assert verdict.outcome is DecisionOutcome.APPROVED
    assert verdict.reasons == (reason, reasons.STARTS_SMALL, reasons.LIMIT_BY_INCOME)
    assert verdict.limit_after_minor == 100_000
    assert verdict.limit_after_minor <= min(row.ceiling_minor for row in POLICY.grades)
    assert (verdict.probability, verdict.score, verdict.grade) == (None, None, "N")


@pytest.mark.parametrize(("days", "is_welcome"), [(0, False), (29, False), (30, True)])
def test_a_decline_is_waited_out(days: int, is_welcome: bool) -> None:  # noqa: FBT001  a table's column
    if is_welcome:
        rules.check_waited(POLICY, AT, at=AT + timedelta(days=days))
    else:
        with pytest.raises(AppliedTooSoon) as caught:
            rules.check_waited(POLICY, AT, at=AT + timedelta(days=days, hours=23))
        assert caught.value.facts["welcome_from"] == "2026-03-31T04:00:00+00:00"


def test_what_is_asked_must_make_sense() -> None:
    rules.check_application(POLICY, currency="CNY", income_minor=0)
    with pytest.raises(CurrencyNotOffered):
        rules.check_application(POLICY, currency="USD", income_minor=0)
    for income in (-1, 10**12 + 1):
        with pytest.raises(IncomeInvalid):
            rules.check_application(POLICY, currency="CNY", income_minor=income)


def test_the_canonical_form_is_fixed_to_the_byte() -> None:
    inputs = ApplicationInputs("CNY", 800_000, {"PAY_2": -1, "PAY_0": 2}, None)
    assert records.canonical(inputs) == (
        b'\x01{"absent":[],"cap_minor":null,"currency":"CNY","features":{"PAY_0":2,"PAY_2":-1},"income_minor":800000,"no_report":null,'
        b'"profile":null,"profile_version":null,"type":"application"}'
    )
    assert records.digest(b"").hex().startswith("e3b0c442")


@pytest.mark.parametrize(
    "inputs",
    [
        ApplicationInputs("CNY", 1, {"PAY_0": 0}, None),
        ApplicationInputs("CNY", 1, None, NoReport.THIN_FILE),
        _review(),
        ManualInputs(LINE, DecisionOutcome.CUT, 200_000, 100_000, "本人要求"),
    ],
)
def test_canonical_inputs_are_read_back(inputs: ApplicationInputs | ReviewInputs | ManualInputs) -> None:
    assert records.read_canonical(records.canonical(inputs)) == inputs


def test_a_policys_version_follows_its_content() -> None:
    other = msgspec.structs.replace(POLICY, raise_after_bills=4)
    assert engines.policy_version(POLICY) == engines.policy_version(engines.load_policy())
    assert engines.policy_version(other) != engines.policy_version(POLICY)
    assert engines.policy_version(POLICY).startswith("limits-cn-1-")


def test_the_shipped_policy_fits_the_shipped_model_and_better_grades_get_no_less() -> None:
    bundle = load_bundle(Path(str(files("tiao.credit") / "data" / "bundle")))
    engine = engines.engine_of(bundle, POLICY)
    assert engine.model_version == bundle.model.model_version
    listed = [row.grade for row in POLICY.grades]
    assert tuple(listed) == engines.grades(bundle)[: len(listed)], "the best grades, in their order"
    for better, worse in zip(POLICY.grades, (*POLICY.grades[1:], POLICY.thin_file), strict=True):
        assert better.ceiling_minor >= worse.ceiling_minor
        assert better.floor_minor >= worse.floor_minor
        assert better.income_multiple >= worse.income_multiple


@pytest.mark.parametrize(
    "changed",
    [
        {"grades": (*POLICY.grades, POLICY.grades[0])},
        {"grades": (msgspec.structs.replace(POLICY.grades[0], floor_minor=0),)},
        {"grades": (msgspec.structs.replace(POLICY.grades[0], floor_minor=6_000_000),)},
        {"grades": (msgspec.structs.replace(POLICY.grades[0], floor_minor=300_001),)},
        {"grades": (msgspec.structs.replace(POLICY.grades[0], grade="Z"),)},
        {"thin_file": msgspec.structs.replace(POLICY.thin_file, grade="A")},
        {"programme_cap_minor": 10_000},
        {"probability_max": Decimal(0)},
        {"limit_step_minor": 0},
        {"raise_after_bills": 0},
        {"raise_share": Decimal("-0.1")},
    ],
)
def test_a_policy_that_contradicts_itself_or_the_model_is_refused(changed: dict[str, object]) -> None:
    bundle = load_bundle(Path(str(files("tiao.credit") / "data" / "bundle")))
    with pytest.raises(LimitPolicyInvalid):
        engines.engine_of(bundle, msgspec.structs.replace(POLICY, **changed))


@pytest.mark.parametrize("text", [b"{}", b"nonsense", b'[{"name": 1}]'])
def test_a_policy_that_cannot_be_read_is_refused(text: bytes) -> None:
    with pytest.raises(LimitPolicyInvalid):
        engines.load_policies(text)


def test_statement_days_are_spread_over_days_that_every_month_has() -> None:
    ids = seeded_ids("statement days")
    days = [rules.statement_day(StatementDays.SPREAD, ids(AT, 7), today=AT.date()) for _ in range(2_800)]
    assert set(days) == set(range(1, 29))
    assert max(days.count(day) for day in set(days)) < 160, "about 100 each"


def test_a_statement_day_can_be_activations() -> None:
    assert rules.statement_day(StatementDays.ACTIVATION_DAY, LINE, today=date(2026, 1, 31)) == 31
    one = {rules.statement_day(StatementDays.SPREAD, LINE, today=date(2026, month, 1)) for month in range(1, 13)}
    assert len(one) == 1, "a spread day does not depend on the day of opening"


def test_a_report_names_its_months_as_the_model_does() -> None:
    report = BureauReport((1, 2, 3, 4, 5, 6), (10, 20, 30, 40, 50, 60), (11, 21, 31, 41, 51, 61), 9)
    features = report.features()
    assert [features[name] for name in ("PAY_0", "PAY_2", "PAY_3", "PAY_6")] == [1, 2, 3, 6]
    assert [features[name] for name in ("BILL_AMT1", "BILL_AMT6", "PAY_AMT1", "PAY_AMT6")] == [10, 60, 11, 61]
    assert "PAY_1" not in features
    assert features["LIMIT_BAL"] == 9


def test_a_report_of_five_months_is_none() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(
            b'{"statuses":[0,0,0,0,0],"bills":[0,0,0,0,0],"payments":[0,0,0,0,0],"limit":1}', type=BureauReport
        )


def test_verdicts_that_differ_in_the_last_bit_are_told_apart() -> None:
    inputs = ApplicationInputs("CNY", 800_000, {"PAY_0": 0}, None)
    one = rules.decide_application(POLICY, inputs, Scored(0.1, 500, "C", (), "v1"))
    other = rules.decide_application(POLICY, inputs, Scored(0.1 + 2**-56, 500, "C", (), "v1"))
    assert records.differences(one, one) == ()
    [found] = records.differences(one, other)
    assert (found.field, found.stored.hex(), found.bit) == ("probability", "3fb999999999999a", 63)
    assert len(records.differences(one, None)) == 8
