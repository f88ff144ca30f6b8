"""What can be done about a company's application, inside the caller's transaction at home."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from tiao.partners import actions as partners
from tiao.partners.model import IssuedKey
from tiao.partners.onboarding import rules, store
from tiao.partners.onboarding.model import (
    OPEN_TO_APPLICANT,
    UNDER_WAY,
    Application,
    ApplicationState,
    KeptPaper,
    NewPaper,
    PaperView,
    Private,
    Said,
    Step,
    StepKind,
)
from tiao.partners.onboarding.refusals import MerchantApplicationUnknown, PaperUnknown, TooManyPapers
from tiao.partners.scenes.model import Scene
from tiao.partners.scenes.rules import known_scene
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher
from tiao.values.moment import Moment


async def open_application(
    tx: Tx,
    now: Moment,
    vault: FieldCipher,
    scenes: Sequence[Scene],
    said: Said,
    *,
    actor: str,
    real: Moment,
    random_bytes: Callable[[int], bytes],
) -> tuple[Application, IssuedKey]:
    """Open a company's application, and give the company the key with which it goes on; the token is shown once.

    Refuses: CreditCodeInvalid, MerchantApplicationInvalid, SceneUnknown, CompanyAppliesAlready.
    """
    checked = _checked(scenes, said, now)
    application_id = now.new_id()
    await store.insert_application(
        tx, application_id, checked, _sealed(vault, application_id, checked), opened_by=actor, at=now.at
    )
    await store.insert_step(tx, application_id, StepKind.OPENED, actor=actor, at=now.at)
    issued = await partners.issue_applicant_key(
        tx, real, application_id, label=checked.company, random_bytes=random_bytes
    )
    return await application(tx, application_id), issued


async def application(tx: Tx, application_id: UUID) -> Application:
    """Read an application and keep it from changing. Refuses: MerchantApplicationUnknown."""
    found = await store.lock_application(tx, application_id)
    if found is None:
        raise MerchantApplicationUnknown
    return found


async def application_of(tx: Tx, subject_id: UUID) -> Application:
    """Read the application of whoever calls with a merchant's key: its own, or the one it came from.

    Refuses: MerchantApplicationUnknown.
    """
    return await application(tx, await store.read_application_of_merchant(tx, subject_id) or subject_id)


async def applications(
    tx: Tx, *, state: ApplicationState | None, before_at: datetime, before_id: UUID, limit: int
) -> list[Application]:
    """Read applications, latest first."""
    return await store.read_applications(tx, state=state, before_at=before_at, before_id=before_id, limit=limit)


def said_of(vault: FieldCipher, found: Application) -> Said:
    """Read what a company says of itself, what is private included. Refuses: FieldUnreadable."""
    private = msgspec.json.decode(vault.decrypt(found.private_sealed, context=_context(found.id)), type=Private)
    return Said(
        company=found.company,
        credit_code=found.credit_code,
        trade_name=found.trade_name,
        currency=found.currency,
        scenes=found.scenes,
        websites=found.websites,
        stores=found.stores,
        private=private,
    )


async def change(
    tx: Tx, now: Moment, vault: FieldCipher, scenes: Sequence[Scene], application_id: UUID, said: Said, *, actor: str
) -> Application:
    """Take what a company says now instead; only before it is submitted.

    Refuses: MerchantApplicationUnknown, MerchantApplicationNotOpen, and as `open_application`.
    """
    found = rules.check_state(await application(tx, application_id), *OPEN_TO_APPLICANT)
    checked = _checked(scenes, said, now)
    await store.change_application(tx, found.id, checked, _sealed(vault, found.id, checked))
    await store.insert_step(tx, found.id, StepKind.CHANGED, actor=actor, at=now.at)
    return await application(tx, found.id)


async def show_paper(
    tx: Tx, now: Moment, vault: FieldCipher, application_id: UUID, new: NewPaper, *, actor: str
) -> KeptPaper:
    """Keep a document with its digest, sealed; as long as nothing is decided.

    Refuses: MerchantApplicationUnknown, MerchantApplicationNotOpen, PaperInvalid, TooManyPapers.
    """
    found = rules.check_state(await application(tx, application_id), ApplicationState.DRAFT, ApplicationState.SUBMITTED)
    rules.check_paper(new)
    number = len(await store.read_papers(tx, found.id)) + 1
    if number > rules.PAPERS_MAX:
        raise TooManyPapers
    digest = hashlib.sha256(new.content).digest()
    sealed = vault.encrypt(base64.b64encode(new.content).decode(), context=_paper_context(found.id, number))
    await store.insert_paper(tx, found.id, new, number=number, digest=digest, sealed=sealed, shown_by=actor, at=now.at)
    await store.insert_step(
        tx, found.id, StepKind.PAPER_SHOWN, actor=actor, said=f"{number} {new.kind} {digest.hex()}", at=now.at
    )
    return KeptPaper(number, new.kind, new.name, new.media_type, len(new.content), digest, actor, now.at)


async def papers_of(tx: Tx, application_id: UUID) -> list[KeptPaper]:
    """Read an application's documents in their order, without their content."""
    return await store.read_papers(tx, application_id)


async def look_at_paper(
    tx: Tx, now: Moment, vault: FieldCipher, application_id: UUID, number: int, *, viewer: str, reason: str
) -> tuple[KeptPaper, bytes]:
    """Read a document; that it was looked at, by whom and why, is written down with it.

    Refuses: PaperUnknown, FieldUnreadable; an altered document is unreadable.
    """
    sealed = await store.read_content(tx, application_id, number)
    kept = next((each for each in await store.read_papers(tx, application_id) if each.number == number), None)
    if sealed is None or kept is None:
        raise PaperUnknown
    await store.insert_view(tx, application_id, number, viewer=viewer, reason=reason, at=now.at)
    content = base64.b64decode(vault.decrypt(sealed, context=_paper_context(application_id, number)))
    assert hashlib.sha256(content).digest() == kept.digest, "what can be decrypted is what was kept"
    return kept, content


async def views_of(tx: Tx, application_id: UUID) -> list[PaperView]:
    """Read who looked at which document, latest first."""
    return await store.read_views(tx, application_id)


async def submit(tx: Tx, now: Moment, scenes: Sequence[Scene], application_id: UUID, *, actor: str) -> Application:
    """Hand an application in.

    Refuses: MerchantApplicationUnknown, MerchantApplicationNotOpen, PaperMissing, SceneUnknown.
    """
    found = rules.check_state(await application(tx, application_id), ApplicationState.DRAFT)
    wanted = [known_scene(scenes, name, now.today) for name in found.scenes]
    rules.check_papers(wanted, [each.kind for each in await store.read_papers(tx, found.id)])
    changed = msgspec.structs.replace(found, state=ApplicationState.SUBMITTED, submitted_at=now.at)
    return await moved(tx, now, changed, StepKind.SUBMITTED, actor=actor)


async def withdraw(tx: Tx, now: Moment, application_id: UUID, *, actor: str) -> Application:
    """Let a company take its application back. Refuses: MerchantApplicationUnknown, MerchantApplicationNotOpen."""
    found = rules.check_state(await application(tx, application_id), *UNDER_WAY)
    changed = msgspec.structs.replace(found, state=ApplicationState.WITHDRAWN)
    return await moved(tx, now, changed, StepKind.WITHDRAWN, actor=actor)


async def steps_of(tx: Tx, application_id: UUID) -> list[Step]:
    """Read what was done about an application, in order."""
    return await store.read_steps(tx, application_id)


async def moved(
    tx: Tx, now: Moment, changed: Application, kind: StepKind, *, actor: str, said: str = ""
) -> Application:
    """Write where an application stands now, and who brought it there."""
    await store.update_state(tx, changed)
    await store.insert_step(tx, changed.id, kind, actor=actor, said=said, at=now.at)
    return changed


def _checked(scenes: Sequence[Scene], said: Said, now: Moment) -> Said:
    checked = rules.checked_said(said)
    for name in checked.scenes:
        known_scene(scenes, name, now.today)
    return checked


def _sealed(vault: FieldCipher, application_id: UUID, said: Said) -> bytes:
    return vault.encrypt(msgspec.json.encode(said.private).decode(), context=_context(application_id))


def _context(application_id: UUID) -> str:
    return f"merchant_application.private:{application_id}"


def _paper_context(application_id: UUID, number: int) -> str:
    return f"merchant_paper.content:{application_id}:{number}"
