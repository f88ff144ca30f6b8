"""What people decide about an application: ask the register, grade, propose, approve, refuse; two people approve."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from tiao.partners.onboarding import rules, store
from tiao.partners.onboarding.actions import application, moved, said_of
from tiao.partners.onboarding.model import (
    Application,
    ApplicationState,
    Check,
    CheckState,
    Grade,
    NoRecord,
    Record,
    StepKind,
)
from tiao.partners.onboarding.refusals import CheckMissing, GradeMissing, GradeNotApprovable, OwnMerchantProposal
from tiao.partners.onboarding.rules import GradingRules
from tiao.partners.scenes.model import Scene
from tiao.partners.scenes.rules import known_scene
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher
from tiao.values.moment import Moment

_NO_RECORD = {
    NoRecord.NOT_REGISTERED: CheckState.NOT_REGISTERED,
    NoRecord.UNAVAILABLE: CheckState.UNAVAILABLE,
}


async def begin_check(tx: Tx, now: Moment, application_id: UUID, *, actor: str) -> tuple[Application, UUID]:
    """Write down that the register is about to be asked; the asking is outside the transaction.

    Refuses: MerchantApplicationUnknown, MerchantApplicationNotOpen.
    """
    found = rules.check_state(
        await application(tx, application_id), ApplicationState.SUBMITTED, ApplicationState.PROPOSED
    )
    check_id = now.new_id()
    await store.insert_check(tx, check_id, found.id, actor=actor, at=now.at)
    return found, check_id


async def record_check(
    tx: Tx,
    now: Moment,
    vault: FieldCipher,
    application_id: UUID,
    check_id: UUID,
    answer: Record | NoRecord,
    *,
    actor: str,
) -> Check:
    """Write down what the register said, and what does not agree with it. Refuses: FieldUnreadable."""
    found = await application(tx, application_id)
    if isinstance(answer, NoRecord):
        state, record = _NO_RECORD[answer], None
        findings = [state.value] if state is CheckState.NOT_REGISTERED else []
    else:
        state, record = CheckState.FOUND, msgspec.json.encode(answer).decode()
        findings = rules.findings(said_of(vault, found), answer, now.today, rules.shipped_grading())
    await store.update_check(tx, check_id, state, record=record, findings=findings, at=now.at)
    said = ",".join([state.value, *findings])
    await store.insert_step(tx, found.id, StepKind.CHECKED, actor=actor, said=said, at=now.at)
    return next(each for each in await store.read_checks(tx, found.id) if each.id == check_id)


async def checks_of(tx: Tx, application_id: UUID) -> list[Check]:
    """Read what the register was asked about a company, latest first."""
    return await store.read_checks(tx, application_id)


async def grade(
    tx: Tx,
    now: Moment,
    vault: FieldCipher,
    scenes: Sequence[Scene],
    application_id: UUID,
    *,
    actor: str,
    grading: GradingRules | None = None,
) -> Grade:
    """Grade a company by the rules as they are now, from what the register last said; as often as wanted.

    Refuses: MerchantApplicationUnknown, MerchantApplicationNotOpen, CheckMissing.
    """
    found = rules.check_state(
        await application(tx, application_id), ApplicationState.SUBMITTED, ApplicationState.PROPOSED
    )
    check = await _last_answer(tx, found)
    chosen = rules.shipped_grading() if grading is None else grading
    wanted = [known_scene(scenes, name, now.today) for name in found.scenes]
    terms, reasons = rules.graded([*check.findings, *rules.own_findings(said_of(vault, found))], wanted, chosen)
    made = Grade(
        number=len(await store.read_grades(tx, found.id)) + 1,
        grade=terms.grade,
        points=sum(each.points for each in reasons),
        reasons=msgspec.json.encode(reasons).decode(),
        rules_version=chosen.version,
        actor=actor,
        at=now.at,
    )
    await store.insert_grade(tx, found.id, made)
    await store.insert_step(tx, found.id, StepKind.GRADED, actor=actor, said=f"{made.grade} {made.points}", at=now.at)
    return made


async def grades_of(tx: Tx, application_id: UUID) -> list[Grade]:
    """Read the grades of an application, latest first."""
    return await store.read_grades(tx, application_id)


async def propose(tx: Tx, now: Moment, application_id: UUID, *, actor: str, note: str) -> Application:
    """Propose that a company be approved, on its latest grade.

    Refuses: MerchantApplicationUnknown, MerchantApplicationNotOpen, CheckMissing, GradeMissing, GradeNotApprovable.
    """
    found = rules.check_state(await application(tx, application_id), ApplicationState.SUBMITTED)
    latest = await _grade_to_decide_on(tx, found)
    changed = msgspec.structs.replace(
        found, state=ApplicationState.PROPOSED, proposed_by=actor, proposed_at=now.at, grade=latest.grade
    )
    return await moved(tx, now, changed, StepKind.PROPOSED, actor=actor, said=note)


async def send_back(tx: Tx, now: Moment, application_id: UUID, *, actor: str, note: str) -> Application:
    """Do not agree to a proposal, or take one's own back: somebody looks again.

    Refuses: MerchantApplicationUnknown, MerchantApplicationNotOpen.
    """
    found = rules.check_state(await application(tx, application_id), ApplicationState.PROPOSED)
    changed = msgspec.structs.replace(
        found, state=ApplicationState.SUBMITTED, proposed_by=None, proposed_at=None, grade=None
    )
    return await moved(tx, now, changed, StepKind.SENT_BACK, actor=actor, said=note)


async def approve(tx: Tx, now: Moment, application_id: UUID, *, actor: str, note: str) -> Application:
    """Agree to what another person proposed: the company may sign.

    Refuses: MerchantApplicationUnknown, MerchantApplicationNotOpen, OwnMerchantProposal, CheckMissing, GradeMissing,
    GradeNotApprovable.
    """
    found = rules.check_state(await application(tx, application_id), ApplicationState.PROPOSED)
    if found.proposed_by == actor:
        raise OwnMerchantProposal
    latest = await _grade_to_decide_on(tx, found)
    changed = msgspec.structs.replace(
        found, state=ApplicationState.APPROVED, decided_by=actor, decided_at=now.at, grade=latest.grade
    )
    return await moved(tx, now, changed, StepKind.APPROVED, actor=actor, said=note)


async def refuse(
    tx: Tx, now: Moment, application_id: UUID, *, actor: str, reasons: Sequence[str], note: str
) -> Application:
    """Refuse an application, with the reasons that the company reads.

    Refuses: MerchantApplicationUnknown, MerchantApplicationNotOpen.
    """
    assert reasons, "a refusal has reasons"
    found = rules.check_state(
        await application(tx, application_id), ApplicationState.SUBMITTED, ApplicationState.PROPOSED
    )
    changed = msgspec.structs.replace(
        found, state=ApplicationState.REFUSED, decided_by=actor, decided_at=now.at, reasons=list(reasons)
    )
    return await moved(tx, now, changed, StepKind.REFUSED, actor=actor, said=note)


async def _last_answer(tx: Tx, found: Application) -> Check:
    """Read the last answer of the register that counts. Refuses: CheckMissing."""
    answered = {CheckState.FOUND, CheckState.NOT_REGISTERED}
    for check in await store.read_checks(tx, found.id):
        if check.state in answered and found.submitted_at is not None and check.asked_at >= found.submitted_at:
            return check
    raise CheckMissing


async def _grade_to_decide_on(tx: Tx, found: Application) -> Grade:
    """Read the grade that a decision stands on. Refuses: CheckMissing, GradeMissing, GradeNotApprovable."""
    check = await _last_answer(tx, found)
    latest = next(iter(await store.read_grades(tx, found.id)), None)
    if latest is None or check.answered_at is None or latest.at < check.answered_at:
        raise GradeMissing
    if not rules.shipped_grading().terms(latest.grade).is_approvable:
        raise GradeNotApprovable(f"the grade is {latest.grade}, with {latest.points} points", grade=latest.grade)
    return latest
