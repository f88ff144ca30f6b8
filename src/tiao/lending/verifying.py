"""Whether what is stored about a line is what living it again gives: the rows can be rebuilt, so they must agree."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from tiao.lending import archive
from tiao.lending.archive import LineFacts
from tiao.lending.life import Booking, Life, Part, fold
from tiao.lending.records import LoanInstalment
from tiao.lending.replaying import PolicyOf
from tiao.lending.rewriting import row_values, stored_values
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.lending", "facts.sql")


class Differing(NamedTuple):
    """One row that is not what the facts of its line fold to."""

    line_id: UUID
    what: str
    id: UUID
    stored: tuple[object, ...]
    lived: tuple[object, ...]


async def lines_after(tx: Tx, after: UUID, limit: int) -> list[UUID]:
    """List lines that have loans, in id order, for going through all of them."""
    return await tx.column(_QUERIES.lines_after, after=after, limit=limit)


async def lines_by_lot(tx: Tx, start: UUID, limit: int) -> list[UUID]:
    """Draw lines: those that follow a random id, around the end to the first."""
    found = await lines_after(tx, start, limit)
    first = await lines_after(tx, UUID(int=0), limit - len(found)) if len(found) < limit else []
    return sorted({*found, *first})


async def differing(tx: Tx, line_id: UUID, *, closed_through: date, policy_of: PolicyOf) -> list[Differing]:
    """Fold a line's facts and list what is stored otherwise: instalments, repayments, refunds.

    The line is lived through the last closed day, or further where its penalties have been brought further.
    """
    facts = await archive.facts_of_line(tx, line_id)
    charged = [part.penalty_through for part in facts.instalments if part.penalty_through is not None]
    through = max([closed_through, *charged])
    lived = fold(archive.events(facts, policy_of), through=through)
    return [
        *_instalments(facts, lived, closed_through=closed_through, today=through + timedelta(days=1)),
        *_repayments(facts, lived),
        *_refunds(facts, lived),
    ]


def _instalments(facts: LineFacts, lived: Life, *, closed_through: date, today: date) -> list[Differing]:
    rows = {row.key: row for row in facts.instalments}
    found = []
    for part in lived.every_part():
        row = rows[part.key]
        stored, values = stored_values(row), row_values(part, _billed_by(row, part, closed_through, today))
        if stored != values:
            found.append(Differing(facts.line_id, f"instalment {row.number} of loan", row.loan_id, stored, values))
    return found


def _billed_by(row: LoanInstalment, part: Part, closed_through: date, today: date) -> date:
    """Say by which day an instalment must be billed; one whose statement follows the last close may be, or not yet."""
    if part.statement_on <= closed_through + timedelta(days=1):
        return today
    return max(today, part.statement_on) if row.is_billed else closed_through


def _repayments(facts: LineFacts, lived: Life) -> list[Differing]:
    found = []
    for one in facts.repayments:
        booking = Booking() if one.id in facts.reversed_ids else lived.bookings[one.id]
        stored, values = (one.overpaid_minor, one.recovered_minor), (booking.overpaid, booking.recovered)
        if stored != values:
            found.append(Differing(facts.line_id, "repayment", one.id, stored, values))
    return found


def _refunds(facts: LineFacts, lived: Life) -> list[Differing]:
    found = []
    for one in facts.refunds:
        booking = lived.bookings[one.id]
        stored = (one.shortfall_minor, one.recovered_minor, one.fee_cancelled_minor, one.subsidy_cancelled_minor)
        values = (
            booking.shortfall,
            booking.recovered,
            sum(part.fee_minor for part in booking.taken_off),
            sum(part.subsidy_minor for part in booking.taken_off),
        )
        if stored != values:
            found.append(Differing(facts.line_id, "refund", one.id, stored, values))
    return found
