"""What can be done about credit: apply, decide, review, freeze, run again; inside the caller's transaction.

The bureau is asked before the transaction opens (`providers/bureau.py`); its answer comes in as an argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tiao.credit import rules, store
from tiao.credit.model import (
    About,
    Application,
    ApplicationInputs,
    BureauReport,
    Decision,
    DecisionKind,
    DecisionOutcome,
    Engine,
    LineHistory,
    ManualInputs,
    NoReport,
    RecordedApplication,
    Report,
    Rerun,
    ReviewInputs,
    StatementDays,
)
from tiao.credit.refusals import (
    ApplicantUnderAge,
    DecisionOfOtherVersion,
    DecisionUnknown,
    LimitNotLower,
    LineNotActive,
    LineNotFrozen,
    ReasonMissing,
)
from tiao.credit.scoring import Scored
from tiao.identity import actions as identity
from tiao.identity.model import Customer
from tiao.identity.refusals import CustomerUnknown
from tiao.identity.rules import is_of_age
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine, LineStatus
from tiao.ledger.refusals import LineAlreadyOpen, LineUnknown
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of, derived_id
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

#: Who decided when no person did.
ENGINE_ACTOR = "engine"
#: The version in the record of a decision that no model or policy took part in.
NO_VERSION = "none"


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

    Refuses: AppliedTooSoon, ApplicantUnderAge, CurrencyNotOffered, CustomerUnknown, IncomeInvalid, LineAlreadyOpen.
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
    customer_ids = list({application.customer_id for application, _ in applications})
    customers = await identity.customers(tx, customer_ids)
    has_line = set(await ledger.lines_of_customers(tx, customer_ids))
    declined_at = await store.read_last_declines(tx, customer_ids)
    scores = _scored(engine, [report for _, report in applications])

    answers: list[Decision | Refusal] = []
    recorded: list[RecordedApplication] = []
    for (application, report), scored in zip(applications, scores, strict=True):
        try:
            _check_applicant(engine, now, application, customers.get(application.customer_id))
            if application.customer_id in has_line:
                raise LineAlreadyOpen
            rules.check_waited(engine.policy, declined_at.get(application.customer_id), at=now.at)
        except Refusal as refusal:
            answers.append(refusal)
            continue
        record, made = _decided(now, engine, application, report, scored)
        recorded.append(record)
        answers.append(made)
        if made.outcome is DecisionOutcome.APPROVED:
            has_line.add(application.customer_id)
        else:
            declined_at[application.customer_id] = now.at

    decisions = [answer for answer in answers if isinstance(answer, Decision)]
    if decisions:
        await store.insert_applications(tx, recorded)
        await store.insert_decisions(tx, decisions)
    lines = [_opened(now, engine, made, statement_days) for made in decisions if made.line_id]
    if lines:
        await ledger.open_lines(tx, lines)
    return answers


async def review_limits(
    tx: Tx, now: Moment, engine: Engine, histories: Sequence[LineHistory], *, on: date
) -> list[Decision]:
    """Review lines on a business day: raise those repaid on time, freeze those seriously overdue.

    A line is reviewed once a day: run again, nothing happens, and the answer leaves it out. Lines that stay as they
    are leave no record. A history of a line that does not exist is a bug.
    """
    line_ids = [history.line_id for history in histories]
    assert len(set(line_ids)) == len(line_ids), "a review sees each line once"
    lines = await ledger.lock_lines(tx, line_ids)
    given = await store.read_last_grades(tx, [line.customer_id for line in lines.values()])
    reviews = [
        _reviewed(now, engine, line, given.get(line.customer_id, engine.policy.thin_file.grade), history, on)
        for history in histories
        for line in [lines[history.line_id]]
    ]
    decisions = [made for made in reviews if made is not None]
    if not decisions:
        return []
    new = await store.insert_decisions(tx, decisions)
    decisions = [made for made in decisions if made.id in new]
    await _carry_out(tx, decisions)
    return decisions


async def last_raises(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, date]:
    """Read on which business day a review last raised customers' lines, by line; others are left out."""
    found = {
        line: rules.read_canonical(body) for line, body in (await store.read_last_raises(tx, customer_ids)).items()
    }
    return {line: inputs.reviewed_on for line, inputs in found.items() if isinstance(inputs, ReviewInputs)}


async def freeze_line(tx: Tx, now: Moment, line_id: UUID, *, actor: str, reason: str) -> Decision:
    """Freeze a line on a person's word. Refuses: LineUnknown, LineNotActive, ReasonMissing."""
    line = await _locked(tx, line_id)
    if line.status != LineStatus.ACTIVE:
        raise LineNotActive
    limit = line.limit_target_minor
    return await _decide_by_person(
        tx, now, line, ManualInputs(line.id, DecisionOutcome.FROZEN, limit, limit, reason.strip()), actor=actor
    )


async def unfreeze_line(tx: Tx, now: Moment, line_id: UUID, *, actor: str, reason: str) -> Decision:
    """Let a frozen line be used again. Refuses: LineUnknown, LineNotFrozen, ReasonMissing."""
    line = await _locked(tx, line_id)
    if line.status != LineStatus.FROZEN:
        raise LineNotFrozen
    limit = line.limit_target_minor
    return await _decide_by_person(
        tx, now, line, ManualInputs(line.id, DecisionOutcome.UNFROZEN, limit, limit, reason.strip()), actor=actor
    )


async def cut_limit(
    tx: Tx, now: Moment, engine: Engine, line_id: UUID, limit_minor: int, *, actor: str, reason: str
) -> Decision:
    """Lower a limit on a person's word, the customer's own included; below what is in use it is reached as that falls.

    Refuses: LineUnknown, LimitNotLower, ReasonMissing.
    """
    line = await _locked(tx, line_id)
    before = line.limit_target_minor
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


async def rerun(tx: Tx, engine: Engine, decision_id: UUID) -> Rerun:
    """Compute a decision again from its stored inputs, and compare to the bit.

    Refuses: DecisionUnknown, DecisionOfOtherVersion when *engine* is not the one that decided.
    """
    stored = await decision(tx, decision_id)
    versions = (stored.model_version, stored.policy_version)
    if versions not in {(engine.model_version, engine.policy_version), (NO_VERSION, NO_VERSION)}:
        raise DecisionOfOtherVersion(model_version=versions[0], policy_version=versions[1])
    verdict = rules.computed_again(engine, rules.read_canonical(stored.inputs))
    differing = rules.differing_fields(stored.verdict, verdict)
    if rules.digest(stored.inputs) != stored.inputs_digest:
        differing = ("inputs", *differing)
    return Rerun(stored, verdict, differing)


def _check_applicant(engine: Engine, now: Moment, application: Application, customer: Customer | None) -> None:
    if customer is None:
        raise CustomerUnknown
    rules.check_application(engine.policy, currency=application.currency, income_minor=application.income_minor)
    if not is_of_age(customer.born_on, years=engine.policy.age_min, today=now.today):
        raise ApplicantUnderAge(
            f"applicants are at least {engine.policy.age_min} years old", age_min=engine.policy.age_min
        )


def _scored(engine: Engine, reports: Sequence[Report]) -> list[Scored | None]:
    """Score all reports at once; a model scores a row the same alone and among others."""
    rows = [(place, report.features()) for place, report in enumerate(reports) if isinstance(report, BureauReport)]
    scored: list[Scored | None] = [None] * len(reports)
    if rows:
        columns = {name: [features[name] for _, features in rows] for name in rows[0][1]}
        for (place, _), result in zip(rows, engine.scorer.score(columns), strict=True):
            scored[place] = result
    return scored


def _decided(
    now: Moment, engine: Engine, application: Application, report: Report, scored: Scored | None
) -> tuple[RecordedApplication, Decision]:
    bucket = bucket_of(application.customer_id)
    record = RecordedApplication(
        bucket=bucket,
        id=now.new_id(bucket),
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
    return record, rules.recorded(about, inputs, verdict, decided_at=now.at)


def _reviewed(
    now: Moment, engine: Engine, line: CreditLine, grade: str, history: LineHistory, on: date
) -> Decision | None:
    """Review one line; its decision's id is derived from the line and the day, so that it happens once."""
    inputs = ReviewInputs(
        line_id=line.id,
        reviewed_on=on,
        grade=grade,
        limit_minor=line.limit_target_minor,
        is_active=line.status == LineStatus.ACTIVE,
        bills_on_time_in_a_row=history.bills_on_time_in_a_row,
        worst_stage=history.worst_stage,
    )
    verdict = rules.review_limit(engine.policy, inputs)
    if verdict is None:
        return None
    about = About(
        decision_id=derived_id("limit review", line.id, on.isoformat(), bucket=line.bucket),
        customer_id=line.customer_id,
        application_id=None,
        line_id=line.id,
        kind=DecisionKind.REVIEW,
        model_version=engine.model_version,
        policy_version=engine.policy_version,
        actor=ENGINE_ACTOR,
    )
    return rules.recorded(about, inputs, verdict, decided_at=now.at)


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
    made = rules.recorded(about, inputs, rules.manual_verdict(inputs), decided_at=now.at)
    await store.insert_decisions(tx, [made])
    await _carry_out(tx, [made])
    return made


async def _carry_out(tx: Tx, decisions: Sequence[Decision]) -> None:
    """Do to existing lines what was decided about them."""
    limits: list[tuple[UUID, int]] = []
    for made in decisions:
        assert made.line_id is not None, "a decision about a line names it"
        match made.outcome:
            case DecisionOutcome.RAISED | DecisionOutcome.CUT:
                limits.append((made.line_id, made.limit_after_minor))
            case DecisionOutcome.FROZEN:
                await ledger.set_line_status(tx, made.line_id, LineStatus.FROZEN)
            case DecisionOutcome.UNFROZEN:
                await ledger.set_line_status(tx, made.line_id, LineStatus.ACTIVE)
            case DecisionOutcome.APPROVED | DecisionOutcome.DECLINED:
                raise AssertionError("an application's decision opens a line and changes none")
    await ledger.set_limits(tx, limits)


async def _locked(tx: Tx, line_id: UUID) -> CreditLine:
    lines = await ledger.lock_lines(tx, [line_id])
    if line_id not in lines:
        raise LineUnknown
    return lines[line_id]


def _opened(now: Moment, engine: Engine, made: Decision, statement_days: StatementDays) -> CreditLine:
    assert made.line_id is not None, "an approved application has its line"
    return CreditLine(
        bucket=made.bucket,
        id=made.line_id,
        customer_id=made.customer_id,
        currency=engine.policy.currency,
        limit_minor=made.limit_after_minor,
        limit_target_minor=made.limit_after_minor,
        held_minor=0,
        used_minor=0,
        statement_day=rules.statement_day(statement_days, made.customer_id, today=now.today),
        status=LineStatus.ACTIVE,
        opened_on=now.today,
    )
