"""How people may be treated: who may borrow, when they may be contacted, what may be reported and said."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from tiao.policy.pack import Pack
from tiao.policy.refusals import (
    ApplicantUnderage,
    BureauQueryWithoutConsent,
    ContactAttemptsExhausted,
    ContactInQuietHours,
    MarketingTermBanned,
    NegativeRecordWithoutNotice,
    RetentionTooShort,
    ReturnPeriodOver,
    StudentBarred,
)
from tiao.values.calendar import add_months

#: How many years something is kept at least, by rule, and for whom the rule is read.
RETENTIONS = ("aml.retention_years", "collect.record_years", "pia.retention_years")


class ApplicantCheck(Enum):
    """How closely an applicant is looked at."""

    ORDINARY = "ordinary"
    ENHANCED = "enhanced_check"


def check_applicant(*, born_on: date, is_student: bool, today: date, pack: Pack, lender_type: str) -> ApplicantCheck:
    """Decide whether a person may apply, and whether a guardian or second source of repayment must be asked for.

    An age is reached on the day after the birthday, the stricter reading.
    Refuses: ApplicantUnderage, StudentBarred.
    Source: policy `applicant.min_age`, `applicant.student_blocked`, `applicant.enhanced_check_ages`.
    """
    years = pack.integer("applicant.min_age", on=today, lender_type=lender_type)
    if not has_reached(years, born_on=born_on, today=today):
        raise ApplicantUnderage(rule="applicant.min_age", years=years)
    if is_student and pack.flag("applicant.student_blocked", on=today, lender_type=lender_type):
        raise StudentBarred(rule="applicant.student_blocked", lender_type=lender_type)
    ages = pack.find("applicant.enhanced_check_ages", on=today, lender_type=lender_type)
    if ages is None:
        return ApplicantCheck.ORDINARY
    assert isinstance(ages.value, dict), "a range of ages"
    is_young = not has_reached(ages.value["to"] + 1, born_on=born_on, today=today)
    return ApplicantCheck.ENHANCED if is_student or is_young else ApplicantCheck.ORDINARY


def has_reached(years: int, *, born_on: date, today: date) -> bool:
    """Tell whether a person is past the birthday that completes *years*."""
    return today > add_months(born_on, 12 * years)


def check_contact_time(at: datetime, *, zone: ZoneInfo, has_consent: bool, pack: Pack, lender_type: str) -> None:
    """Decide whether a debtor may be called, visited or written to now: the clock where the debtor is decides.

    Refuses: ContactInQuietHours. Source: policy `collect.quiet_hours`; the start is quiet, the end is not.
    """
    assert at.tzinfo is not None, "an instant has a zone"
    local = at.astimezone(zone)
    found = pack.find("collect.quiet_hours", on=local.date(), lender_type=lender_type)
    if found is None or has_consent:
        return
    assert isinstance(found.value, dict), "from one time to another"
    starts, ends = time.fromisoformat(found.value["from"]), time.fromisoformat(found.value["to"])
    now = local.time()
    is_quiet = starts <= now < ends if starts <= ends else now >= starts or now < ends
    if is_quiet:
        raise ContactInQuietHours(rule=found.row.id, local_time=now.isoformat("seconds"))


def check_contact_attempt(attempt: int, *, on: date, pack: Pack, lender_type: str) -> None:
    """Decide whether one contact may be tried again today; *attempt* counts this one and every unanswered before it.

    Refuses: ContactAttemptsExhausted.
    """
    rule = "collect.max_attempts_per_contact_day"
    if pack.find(rule, on=on, lender_type=lender_type) is None:
        return
    most = pack.integer(rule, on=on, lender_type=lender_type)
    if attempt > most:
        raise ContactAttemptsExhausted(rule=rule, attempts_max=most)


def check_negative_record(*, notice_on: date | None, upload_on: date, pack: Pack, lender_type: str) -> None:
    """Decide whether a negative record may go to a credit bureau: the person was told long enough before.

    Refuses: NegativeRecordWithoutNotice. Source: 征信业管理条例 art. 15; policy `bureau.negative_prenotice_days`.
    """
    rule = "bureau.negative_prenotice_days"
    days = pack.integer(rule, on=upload_on, lender_type=lender_type)
    if notice_on is None or (upload_on - notice_on).days < days:
        raise NegativeRecordWithoutNotice(rule=rule, days=days)


def check_bureau_query(*, has_consent: bool, on: date, pack: Pack, lender_type: str) -> None:
    """Decide whether a credit bureau may be asked about a person.

    Refuses: BureauQueryWithoutConsent. Source: 征信业管理条例 art. 18; policy `bureau.query_requires_consent`.
    """
    rule = "bureau.query_requires_consent"
    if not has_consent and pack.flag(rule, on=on, lender_type=lender_type):
        raise BureauQueryWithoutConsent(rule=rule, pointer="/bureau_consent")


def check_retention(rule: str, years: int, *, on: date, pack: Pack, party: str) -> None:
    """Decide whether a deletion job may be set to so many years. Refuses: RetentionTooShort."""
    assert rule in RETENTIONS, f"{rule} is not a retention rule"
    least = pack.integer(rule, on=on, lender_type=party)
    if years < least:
        raise RetentionTooShort(rule=rule, years_min=least)


def check_return(*, received_on: date, returned_on: date, pack: Pack) -> None:
    """Decide whether goods come back within the days in which no reason is asked; the day of receipt is not counted.

    Refuses: ReturnPeriodOver. Source: 消费者权益保护法 art. 25, Civil Code art. 201; policy `return.no_reason_days`.
    """
    days = pack.integer("return.no_reason_days", on=received_on, lender_type="merchant")
    if returned_on > received_on + timedelta(days=days):
        raise ReturnPeriodOver(rule="return.no_reason_days", days=days)


def check_marketing_text(text: str, *, on: date, pack: Pack) -> None:
    """Decide whether a text may be published. Refuses: MarketingTermBanned, naming the first word found."""
    found = pack.find("marketing.banned_terms", on=on, lender_type="operator")
    if found is None:
        return
    assert isinstance(found.value, list), "a list of words"
    for word in found.value:
        if word in text:
            raise MarketingTermBanned(rule=found.row.id, word=word)
