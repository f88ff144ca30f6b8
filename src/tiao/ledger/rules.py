"""What the ledger decides without a database: whether postings balance, and their canonical bytes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from tiao.ledger.model import Entry, Posting

#: First byte of the canonical form; a new form gets a new number, so old digests stay checkable.
CANONICAL_FORM = b"\x01"


def balanced(entries: Iterable[Entry]) -> bool:
    """Tell whether debits equal credits."""
    return sum(entry.amount_minor for entry in entries) == 0


def condensed(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Leave out entries that move nothing; recipes may write every line of the manual and not ask which are zero."""
    return tuple(entry for entry in entries if entry.amount_minor)


def digest(posting: Posting) -> bytes:
    """Digest what a posting says, so that its id cannot come back with other content.

    Shape: SHA-256 over length-prefixed fields in a fixed order; independent of any JSON encoder.
    """
    hasher = hashlib.sha256(CANONICAL_FORM)
    head = (
        posting.kind.encode(),
        posting.source_id.bytes,
        posting.currency.encode(),
        posting.effective_on.isoformat().encode(),
        posting.line_id.bytes if posting.line_id else b"",
        str(posting.held_delta_minor).encode(),
        posting.reverses_id.bytes if posting.reverses_id else b"",
    )
    for field in head:
        hasher.update(len(field).to_bytes(2, "big") + field)
    for entry in posting.entries:
        hasher.update(entry.account.to_bytes(2, "big") + entry.owner_id.bytes)
        hasher.update(entry.amount_minor.to_bytes(8, "big", signed=True))
    return hasher.digest()


def reversal(posting: Posting, *, reversal_id: UUID, effective_on: date) -> Posting:
    """Undo a posting by booking its opposite; nothing is ever changed or deleted."""
    return posting._replace(
        id=reversal_id,
        kind=f"{posting.kind}_reversed",
        effective_on=effective_on,
        entries=tuple(entry._replace(amount_minor=-entry.amount_minor) for entry in posting.entries),
        held_delta_minor=-posting.held_delta_minor,
        reverses_id=posting.id,
    )


def net_by_account(entries: Iterable[Entry]) -> dict[int, int]:
    """Sum entries by account."""
    totals: dict[int, int] = defaultdict(int)
    for entry in entries:
        totals[entry.account] += entry.amount_minor
    return dict(totals)
