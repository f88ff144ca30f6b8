"""What the ledger decides without a database: whether postings balance."""

from __future__ import annotations

from collections.abc import Iterable

from tiao.ledger.model import Entry


def balanced(entries: Iterable[Entry]) -> bool:
    """Tell whether debits equal credits."""
    return sum(entry.amount_minor for entry in entries) == 0


def condensed(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Leave out entries that move nothing; recipes may write every line of the manual and not ask which are zero."""
    return tuple(entry for entry in entries if entry.amount_minor)
