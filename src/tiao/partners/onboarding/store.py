"""Rows to applications, papers, checks, grades and contracts, and back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.partners.onboarding.model import (
    Admission,
    Application,
    ApplicationState,
    Check,
    CheckState,
    ContractText,
    Grade,
    KeptPaper,
    NewPaper,
    PaperView,
    Said,
    Signature,
    Step,
    StepKind,
)
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.partners.onboarding")


def _words(said: Said, private_sealed: bytes) -> dict[str, object]:
    return {
        "company": said.company,
        "credit_code": said.credit_code,
        "trade_name": said.trade_name,
        "currency": said.currency,
        "scenes": said.scenes,
        "websites": said.websites,
        "stores": said.stores,
        "private": private_sealed,
    }


async def insert_application(
    tx: Tx, application_id: UUID, said: Said, private_sealed: bytes, *, opened_by: str, at: datetime
) -> None:
    """Write a new application. Refuses: CompanyAppliesAlready."""
    await tx.execute(
        _QUERIES.insert_application, id=application_id, opened_by=opened_by, at=at, **_words(said, private_sealed)
    )


async def change_application(tx: Tx, application_id: UUID, said: Said, private_sealed: bytes) -> None:
    """Write what a company says now. Refuses: CompanyAppliesAlready."""
    await tx.execute(_QUERIES.change_application, id=application_id, **_words(said, private_sealed))


async def lock_application(tx: Tx, application_id: UUID) -> Application | None:
    """Read an application and lock it."""
    return await tx.maybe(_QUERIES.lock_application, Application, id=application_id)


async def read_application_of_merchant(tx: Tx, merchant_id: UUID) -> UUID | None:
    """Read which application a merchant came from."""
    found: UUID | None = await tx.value(_QUERIES.application_of_merchant, merchant=merchant_id)
    return found


async def read_applications(
    tx: Tx, *, state: ApplicationState | None, before_at: datetime, before_id: UUID, limit: int
) -> list[Application]:
    """Read applications, latest first."""
    named = None if state is None else state.value
    return await tx.rows(
        _QUERIES.applications, Application, state=named, before_at=before_at, before_id=before_id, limit=limit
    )


async def update_state(tx: Tx, application: Application) -> None:
    """Write how far an application has come."""
    await tx.execute(
        _QUERIES.set_state,
        id=application.id,
        state=application.state.value,
        submitted_at=application.submitted_at,
        proposed_by=application.proposed_by,
        proposed_at=application.proposed_at,
        decided_by=application.decided_by,
        decided_at=application.decided_at,
        grade=application.grade,
        reasons=application.reasons,
    )


async def insert_step(
    tx: Tx, application_id: UUID, kind: StepKind, *, actor: str, said: str = "", at: datetime
) -> None:
    """Write what was done; the caller holds the application's lock."""
    await tx.execute(_QUERIES.insert_step, application=application_id, kind=kind.value, actor=actor, said=said, at=at)


async def read_steps(tx: Tx, application_id: UUID) -> list[Step]:
    """Read what was done."""
    return await tx.rows(_QUERIES.steps, Step, application=application_id)


async def insert_paper(
    tx: Tx,
    application_id: UUID,
    new: NewPaper,
    *,
    number: int,
    digest: bytes,
    sealed: bytes,
    shown_by: str,
    at: datetime,
) -> None:
    """Write a document."""
    await tx.execute(
        _QUERIES.insert_paper,
        application=application_id,
        number=number,
        kind=new.kind.value,
        name=new.name,
        media_type=new.media_type,
        size=len(new.content),
        digest=digest,
        sealed=sealed,
        shown_by=shown_by,
        at=at,
    )


async def read_papers(tx: Tx, application_id: UUID) -> list[KeptPaper]:
    """Read documents without their content."""
    return await tx.rows(_QUERIES.papers, KeptPaper, application=application_id)


async def read_content(tx: Tx, application_id: UUID, number: int) -> bytes | None:
    """Read a document's sealed content."""
    found: bytes | None = await tx.value(_QUERIES.paper_content, application=application_id, number=number)
    return found


async def insert_view(tx: Tx, application_id: UUID, number: int, *, viewer: str, reason: str, at: datetime) -> None:
    """Write that somebody looks at a document."""
    await tx.execute(
        _QUERIES.insert_view, application=application_id, number=number, viewer=viewer, reason=reason, at=at
    )


async def read_views(tx: Tx, application_id: UUID) -> list[PaperView]:
    """Read who looked at what."""
    return await tx.rows(_QUERIES.views, PaperView, application=application_id)


async def insert_check(tx: Tx, check_id: UUID, application_id: UUID, *, actor: str, at: datetime) -> None:
    """Write that the register is about to be asked."""
    await tx.execute(_QUERIES.insert_check, id=check_id, application=application_id, actor=actor, at=at)


async def update_check(
    tx: Tx, check_id: UUID, state: CheckState, *, record: str | None, findings: list[str], at: datetime
) -> None:
    """Write what the register said."""
    await tx.execute(_QUERIES.answer_check, id=check_id, state=state.value, record=record, findings=findings, at=at)


async def read_checks(tx: Tx, application_id: UUID) -> list[Check]:
    """Read what the register was asked."""
    return await tx.rows(_QUERIES.checks, Check, application=application_id)


async def insert_grade(tx: Tx, application_id: UUID, grade: Grade) -> None:
    """Write a grade."""
    await tx.execute(
        _QUERIES.insert_grade,
        application=application_id,
        number=grade.number,
        grade=grade.grade,
        points=grade.points,
        reasons=grade.reasons,
        version=grade.rules_version,
        actor=grade.actor,
        at=grade.at,
    )


async def read_grades(tx: Tx, application_id: UUID) -> list[Grade]:
    """Read an application's grades, latest first."""
    return await tx.rows(_QUERIES.grades, Grade, application=application_id)


async def insert_text(tx: Tx, text: ContractText) -> None:
    """Write a contract's words."""
    await tx.execute(
        _QUERIES.insert_text,
        scene=text.scene,
        version=text.version,
        title=text.title,
        body=text.body,
        digest=text.digest,
        effective_on=text.effective_on,
        proposed_by=text.proposed_by,
        proposed_at=text.proposed_at,
        agreed_by=text.agreed_by,
        announced_at=text.announced_at,
    )


async def read_texts(tx: Tx, scene: str) -> list[ContractText]:
    """Read the contracts of a scene, latest version first."""
    return await tx.rows(_QUERIES.texts, ContractText, scene=scene)


async def announce_text(tx: Tx, scene: str, version: int, *, actor: str, at: datetime) -> None:
    """Write that a text was agreed to."""
    await tx.execute(_QUERIES.announce_text, scene=scene, version=version, actor=actor, at=at)


async def insert_signature(tx: Tx, signature: Signature) -> bool:
    """Write a signature; False when it was there."""
    return (
        await tx.execute(
            _QUERIES.insert_signature,
            id=signature.id,
            application=signature.application_id,
            scene=signature.scene,
            version=signature.version,
            digest=signature.digest,
            signatory=signature.signatory_sealed,
            key=signature.key_id,
            at=signature.signed_at,
        )
        == 1
    )


async def read_signatures(tx: Tx, application_id: UUID) -> list[Signature]:
    """Read what a company signed."""
    return await tx.rows(_QUERIES.signatures, Signature, application=application_id)


async def insert_admission(tx: Tx, admission: Admission) -> None:
    """Write that an application became a merchant."""
    await tx.execute(
        _QUERIES.insert_admission,
        application=admission.application_id,
        scene=admission.scene,
        merchant=admission.merchant_id,
        discount_rate=admission.discount_rate,
        grade=admission.grade,
        at=admission.at,
    )


async def read_admissions(tx: Tx, application_id: UUID) -> list[Admission]:
    """Read the merchants that an application became."""
    return await tx.rows(_QUERIES.admissions, Admission, application=application_id)
