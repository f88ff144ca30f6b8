"""What is decided about disputes: what may be disputed, until when, what evidence is taken, what follows."""

from __future__ import annotations

from datetime import datetime, timedelta

from tiao.casework.refusals import MakerIsChecker
from tiao.checkout.disputes.model import Author, Dispute, DisputeState, NewFile
from tiao.checkout.disputes.refusals import (
    AwardInvalid,
    DisputeClosed,
    DisputeExceedsPurchase,
    DisputeWindowClosed,
    EvidenceFileInvalid,
    EvidenceTooLate,
)

#: As long as goods can be sent back.
WINDOW = timedelta(days=365)
#: Own choice, within what card schemes give merchants (7 to 45 days).
EVIDENCE_TIME = timedelta(days=7)
#: After the evidence is in, or its time is over.
DECISION_TIME = timedelta(days=15)
FILE_BYTES_MAX = 40_000
FILES_MAX = 20
STATEMENTS_MAX = 50
MEDIA_TYPES = frozenset({"application/pdf", "image/jpeg", "image/png", "text/plain"})


def check_opening(amount_minor: int, *, disputable_minor: int, authorised_at: datetime, at: datetime) -> None:
    """Check what a customer disputes. Refuses: DisputeWindowClosed, DisputeExceedsPurchase."""
    if at > authorised_at + WINDOW:
        raise DisputeWindowClosed
    if not 0 < amount_minor <= disputable_minor:
        raise DisputeExceedsPurchase(pointer="/amount_minor", disputable_minor=max(disputable_minor, 0))


def check_open(dispute: Dispute) -> None:
    """Demand that nobody has decided yet. Refuses: DisputeClosed."""
    if not dispute.state.is_open:
        raise DisputeClosed


def check_evidence(dispute: Dispute, author: Author, at: datetime) -> None:
    """Demand that something may still be said: by the merchant in its time, by others until it is decided.

    Refuses: DisputeClosed, EvidenceTooLate.
    """
    check_open(dispute)
    if author is Author.MERCHANT and at >= dispute.evidence_due_at:
        raise EvidenceTooLate


def check_file(new: NewFile) -> None:
    """Check a file. Refuses: EvidenceFileInvalid."""
    if not 0 < len(new.content) <= FILE_BYTES_MAX:
        raise EvidenceFileInvalid("a file has at most 40,000 bytes", pointer="/content", bytes_max=FILE_BYTES_MAX)
    if new.media_type not in MEDIA_TYPES:
        raise EvidenceFileInvalid("a PDF, a JPEG or PNG image, or plain text", pointer="/media_type")


def check_award(dispute: Dispute, awarded_minor: int) -> None:
    """Check a decision. Refuses: DisputeClosed, AwardInvalid."""
    check_open(dispute)
    if not 0 <= awarded_minor <= dispute.amount_minor:
        raise AwardInvalid(pointer="/awarded_minor", amount_minor=dispute.amount_minor)


def is_seconded(dispute: Dispute, awarded_minor: int, *, actor: str, from_minor: int) -> bool:
    """Tell whether an award counts: the claim is small enough for one person, or another would award the same.

    Refuses: MakerIsChecker when who proposed an award repeats it.
    """
    if dispute.amount_minor < from_minor:
        return True
    if dispute.proposed_minor != awarded_minor:
        return False
    if dispute.proposed_by == actor:
        raise MakerIsChecker
    return True


def still_to_give(awarded_minor: int, *, given_meanwhile_minor: int, refundable_minor: int) -> int:
    """Say what is left to give of an award: refunds since the claim was made are part of it. *Units*: minor units."""
    return max(0, min(awarded_minor - given_meanwhile_minor, refundable_minor))


def is_undefended(dispute: Dispute, at: datetime) -> bool:
    """Tell whether the merchant has let its time pass without a word."""
    return dispute.state is DisputeState.OPENED and at >= dispute.evidence_due_at
