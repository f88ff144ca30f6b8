"""One accepted and one refused case for each rule that the policy layer decides alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from tiao.policy.ageing import LoanClass, class_floor, days_past_due, impairment_stage
from tiao.policy.conduct import (
    ApplicantCheck,
    check_applicant,
    check_bureau_query,
    check_contact_attempt,
    check_contact_time,
    check_marketing_text,
    check_negative_record,
    check_retention,
    check_return,
    has_reached,
)
from tiao.policy.exposure import (
    check_certificate_tenor,
    check_code_day,
    check_concentration,
    check_consumer_limit,
    check_partner_share,
    check_purpose,
    check_tenor,
)
from tiao.policy.model import Override
from tiao.policy.pack import Pack
from tiao.policy.refusals import (
    ApplicantUnderage,
    BureauQueryWithoutConsent,
    CertificateTenorTooLong,
    CodeDayLimitExceeded,
    ConcentrationTooHigh,
    ConsumerLimitAboveRule,
    ContactAttemptsExhausted,
    ContactInQuietHours,
    LoanTenorTooLong,
    MarketingTermBanned,
    NegativeRecordWithoutNotice,
    PartnerShareTooSmall,
    PurposeProhibited,
    RetentionTooShort,
    ReturnPeriodOver,
    StudentBarred,
)
from tiao.values.refusal import Refusal

CN = Pack.load("cn")
ON = date(2026, 11, 22)
CARDS = CN.overridden(
    Override(
        rule="class5.card_from_dpd",
        applies_to="bank",
        approved_by="chief risk officer",
        reviewed_by="counsel",
        reason="the portfolio is credit cards",
        approved_on=date(2026, 1, 1),
        review_on=date(2026, 12, 1),
        expires_on=date(2027, 1, 1),
        switches_on="card-measures",
    )
)
SHANGHAI = ZoneInfo("Asia/Shanghai")

at_bank = {"pack": CN, "lender_type": "bank", "on": ON}
at_mfc = {"pack": CN, "lender_type": "mfc", "on": ON}


def contact(clock: str, zone: str = "Asia/Shanghai", *, has_consent: bool = False) -> Callable[[], None]:
    at = datetime.fromisoformat(f"2026-03-02T{clock}").replace(tzinfo=SHANGHAI)
    return partial(
        check_contact_time, at, zone=ZoneInfo(zone), has_consent=has_consent, pack=CN, lender_type="merchant_credit"
    )


def applicant(born_on: str, lender: str = "bank", *, is_student: bool = False) -> Callable[[], ApplicantCheck]:
    return partial(
        check_applicant,
        born_on=date.fromisoformat(born_on),
        is_student=is_student,
        today=ON,
        pack=CN,
        lender_type=lender,
    )


def record(notice_on: date | None) -> Callable[[], None]:
    return partial(check_negative_record, notice_on=notice_on, upload_on=ON, pack=CN, lender_type="cfc")


single, group = "concentration.single_borrower_of_net_assets", "concentration.group_of_net_assets"
partner, joint = "joint.single_partner_of_tier1", "joint.total_of_all_loans"

CASES: list[tuple[str, type[Refusal], Callable[[], object], Callable[[], object]]] = [
    ("limit.consumer_max", ConsumerLimitAboveRule,
     partial(check_consumer_limit, 20_000_000, **at_bank), partial(check_consumer_limit, 20_000_001, **at_bank)),
    ("limit.business_max", ConsumerLimitAboveRule,
     partial(check_consumer_limit, 10**9, **at_mfc, is_business=True),
     partial(check_consumer_limit, 10**9 + 1, **at_mfc, is_business=True)),
    ("tenor.max_months", LoanTenorTooLong, partial(check_tenor, 60, **at_mfc), partial(check_tenor, 61, **at_mfc)),
    ("tenor.bullet_max_months", LoanTenorTooLong,
     partial(check_tenor, 12, **at_bank, is_bullet=True), partial(check_tenor, 13, **at_bank, is_bullet=True)),
    ("joint.partner_min_share", PartnerShareTooSmall,
     partial(check_partner_share, Decimal("0.30"), **at_bank),
     partial(check_partner_share, Decimal("0.2999"), **at_bank)),
    (single, ConcentrationTooHigh,
     partial(check_concentration, single, Decimal("0.10"), **at_mfc),
     partial(check_concentration, single, Decimal("0.1001"), **at_mfc)),
    (group, ConcentrationTooHigh,
     partial(check_concentration, group, Decimal("0.15"), **at_mfc),
     partial(check_concentration, group, Decimal("0.1501"), **at_mfc)),
    (partner, ConcentrationTooHigh,
     partial(check_concentration, partner, Decimal("0.25"), **at_bank),
     partial(check_concentration, partner, Decimal("0.2501"), **at_bank)),
    (joint, ConcentrationTooHigh,
     partial(check_concentration, joint, Decimal("0.5"), **at_bank),
     partial(check_concentration, joint, Decimal("0.5001"), **at_bank)),
    ("qr.limit_per_day", CodeDayLimitExceeded,
     partial(check_code_day, 50_000, code="D_static", pack=CN, on=ON),
     partial(check_code_day, 50_001, code="D_static", pack=CN, on=ON)),
    ("qr.limit_per_day by agreement", CodeDayLimitExceeded,
     partial(check_code_day, 10**10, code="A_certificate_or_signature", pack=CN, on=ON),
     partial(check_code_day, 500_001, code="B_two_factors", pack=CN, on=ON)),
    ("scf.cert.tenor_max_days", CertificateTenorTooLong,
     partial(check_certificate_tenor, 183, pack=CN, on=ON), partial(check_certificate_tenor, 184, pack=CN, on=ON)),
    ("usage.prohibited", PurposeProhibited,
     partial(check_purpose, "furniture", **at_bank), partial(check_purpose, "securities", **at_bank)),
    ("collect.quiet_hours evening", ContactInQuietHours, contact("21:59:59"), contact("22:00:00")),
    ("collect.quiet_hours morning", ContactInQuietHours, contact("08:00:00"), contact("07:59:59")),
    ("collect.quiet_hours elsewhere", ContactInQuietHours,
     contact("21:30:00", "Europe/Paris"), contact("21:30:00", "Asia/Tokyo")),
    ("collect.quiet_hours with consent", ContactInQuietHours, contact("23:00:00", has_consent=True),
     contact("23:00:00")),
    ("collect.max_attempts_per_contact_day", ContactAttemptsExhausted,
     partial(check_contact_attempt, 6, on=ON, pack=CN, lender_type="cfc"),
     partial(check_contact_attempt, 7, on=ON, pack=CN, lender_type="cfc")),
    ("applicant.min_age", ApplicantUnderage, applicant("2008-11-21"), applicant("2008-11-22")),
    ("applicant.student_blocked", StudentBarred,
     applicant("2000-01-01", "merchant_credit", is_student=True), applicant("2000-01-01", "mfc", is_student=True)),
    ("bureau.query_requires_consent", BureauQueryWithoutConsent,
     partial(check_bureau_query, has_consent=True, **at_bank),
     partial(check_bureau_query, has_consent=False, **at_bank)),
    ("bureau.negative_prenotice_days", NegativeRecordWithoutNotice, record(date(2026, 11, 21)), record(ON)),
    ("bureau.negative_prenotice_days never told", NegativeRecordWithoutNotice,
     record(date(2026, 1, 1)), record(None)),
    ("aml.retention_years", RetentionTooShort,
     partial(check_retention, "aml.retention_years", 10, on=ON, pack=CN, party="cfc"),
     partial(check_retention, "aml.retention_years", 9, on=ON, pack=CN, party="cfc")),
    ("collect.record_years", RetentionTooShort,
     partial(check_retention, "collect.record_years", 5, on=ON, pack=CN, party="cfc"),
     partial(check_retention, "collect.record_years", 4, on=ON, pack=CN, party="cfc")),
    ("pia.retention_years", RetentionTooShort,
     partial(check_retention, "pia.retention_years", 3, on=ON, pack=CN, party="operator"),
     partial(check_retention, "pia.retention_years", 2, on=ON, pack=CN, party="operator")),
    ("return.no_reason_days", ReturnPeriodOver,
     partial(check_return, received_on=date(2026, 11, 3), returned_on=date(2026, 11, 10), pack=CN),
     partial(check_return, received_on=date(2026, 11, 3), returned_on=date(2026, 11, 11), pack=CN)),
    ("marketing.banned_terms", MarketingTermBanned,
     partial(check_marketing_text, "先买后付", on=ON, pack=CN),
     partial(check_marketing_text, "先买后付,秒到账", on=ON, pack=CN)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("refusal", "accepted", "refused"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_rule_accepts_its_boundary_and_refuses_beyond(
    refusal: type[Refusal], accepted: Callable[[], object], refused: Callable[[], object]
) -> None:
    accepted()
    with pytest.raises(refusal):
        refused()


@pytest.mark.parametrize(
    "before_its_first_day",
    [
        partial(check_code_day, 10**9, code="D_static", pack=CN, on=date(2018, 3, 31)),
        partial(check_marketing_text, "低门槛", on=date(2026, 9, 29), pack=CN),
        partial(check_contact_attempt, 99, on=date(2026, 1, 29), pack=CN, lender_type="cfc"),
        partial(check_partner_share, Decimal(0), pack=CN, lender_type="bank", on=date(2021, 12, 31)),
        partial(check_consumer_limit, 10**12, pack=CN, lender_type="merchant_credit", on=ON),
    ],
)
def test_a_rule_is_silent_before_its_first_day_and_for_those_it_does_not_reach(
    before_its_first_day: Callable[[], None],
) -> None:
    before_its_first_day()


@pytest.mark.parametrize(
    ("born_on", "lender", "is_student", "expected"),
    [
        ("1990-01-01", "bank", False, ApplicantCheck.ORDINARY),
        ("1990-01-01", "bank", True, ApplicantCheck.ENHANCED),
        ("2003-11-22", "cfc", False, ApplicantCheck.ENHANCED),
        ("2003-11-21", "cfc", False, ApplicantCheck.ORDINARY),
        ("2004-02-29", "mfc", False, ApplicantCheck.ORDINARY),
    ],
)
def test_students_and_the_young_are_looked_at_more_closely(
    *, born_on: str, lender: str, is_student: bool, expected: ApplicantCheck
) -> None:
    assert applicant(born_on, lender, is_student=is_student)() is expected


@pytest.mark.parametrize(
    ("dpd", "loan_class", "card_class", "stage"),
    [
        (0, "normal", "normal", 1),
        (1, "special_mention", "special_mention", 1),
        (30, "special_mention", "special_mention", 1),
        (31, "special_mention", "special_mention", 2),
        (90, "special_mention", "special_mention", 3),
        (91, "substandard", "substandard", 3),
        (121, "substandard", "doubtful", 3),
        (181, "substandard", "loss", 3),
        (271, "doubtful", "loss", 3),
        (361, "loss", "loss", 3),
    ],
)
def test_classes_and_stages_follow_days_past_due(dpd: int, loan_class: str, card_class: str, stage: int) -> None:
    assert class_floor(dpd, **at_bank) is LoanClass(loan_class)
    assert class_floor(dpd, **(at_bank | {"pack": CARDS}), is_card=True) is LoanClass(card_class)
    assert impairment_stage(dpd, **at_bank) == stage


def test_the_day_after_the_due_date_is_the_first_day_past_due() -> None:
    due = date(2026, 11, 10)
    assert [days_past_due(due, date(2026, 11, day)) for day in (9, 10, 11, 30)] == [0, 0, 1, 20]


@pytest.mark.parametrize(
    ("born_on", "today", "is_adult"),
    [
        ("2008-03-01", "2026-03-01", False),
        ("2008-03-01", "2026-03-02", True),
        ("2008-03-02", "2026-03-01", False),
        ("2008-02-29", "2026-02-28", False),
        ("2008-02-29", "2026-03-01", True),
        ("2008-02-29", "2028-02-29", True),
    ],
)
def test_an_age_is_reached_on_the_day_after_the_birthday(born_on: str, today: str, is_adult: bool) -> None:  # noqa: FBT001  a table's column
    reached = has_reached(18, born_on=date.fromisoformat(born_on), today=date.fromisoformat(today))
    assert reached is is_adult
