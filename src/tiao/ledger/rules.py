"""What the ledger decides without a database: whether postings balance, and what undoes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from tiao.ledger.model import Entry, Posting


def balanced(entries: Iterable[Entry]) -> bool:
    """Tell whether debits equal credits."""
    return sum(entry.amount_minor for entry in entries) == 0


def condensed(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Leave out entries that move nothing; recipes may write every line of the manual and not ask which are zero."""
    return tuple(entry for entry in entries if entry.amount_minor)


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
