"""What people wrote in a petition, sealed as it is stored and opened as it is read."""

from __future__ import annotations

from uuid import UUID

from tiao.petitions.model import Kept, Petition
from tiao.runtime.secrets import FieldCipher


def sealed(vault: FieldCipher, petition: Petition) -> Kept:
    """Seal what the customer asked for and what was answered, each bound to its place."""
    answer = petition.answer
    return Kept(
        bucket=petition.bucket,
        id=petition.id,
        customer_id=petition.customer_id,
        kind=petition.kind,
        words_sealed=vault.encrypt(petition.words, context=_context("words", petition.id)),
        words_clear=None,
        about_id=petition.about_id,
        state=petition.state,
        made_at=petition.made_at,
        due_at=petition.due_at,
        ended_at=petition.ended_at,
        answer_sealed=None if answer is None else vault.encrypt(answer, context=_context("answer", petition.id)),
        answer_clear=None,
        answered_by=petition.answered_by,
    )


def opened(vault: FieldCipher, kept: Kept) -> Petition:
    """Read a petition back. Refuses: FieldUnreadable."""
    words = _text(vault, kept.words_sealed, kept.words_clear, context=_context("words", kept.id))
    assert words is not None, "a petition says something: constraint petition_words_once"
    return Petition(
        bucket=kept.bucket,
        id=kept.id,
        customer_id=kept.customer_id,
        kind=kept.kind,
        words=words,
        about_id=kept.about_id,
        state=kept.state,
        made_at=kept.made_at,
        due_at=kept.due_at,
        ended_at=kept.ended_at,
        answer=_text(vault, kept.answer_sealed, kept.answer_clear, context=_context("answer", kept.id)),
        answered_by=kept.answered_by,
    )


def _text(vault: FieldCipher, sealed_text: bytes | None, clear: str | None, *, context: str) -> str | None:
    return clear if sealed_text is None else vault.decrypt(sealed_text, context=context)


def _context(field: str, petition_id: UUID) -> str:
    return f"petition.{field}:{petition_id.hex}"
