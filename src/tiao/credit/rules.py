"""What credit decides: a grade into a limit, a history into a raise or a freeze, and the canonical bytes of it all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from uuid import UUID

import msgspec

from tiao.credit.model import (
    About,
    ApplicationInputs,
    Decision,
    DecisionOutcome,
    Engine,
    GradeLimit,
    Inputs,
    LimitPolicy,
    ManualInputs,
    NoReport,
    ReviewInputs,
    Scorer,
    StatementDays,
    Verdict,
)
from tiao.credit.refusals import AppliedTooSoon, CurrencyNotOffered, IncomeInvalid, LimitPolicyInvalid
from tiao.credit.scoring import Bundle, Reason, Scored
from tiao.values.ids import bucket_of
from tiao.values.money import AMOUNT_MAX_MINOR

#: First byte of the canonical form; a new form gets a new number, so old digests stay checkable.
CANONICAL_FORM = b"\x01"
#: Every month has these days, so a statement day among them never moves.
_SPREAD_DAYS = 28
_INPUTS = msgspec.json.Decoder(Inputs)

# Reasons of the policy; the model's own come from its bundle.
THIN_FILE = "THIN_FILE"
BUREAU_UNAVAILABLE = "BUREAU_UNAVAILABLE"
GRADE_BELOW_POLICY = "GRADE_BELOW_POLICY"
RISK_ABOVE_POLICY = "RISK_ABOVE_POLICY"
LIMIT_BY_INCOME = "LIMIT_BY_INCOME"
LIMIT_BY_FLOOR = "LIMIT_BY_FLOOR"
LIMIT_BY_GRADE = "LIMIT_BY_GRADE"
LIMIT_BY_PROGRAMME = "LIMIT_BY_PROGRAMME"
BILLS_PAID_ON_TIME = "BILLS_PAID_ON_TIME"
SERIOUSLY_OVERDUE = "SERIOUSLY_OVERDUE"
DECIDED_BY_PERSON = "DECIDED_BY_PERSON"


def engine_of(bundle: Bundle, policy: LimitPolicy) -> Engine:
    """Join a model and a policy. Refuses: LimitPolicyInvalid, also when the model gives no such grades."""
    return engine_from(bundle, bundle.model.model_version, policy, bundle.reasons, grades(bundle))


def engine_from(
    scorer: Scorer, model_version: str, policy: LimitPolicy, texts: Mapping[str, Reason], known_grades: Sequence[str]
) -> Engine:
    """Join a scorer of any kind and a policy. Refuses: LimitPolicyInvalid."""
    faults = list(_policy_faults(policy))
    unknown = {row.grade for row in policy.grades} - set(known_grades)
    if unknown:
        faults.append(f"the model knows no grade {', '.join(sorted(unknown))}")
    if policy.thin_file.grade in known_grades:
        faults.append(f"grade {policy.thin_file.grade} of a thin file is one of the model's")
    if faults:
        raise LimitPolicyInvalid("; ".join(faults))
    return Engine(scorer, model_version, policy, policy_version(policy), texts)


def grades(bundle: Bundle) -> tuple[str, ...]:
    """Name the model's grades, best first."""
    return tuple(grade.grade for grade in bundle.model.grades)


def load_policy(text: bytes | None = None) -> LimitPolicy:
    """Read a policy from JSON; without one, the policy shipped in ``limits.json``. Refuses: LimitPolicyInvalid."""
    try:
        return msgspec.json.decode(
            (files("tiao.credit") / "limits.json").read_bytes() if text is None else text, type=LimitPolicy
        )
    except msgspec.DecodeError as error:
        raise LimitPolicyInvalid(str(error)) from error


def policy_version(policy: LimitPolicy) -> str:
    """Name a policy by its content: same content, same version. *Shape*: its name and 12 hexadecimal digits."""
    body = CANONICAL_FORM + msgspec.json.encode(policy, order="sorted")
    return f"{policy.name}-{hashlib.sha256(body).hexdigest()[:12]}"


def canonical(inputs: Inputs) -> bytes:
    """Write inputs in their one form: the number of the form, then JSON without spaces, its keys sorted."""
    return CANONICAL_FORM + msgspec.json.encode(inputs, order="sorted")


def read_canonical(body: bytes) -> Inputs:
    """Read inputs back from their canonical form."""
    assert body[:1] == CANONICAL_FORM, f"form {body[:1]!r} of inputs is not known"
    inputs: Inputs = _INPUTS.decode(body[1:])
    return inputs


def digest(body: bytes) -> bytes:
    """Digest canonical bytes. *Shape*: SHA-256, 32 bytes."""
    return hashlib.sha256(body).digest()


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
    """Turn a score, or its absence, and an income into a line or a decline.

    Rounds: the limit down to a whole step. Without a report nobody is declined: the thin file's small limits hold.
    """
    if scored is None:
        assert inputs.no_report is not None, "without a score the inputs say why there is no report"
        why = THIN_FILE if inputs.no_report is NoReport.THIN_FILE else BUREAU_UNAVAILABLE
        limit, bound = limit_of(policy, policy.thin_file, income_minor=inputs.income_minor)
        return Verdict(DecisionOutcome.APPROVED, (why, bound), 0, limit, grade=policy.thin_file.grade)
    row = grade_limit(policy, scored.grade)
    if row is None or Decimal(scored.probability) > policy.probability_max:
        limit, policy_reason = 0, GRADE_BELOW_POLICY if row is None else RISK_ABOVE_POLICY
    else:
        limit, policy_reason = limit_of(policy, row, income_minor=inputs.income_minor)
    return Verdict(
        DecisionOutcome.APPROVED if limit else DecisionOutcome.DECLINED,
        (*scored.reasons, policy_reason),
        0,
        limit,
        scored.probability,
        scored.score,
        scored.grade,
    )


def limit_of(policy: LimitPolicy, row: GradeLimit, *, income_minor: int) -> tuple[int, str]:
    """Compute a first limit, and name what bounds it.

    Rounds: down to a whole step.
    """
    by_income = int(income_minor * Fraction(row.income_multiple))
    limit, bound = (row.floor_minor, LIMIT_BY_FLOOR) if by_income < row.floor_minor else (by_income, LIMIT_BY_INCOME)
    if limit > row.ceiling_minor:
        limit, bound = row.ceiling_minor, LIMIT_BY_GRADE
    if limit > policy.programme_cap_minor:
        limit, bound = policy.programme_cap_minor, LIMIT_BY_PROGRAMME
    return whole_steps(policy, limit), bound


def review_limit(policy: LimitPolicy, inputs: ReviewInputs) -> Verdict | None:
    """Freeze a line that is seriously overdue, raise one whose bills were paid on time; None leaves it as it is.

    Rounds: the new limit down to a whole step; it never exceeds the ceiling of the line's grade or the programme's cap.
    """
    if not inputs.is_active:
        return None
    limit = inputs.limit_minor
    if inputs.worst_stage >= policy.freeze_from_stage:
        return Verdict(DecisionOutcome.FROZEN, (SERIOUSLY_OVERDUE,), limit, limit, grade=inputs.grade)
    row = grade_limit(policy, inputs.grade)
    if inputs.worst_stage > 0 or row is None or inputs.bills_on_time_in_a_row < policy.raise_after_bills:
        return None
    wanted = int(limit * (1 + Fraction(policy.raise_share)))
    raised = whole_steps(policy, min(wanted, row.ceiling_minor, policy.programme_cap_minor))
    if raised <= limit:
        return None
    return Verdict(DecisionOutcome.RAISED, (BILLS_PAID_ON_TIME,), limit, raised, grade=inputs.grade)


def manual_verdict(inputs: ManualInputs) -> Verdict:
    """Take over what a person decided."""
    return Verdict(inputs.outcome, (DECIDED_BY_PERSON,), inputs.limit_before_minor, inputs.limit_after_minor)


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


def recorded(about: About, inputs: Inputs, verdict: Verdict, *, decided_at: datetime) -> Decision:
    """Write the record of a decision: what it saw, in canonical form, and what came of it."""
    body = canonical(inputs)
    return Decision(
        bucket=bucket_of(about.decision_id),
        id=about.decision_id,
        customer_id=about.customer_id,
        application_id=about.application_id,
        line_id=about.line_id,
        kind=about.kind,
        outcome=verdict.outcome,
        inputs=body,
        inputs_digest=digest(body),
        model_version=about.model_version,
        policy_version=about.policy_version,
        probability=verdict.probability,
        score=verdict.score,
        grade=verdict.grade,
        reasons=verdict.reasons,
        limit_before_minor=verdict.limit_before_minor,
        limit_after_minor=verdict.limit_after_minor,
        actor=about.actor,
        decided_at=decided_at,
    )


def differing_fields(stored: Verdict, computed: Verdict | None) -> tuple[str, ...]:
    """Name the fields of two verdicts that are not the same, to the bit; all of them when nothing was decided again."""
    return tuple(
        field
        for field in Verdict.__struct_fields__
        if computed is None or getattr(stored, field) != getattr(computed, field)
    )


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


def _policy_faults(policy: LimitPolicy) -> Iterator[str]:
    if not 0 < policy.probability_max <= 1 or policy.limit_step_minor <= 0 or policy.raise_after_bills <= 0:
        yield "a probability lies in (0, 1], a step and a number of bills are positive"
        return
    rows = (*policy.grades, policy.thin_file)
    names = [row.grade for row in rows]
    if len(set(names)) != len(names):
        yield "a grade is listed twice"
    for row in rows:
        if not 0 < row.floor_minor <= row.ceiling_minor or row.income_multiple < 0:
            yield f"grade {row.grade}: the floor is positive and not above the ceiling, the multiple not negative"
        if row.floor_minor % policy.limit_step_minor or row.ceiling_minor % policy.limit_step_minor:
            yield f"grade {row.grade}: floor and ceiling are whole steps"
    if policy.thin_file.floor_minor > policy.programme_cap_minor or policy.raise_share < 0:
        yield "the programme's cap leaves room for a thin file, and a raise is no cut"
