"""What can be done about credit: apply, decide, review, freeze, run again; inside the caller's transaction.

The bureau is asked before the transaction opens (`providers/bureau.py`); its answer comes in as an argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from tiao.credit import carrying, engines, records, rules, store
from tiao.credit.cases import actions as cases
from tiao.credit.cases.model import Case, CaseKind
from tiao.credit.cases.rules import new_case
from tiao.credit.limits import actions as limits
from tiao.credit.model import (
    About,
    Application,
    ApplicationInputs,
    BureauReport,
    Decision,
    DecisionKind,
    DecisionOutcome,
    Engine,
    ManualInputs,
    NoReport,
    RecordedApplication,
    Report,
    Rerun,
    StatementDays,
)
from tiao.credit.refusals import (
    ApplicantUnderAge,
    ApplicationUnderWay,
    DecisionUnknown,
    LimitNotLower,
    LineNotActive,
    LineNotFrozen,
)
from tiao.credit.registry import actions as registry
from tiao.credit.registry import shadowing
from tiao.credit.registry.actions import NO_VERSION
from tiao.credit.scoring import Scored
from tiao.credit.store import Applicant
from tiao.identity.refusals import CustomerUnknown
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine, LineStatus
from tiao.ledger.refusals import LineAlreadyOpen
from tiao.policy.conduct import has_reached
from tiao.profile import actions as profile
from tiao.profile.model import Profile
from tiao.runtime.db import Tx
from tiao.runtime.registry.refusals import ReasonMissing
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

#: Who decided when no person did.
ENGINE_ACTOR = "engine"


async def apply(
    tx: Tx,
    now: Moment,
    engine: Engine,
    application: Application,
    report: Report,
    *,
    statement_days: StatementDays = StatementDays.SPREAD,
) -> Decision:
    """Decide one application, and open the line when it is approved.

    Refuses: AppliedTooSoon, ApplicantUnderAge, ApplicationUnderWay, CurrencyNotOffered, CustomerUnknown, IncomeInvalid,
    LineAlreadyOpen.
    """
    [answer] = await decide_applications(tx, now, engine, [(application, report)], statement_days=statement_days)
    if isinstance(answer, Refusal):
        raise answer
    return answer


async def decide_applications(
    tx: Tx,
    now: Moment,
    engine: Engine,
    applications: Sequence[tuple[Application, Report]],
    *,
    statement_days: StatementDays = StatementDays.SPREAD,
) -> list[Decision | Refusal]:
    """Decide a set of applications, and open the lines of those approved; each is answered, in order.

    What `apply` would refuse is answered with its refusal and leaves no record; the others are not touched by it. A
    customer who appears twice is answered as if the second application came right after the first.
    """
    engine = await registry.deciding(tx, now, engine)
    customer_ids = list({application.customer_id for application, _ in applications})
    applicants = await store.read_applicants(tx, customer_ids)
    scores = _scored(engine, [report for _, report in applications])
    seen = await profile.profiles(tx, now, list(applicants))

    answers: list[Decision | Refusal] = []
    recorded: list[RecordedApplication] = []
    for (application, report), scored in zip(applications, scores, strict=True):
        try:
            who = _checked_applicant(engine, now, application, applicants.get(application.customer_id))
        except Refusal as refusal:
            answers.append(refusal)
            continue
        record, made = _decided(now, engine, application, (report, seen[application.customer_id]), scored)
        recorded.append(record)
        answers.append(made)
        applicants[application.customer_id] = _after(who, made)

    decisions = [answer for answer in answers if isinstance(answer, Decision)]
    if decisions:
        await store.insert_decisions(tx, decisions, recorded)
        await shadowing.score_beside(tx, now, engine, decisions)
    lines = [
        carrying.new_line(now, made, currency=engine.policy.currency, statement_days=statement_days)
        for made in decisions
        if made.line_id
    ]
    if lines:
        await ledger.open_lines(tx, lines)
        await limits.bound_scenes(tx, now, engine.policy, lines)
    await cases.open_cases(
        tx, [_referred(now, engine, made) for made in decisions if made.outcome is DecisionOutcome.REFERRED]
    )
    return answers


async def check_applicant(tx: Tx, now: Moment, engine: Engine, application: Application) -> Applicant:
    """Check who applies before anybody outside is asked about them; `apply` checks again when it decides.

    Refuses: as `apply` does.
    """
    found = await store.read_applicants(tx, [application.customer_id])
    return _checked_applicant(engines.on(engine, now.today), now, application, found.get(application.customer_id))


async def freeze_line(tx: Tx, now: Moment, line_id: UUID, *, actor: str, reason: str) -> Decision:
    """Freeze a line on a person's word. Refuses: LineUnknown, LineNotActive, ReasonMissing."""
    line = await carrying.locked_line(tx, line_id)
    if line.status != LineStatus.ACTIVE:
        raise LineNotActive
    limit = await carrying.fixed_limit(tx, line)
    return await _decide_by_person(
        tx, now, line, ManualInputs(line.id, DecisionOutcome.FROZEN, limit, limit, reason.strip()), actor=actor
    )


async def unfreeze_line(tx: Tx, now: Moment, line_id: UUID, *, actor: str, reason: str) -> Decision:
    """Let a frozen line be used again. Refuses: LineUnknown, LineNotFrozen, ReasonMissing."""
    line = await carrying.locked_line(tx, line_id)
    if line.status != LineStatus.FROZEN:
        raise LineNotFrozen
    limit = await carrying.fixed_limit(tx, line)
    return await _decide_by_person(
        tx, now, line, ManualInputs(line.id, DecisionOutcome.UNFROZEN, limit, limit, reason.strip()), actor=actor
    )


async def cut_limit(
    tx: Tx, now: Moment, engine: Engine, line_id: UUID, limit_minor: int, *, actor: str, reason: str
) -> Decision:
    """Lower a limit on a person's word, the customer's own included; below what is in use it is reached as that falls.

    Refuses: LineUnknown, LimitNotLower, ReasonMissing.
    """
    line = await carrying.locked_line(tx, line_id)
    before = await carrying.fixed_limit(tx, line)
    if not 0 <= limit_minor < before or limit_minor != rules.whole_steps(engine.policy, limit_minor):
        raise LimitNotLower(pointer="/limit_minor", limit_minor=before, step_minor=engine.policy.limit_step_minor)
    return await _decide_by_person(
        tx, now, line, ManualInputs(line.id, DecisionOutcome.CUT, before, limit_minor, reason.strip()), actor=actor
    )


async def decision(tx: Tx, decision_id: UUID) -> Decision:
    """Read one decision. Refuses: DecisionUnknown."""
    found = await store.read_decision(tx, decision_id)
    if found is None:
        raise DecisionUnknown
    return found


async def decisions_of(tx: Tx, customer_id: UUID) -> list[Decision]:
    """Read a customer's decisions, newest first."""
    return await store.read_decisions(tx, customer_id)


async def applications_of(tx: Tx, customer_id: UUID) -> list[RecordedApplication]:
    """Read a customer's applications, oldest first."""
    return await store.read_applications(tx, customer_id)


async def decisions_in_bucket(tx: Tx, bucket: int) -> list[UUID]:
    """Name every decision of a bucket, oldest first."""
    return await store.read_decisions_in_bucket(tx, bucket)


async def rerun(tx: Tx, engine: Engine, decision_id: UUID) -> Rerun:
    """Compute a decision again from its stored inputs, and compare to the bit.

    It is run with the model and the policy that decided: those of *engine*, or as they were kept.
    Refuses: DecisionUnknown, DecisionOfOtherVersion when they were not kept.
    """
    stored = await decision(tx, decision_id)
    decided = await registry.engine_of(tx, engine, stored)
    verdict = rules.computed_again(decided, records.read_canonical(stored.inputs))
    differences = records.differences(stored.verdict, verdict)
    unlike = records.difference("inputs", stored.inputs_digest, records.digest(stored.inputs))
    return Rerun(stored, verdict, (unlike, *differences) if unlike else differences)


def _checked_applicant(engine: Engine, now: Moment, application: Application, who: Applicant | None) -> Applicant:
    if who is None:
        raise CustomerUnknown
    rules.check_application(engine.policy, currency=application.currency, income_minor=application.income_minor)
    years = max(engine.policy.age_min, engine.age_min_on(now.today))
    if not has_reached(years, born_on=who.born_on, today=now.today):
        raise ApplicantUnderAge(f"applicants are at least {years} years old", age_min=years)
    if who.has_line:
        raise LineAlreadyOpen
    if who.is_under_way:
        raise ApplicationUnderWay
    rules.check_waited(engine.policy, who.declined_at, at=now.at)
    return who


def _after(who: Applicant, made: Decision) -> Applicant:
    """Say how a customer stands after a decision, for another application in the same set."""
    match made.outcome:
        case DecisionOutcome.APPROVED:
            return who._replace(has_line=True)
        case DecisionOutcome.REFERRED:
            return who._replace(is_under_way=True)
        case _:
            return who._replace(declined_at=made.decided_at)


def _scored(engine: Engine, reports: Sequence[Report]) -> list[Scored | None]:
    """Score all reports at once; a model scores a row the same alone and among others."""
    rows = [(place, report.features()) for place, report in enumerate(reports) if isinstance(report, BureauReport)]
    scored: list[Scored | None] = [None] * len(reports)
    if len(rows) == 1:
        [(place, features)] = rows
        scored[place] = engine.scorer.score_one(features)
    elif rows:
        columns = {name: [features[name] for _, features in rows] for name in rows[0][1]}
        for (place, _), result in zip(rows, engine.scorer.score(columns), strict=True):
            scored[place] = result
    return scored


def _decided(
    now: Moment, engine: Engine, application: Application, known: tuple[Report, Profile], scored: Scored | None
) -> tuple[RecordedApplication, Decision]:
    report, seen = known
    bucket = bucket_of(application.customer_id)
    record = RecordedApplication(
        bucket=bucket,
        id=application.id or now.new_id(bucket),
        customer_id=application.customer_id,
        currency=application.currency,
        income_minor=application.income_minor,
        received_at=now.at,
    )
    inputs = ApplicationInputs(
        currency=application.currency,
        income_minor=application.income_minor,
        features=report.features() if isinstance(report, BureauReport) else None,
        no_report=report if isinstance(report, NoReport) else None,
        cap_minor=engine.cap_on(now.today),
        profile=dict(seen.values),
        profile_version=seen.version,
        absent=tuple(source.value for source in seen.absent),
    )
    verdict = rules.decide_application(engine.policy, inputs, scored)
    about = About(
        decision_id=now.new_id(bucket),
        customer_id=application.customer_id,
        application_id=record.id,
        line_id=now.new_id(bucket) if verdict.outcome is DecisionOutcome.APPROVED else None,
        kind=DecisionKind.APPLICATION,
        model_version=engine.model_version,
        policy_version=engine.policy_version,
        actor=ENGINE_ACTOR,
    )
    return record, records.recorded(about, inputs, verdict, decided_at=now.at)


def _referred(now: Moment, engine: Engine, made: Decision) -> Case:
    """Hand an application to people: the engine proposes, they agree or not."""
    ends = now.at + timedelta(days=engine.policy.case_days)
    made_case = new_case(
        now,
        CaseKind.APPLICATION,
        customer_id=made.customer_id,
        maker=ENGINE_ACTOR,
        reason=made.reasons[-1],
        due_at=ends,
        approvers_needed=rules.approvers(engine.policy.approval, made.grade, made.limit_after_minor),
        about=made,
    )
    return msgspec.structs.replace(made_case, limit_minor=made.limit_after_minor, expires_at=ends)


async def _decide_by_person(tx: Tx, now: Moment, line: CreditLine, inputs: ManualInputs, *, actor: str) -> Decision:
    if not inputs.reason:
        raise ReasonMissing(pointer="/reason")
    about = About(
        decision_id=now.new_id(line.bucket),
        customer_id=line.customer_id,
        application_id=None,
        line_id=line.id,
        kind=DecisionKind.MANUAL,
        model_version=NO_VERSION,
        policy_version=NO_VERSION,
        actor=actor,
    )
    made = records.recorded(about, inputs, rules.manual_verdict(inputs), decided_at=now.at)
    await store.insert_decisions(tx, [made])
    await carrying.carry_out(tx, [made], await limits.extras_of(tx, [line]))
    return made
