"""Rows to disputes and what was said and shown in them, and back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.checkout.disputes.model import Author, Dispute, File, NewFile, Statement
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.checkout.disputes")


async def insert_dispute(tx: Tx, new: Dispute) -> bool:
    """Open a dispute; False when one about the purchase is open already."""
    written = await tx.execute(
        _QUERIES.insert_dispute,
        bucket=new.bucket,
        id=new.id,
        purchase=new.purchase_id,
        line=new.line_id,
        customer=new.customer_id,
        merchant=new.merchant_id,
        currency=new.currency,
        amount=new.amount_minor,
        held=new.held_minor,
        refunded_before=new.refunded_before_minor,
        reason=new.reason.value,
        at=new.opened_at,
        evidence_due_at=new.evidence_due_at,
        decide_due_at=new.decide_due_at,
    )
    return written == 1


async def lock_dispute(tx: Tx, dispute_id: UUID) -> Dispute | None:
    """Read a dispute and keep it from changing."""
    return await tx.maybe(_QUERIES.lock_dispute, Dispute, bucket=bucket_of(dispute_id), id=dispute_id)


async def read_of_purchase(tx: Tx, purchase_id: UUID) -> list[Dispute]:
    """Read the disputes about a purchase."""
    bucket = bucket_of(purchase_id)
    return await tx.rows(_QUERIES.disputes_of_purchase, Dispute, bucket=bucket, purchase=purchase_id)


async def read_disputes(
    tx: Tx,
    *,
    merchant_id: UUID | None,
    customer_id: UUID | None,
    is_open: bool,
    before_at: datetime,
    before_id: UUID,
    limit: int,
) -> list[Dispute]:
    """Read disputes, latest first."""
    return await tx.rows(
        _QUERIES.disputes_of,
        Dispute,
        merchant=merchant_id,
        customer=customer_id,
        is_open=is_open,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
    )


async def read_undefended(tx: Tx, at: datetime) -> list[UUID]:
    """Read which merchants' time has passed."""
    return await tx.column(_QUERIES.undefended, at=at)


async def update_dispute(tx: Tx, dispute: Dispute) -> None:
    """Write what became of a dispute."""
    await tx.execute(
        _QUERIES.set_dispute,
        bucket=dispute.bucket,
        id=dispute.id,
        state=dispute.state.value,
        decide_due_at=dispute.decide_due_at,
        awarded=dispute.awarded_minor,
        closed_at=dispute.closed_at,
        decided_by=dispute.decided_by,
        note=dispute.note,
        refund=dispute.refund_id,
    )


async def update_proposed(tx: Tx, dispute: Dispute) -> None:
    """Write what one person would award."""
    await tx.execute(
        _QUERIES.propose_award,
        bucket=dispute.bucket,
        id=dispute.id,
        awarded=dispute.proposed_minor,
        actor=dispute.proposed_by,
        at=dispute.proposed_at,
    )


async def insert_statement(tx: Tx, dispute: Dispute, statement: Statement) -> None:
    """Write down what somebody said."""
    await tx.execute(
        _QUERIES.insert_statement,
        bucket=dispute.bucket,
        dispute=dispute.id,
        number=statement.number,
        author=statement.author.value,
        text=statement.text_sealed,
        at=statement.at,
    )


async def read_statements(tx: Tx, dispute: Dispute) -> list[Statement]:
    """Read what was said."""
    return await tx.rows(_QUERIES.statements_of, Statement, bucket=dispute.bucket, dispute=dispute.id)


async def insert_file(
    tx: Tx,
    dispute: Dispute,
    new: NewFile,
    *,
    number: int,
    author: Author,
    digest: bytes,
    sealed: bytes,
    at: datetime,
) -> None:
    """Keep evidence."""
    await tx.execute(
        _QUERIES.insert_file,
        bucket=dispute.bucket,
        dispute=dispute.id,
        number=number,
        author=author.value,
        name=new.name,
        media_type=new.media_type,
        size=len(new.content),
        digest=digest,
        content=sealed,
        at=at,
    )


async def read_files(tx: Tx, dispute: Dispute) -> list[File]:
    """Read what was shown, without its content."""
    return await tx.rows(_QUERIES.files_of, File, bucket=dispute.bucket, dispute=dispute.id)


async def read_content(tx: Tx, dispute: Dispute, number: int) -> bytes | None:
    """Read the sealed content of a piece of evidence."""
    found: bytes | None = await tx.value(
        _QUERIES.file_content, bucket=dispute.bucket, dispute=dispute.id, number=number
    )
    return found
