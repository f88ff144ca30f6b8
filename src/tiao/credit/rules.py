"""What credit decides: a grade into a limit, a history into a raise or a freeze, a limit into a number of approvers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from tiao.credit import reasons
from tiao.credit.known import NOTHING, Known, bounded, bounds, known_of
from tiao.credit.model import (
    ApplicationInputs,
    CaseInputs,
    DecisionOutcome,
    EndInputs,
    Engine,
    Inputs,
    ManualInputs,
    NoReport,
    ReviewInputs,
    StatementDays,
    Verdict,
)
from tiao.credit.refusals import AppliedTooSoon, CurrencyNotOffered, IncomeInvalid
from tiao.credit.scoring import Scored
from tiao.credit.strategy import ApprovalStage, GradeLimit, LimitPolicy
from tiao.values.money import AMOUNT_MAX_MINOR

#: Every month has these days, so a statement day among them never moves.
_SPREAD_DAYS = 28
#: More than two people never have to agree.
APPROVERS_MAX = 2

_RAISED_BECAUSE = (reasons.BILLS_PAID_ON_TIME, reasons.NOTHING_OVERDUE, reasons.ROOM_UNDER_CEILING)
_FROZEN_BECAUSE = (reasons.SERIOUSLY_OVERDUE, reasons.BILLS_NOT_ON_TIME, reasons.KEEPS_DEBT_FROM_GROWING)
_CASE_BECAUSE = {
    DecisionOutcome.DECLINED: reasons.DECLINED_BY_PERSON,
    DecisionOutcome.UPHELD: reasons.DECLINED_BY_PERSON,
    DecisionOutcome.LAPSED: reasons.NOT_ANSWERED_IN_TIME,
}


def check_application(policy: LimitPolicy, *, currency: str, income_minor: int) -> None:
    """Check what is asked before anything is decided. Refuses: CurrencyNotOffered, IncomeInvalid."""
    if currency != policy.currency:
        raise CurrencyNotOffered(f"credit lines are in {policy.currency}", pointer="/currency")
    if not 0 <= income_minor <= AMOUNT_MAX_MINOR:
        raise IncomeInvalid(pointer="/income_minor")


def check_waited(policy: LimitPolicy, declined_at: datetime | None, *, at: datetime) -> None:
    """Demand the wait after a decline. Refuses: AppliedTooSoon."""
    if declined_at is not None and at < (welcome := declined_at + timedelta(days=policy.reapply_after_days)):
        raise AppliedTooSoon(
            f"a new application is welcome from {welcome.isoformat()}", welcome_from=welcome.isoformat()
        )


def decide_application(policy: LimitPolicy, inputs: ApplicationInputs, scored: Scored | None) -> Verdict:
    """Turn a score, or its absence, and an income into a line, a proposal that people decide, or a decline.

    Rounds: the limit down to a whole step. Without a report nobody is declined: the thin file's small limits hold.
    """
    if scored is None:
        assert inputs.no_report is not None, "without a score the inputs say why there is no report"
        why = reasons.THIN_FILE if inputs.no_report is NoReport.THIN_FILE else reasons.BUREAU_UNAVAILABLE
        limit, bound = _first_limit(policy, policy.thin_file, inputs)
        grade = policy.thin_file.grade
        return Verdict(*_granted(policy, grade, limit, (why, reasons.STARTS_SMALL, bound)), 0, limit, grade=grade)
    row = grade_limit(policy, scored.grade)
    is_too_risky = Decimal(scored.probability) > policy.probability_max
    if row is None or is_too_risky:
        against = [reasons.GRADE_BELOW_POLICY] if row is None else [reasons.RISK_ABOVE_POLICY]
        more = [*([reasons.RISK_ABOVE_POLICY] if is_too_risky else []), reasons.NOTHING_OUTWEIGHS]
        limit, outcome = 0, DecisionOutcome.DECLINED
        why_all = reasons.at_least_three([*scored.reasons, *against], more)
    else:
        limit, bound = _first_limit(policy, row, inputs)
        fine = (reasons.RISK_WITHIN_POLICY, reasons.GRADE_WITHIN_POLICY, bound)
        outcome, why_all = _granted(policy, scored.grade, limit, (*scored.reasons, *fine))
    return Verdict(
        outcome,
        why_all,
        0,
        limit,
        scored.probability,
        scored.score,
        scored.grade,
        policy.probability_max,
    )


def _first_limit(policy: LimitPolicy, row: GradeLimit, inputs: ApplicationInputs) -> tuple[int, str]:
    known = known_of(inputs.profile, inputs.absent)
    return limit_of(policy, row, income_minor=inputs.income_minor, cap_minor=inputs.cap_minor, known=known)


def _granted(
    policy: LimitPolicy, grade: str, limit_minor: int, why: tuple[str, ...]
) -> tuple[DecisionOutcome, tuple[str, ...]]:
    """Grant a limit, or refer it to people."""
    if approvers(policy.approval, grade, limit_minor):
        return DecisionOutcome.REFERRED, (*why, reasons.NEEDS_APPROVAL)
    return DecisionOutcome.APPROVED, why


def approvers(stages: Sequence[ApprovalStage], grade: str | None, limit_minor: int) -> int:
    """Say how many people agree to a limit: by the first stage that takes it; two where none does."""
    for stage in stages:
        if limit_minor <= stage.up_to_minor and (not stage.grades or grade in stage.grades):
            return stage.approvers
    return APPROVERS_MAX


def limit_of(
    policy: LimitPolicy,
    row: GradeLimit,
    *,
    income_minor: int,
    cap_minor: int | None = None,
    known: Known = NOTHING,
) -> tuple[int, str]:
    """Compute a first limit, and name what bounds it; *cap_minor* is the rules' own, *known* what the profile says.

    Rounds: down to a whole step.
    """
    by_income = int(income_minor * Fraction(row.income_multiple))
    limit, bound = (by_income, reasons.LIMIT_BY_INCOME)
    if by_income < row.floor_minor:
        limit, bound = row.floor_minor, reasons.LIMIT_BY_FLOOR
    if limit > row.ceiling_minor:
        limit, bound = row.ceiling_minor, reasons.LIMIT_BY_GRADE
    of_profile = bounds(policy, row, limit_minor=limit, income_minor=income_minor, known=known)
    limit, bound = bounded(limit, bound, of_profile)
    if limit > policy.programme_cap_minor:
        limit, bound = policy.programme_cap_minor, reasons.LIMIT_BY_PROGRAMME
    if cap_minor is not None and limit > cap_minor:
        limit, bound = cap_minor, reasons.LIMIT_BY_RULE
    return whole_steps(policy, limit), bound


def warnings_on(policy: LimitPolicy, inputs: ReviewInputs) -> tuple[str, ...]:
    """Name the warnings that are on: each comes at one level and goes at a lower one, so that none flickers."""
    seen = {
        reasons.WARNING_LATE_BILLS: (Fraction(inputs.late_bills), policy.warnings.late_bills),
        reasons.WARNING_USE: (Fraction(inputs.used_minor, max(1, inputs.limit_minor)), policy.warnings.use),
        reasons.WARNING_BEHAVIOUR: (Fraction(inputs.behaviour or 0), policy.warnings.behaviour),
    }
    return tuple(
        code
        for code, (level, band) in seen.items()
        if level >= Fraction(band.on_from) or (code in inputs.warnings_before and level > Fraction(band.off_at))
    )


def review_limit(policy: LimitPolicy, inputs: ReviewInputs) -> Verdict | None:
    """Freeze a line that is seriously overdue, cut one with warnings, raise one that is paid on time.

    None leaves it as it is. Rounds: the new limit down to a whole step; a raise never exceeds the ceiling of the line's
    grade, the programme's cap, the rules' and the income's, a cut never goes below the floor of the grade.
    """
    if not inputs.is_active:
        return None
    limit, row, grade = inputs.limit_minor, grade_limit(policy, inputs.grade), inputs.grade
    if inputs.worst_stage >= policy.freeze_from_stage:
        return Verdict(DecisionOutcome.FROZEN, _FROZEN_BECAUSE, limit, limit, grade=grade)
    if row is None:
        return None
    warnings = warnings_on(policy, inputs)
    if 0 < policy.freeze_from_warnings <= len(warnings):
        return Verdict(DecisionOutcome.FROZEN, _told(warnings, inputs), limit, limit, grade=grade)
    if len(warnings) >= policy.cut_from_warnings and inputs.bills_since_change >= policy.cut_rest_bills:
        moved, outcome = _cut(policy, row, limit), DecisionOutcome.CUT
        why = reasons.at_least_three(_told(warnings, inputs), [reasons.KEEPS_DEBT_FROM_GROWING])
    else:
        needed = policy.raise_after_cut_bills if inputs.is_after_cut else policy.raise_after_bills
        is_clean = not warnings and not inputs.worst_stage and inputs.bills_on_time_in_a_row >= needed
        is_clean = is_clean and _is_calm(policy, inputs.behaviour)
        (moved, held), outcome = _raised(policy, row, inputs) if is_clean else (limit, ()), DecisionOutcome.RAISED
        why = _RAISED_BECAUSE if inputs.behaviour is None else (*_RAISED_BECAUSE, reasons.BEHAVIOUR_CALM)
        why = (*why, *held)
    return None if moved == limit else Verdict(outcome, why, limit, moved, grade=grade)


def _told(warnings: Sequence[str], inputs: ReviewInputs) -> tuple[str, ...]:
    """Name the warnings, and behind that of the behaviour what the model saw in it."""
    behind = inputs.behaviour_reasons if reasons.WARNING_BEHAVIOUR in warnings else ()
    return tuple(dict.fromkeys((*warnings, *behind)))


def _is_calm(policy: LimitPolicy, behaviour: float | None) -> bool:
    """Tell whether the behaviour lets a limit grow; where it is not known, paying on time is enough."""
    return behaviour is None or Fraction(behaviour) <= Fraction(policy.raise_behaviour_max)


def _cut(policy: LimitPolicy, row: GradeLimit, limit_minor: int) -> int:
    cut = whole_steps(policy, max(row.floor_minor, int(limit_minor * (1 - Fraction(policy.cut_share)))))
    return min(cut, limit_minor)


def _raised(policy: LimitPolicy, row: GradeLimit, inputs: ReviewInputs) -> tuple[int, tuple[str, ...]]:
    """Raise a limit under its caps, and name what of the profile holds it back."""
    caps = [row.ceiling_minor, policy.programme_cap_minor]
    caps += [inputs.cap_minor] if inputs.cap_minor is not None else []
    if inputs.income_minor is not None:
        caps.append(max(row.floor_minor, int(inputs.income_minor * Fraction(policy.income_cap_multiple))))
    wanted = min(int(inputs.limit_minor * (1 + Fraction(policy.raise_share))), *caps)
    known = Known(inputs.inflow_minor, inputs.exposure_minor, frozenset(inputs.absent))
    # What is missing made the first limit smaller; it does not shrink the step of who has paid since.
    told = known._replace(absent=frozenset())
    found = bounds(policy, row, limit_minor=wanted, income_minor=inputs.income_minor, known=told)
    held, reason = bounded(wanted, "", found)
    return max(inputs.limit_minor, whole_steps(policy, held)), (reason,) if reason else ()


def manual_verdict(inputs: ManualInputs) -> Verdict:
    """Take over what a person decided."""
    return Verdict(inputs.outcome, (reasons.DECIDED_BY_PERSON,), inputs.limit_before_minor, inputs.limit_after_minor)


def case_verdict(inputs: CaseInputs) -> Verdict:
    """Take over what people decided about a case, or that its time ran out."""
    why = _CASE_BECAUSE.get(inputs.outcome, reasons.APPROVED_BY_PERSON)
    return Verdict(inputs.outcome, (why,), inputs.limit_before_minor, inputs.limit_after_minor)


def end_verdict(inputs: EndInputs) -> Verdict:
    """Take back what a sublimit added, as was agreed when it was granted."""
    before, after = inputs.limit_before_minor, inputs.limit_after_minor
    return Verdict(DecisionOutcome.ENDED, (reasons.SUBLIMIT_OVER,), before, after)


def computed_again(engine: Engine, inputs: Inputs) -> Verdict | None:
    """Compute a verdict from stored inputs alone."""
    match inputs:
        case ApplicationInputs():
            scored = None if inputs.features is None else engine.scorer.score_one(inputs.features)
            return decide_application(engine.policy, inputs, scored)
        case ReviewInputs():
            return review_limit(engine.policy, inputs)
        case ManualInputs():
            return manual_verdict(inputs)
        case CaseInputs():
            return case_verdict(inputs)
        case EndInputs():
            return end_verdict(inputs)


def grade_limit(policy: LimitPolicy, grade: str) -> GradeLimit | None:
    """Find what a grade may be lent; None when it is lent nothing."""
    return next((row for row in (*policy.grades, policy.thin_file) if row.grade == grade), None)


def whole_steps(policy: LimitPolicy, limit_minor: int) -> int:
    """Round a limit down to a whole step."""
    return limit_minor - limit_minor % policy.limit_step_minor


def statement_day(rule: StatementDays, customer_id: UUID, *, today: date) -> int:
    """Choose a new line's statement day. *Shape*: 1 to 28 when spread, the day of the month when it is activation's."""
    match rule:
        case StatementDays.SPREAD:
            return 1 + int.from_bytes(hashlib.sha256(customer_id.bytes).digest()[:8], "big") % _SPREAD_DAYS
        case StatementDays.ACTIVATION_DAY:
            return today.day
