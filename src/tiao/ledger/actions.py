"""What can be done to the books, inside the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tiao.ledger import rules, store
from tiao.ledger.model import (
    Account,
    BookedEntry,
    BookedPosting,
    CreditLine,
    EntryBlock,
    LineStatus,
    Posting,
    TracedEntry,
    TrialBalanceRow,
)
from tiao.ledger.model import PostingOutcome as Outcome
from tiao.ledger.refusals import LineUnknown, PostingDiffers
from tiao.runtime.db import Tx


async def post(tx: Tx, postings: Sequence[Posting], *, booked_on: date, recorded_at: datetime) -> list[Outcome]:
    """Book a set of postings; each happens once, however often it is asked for.

    A day already cut off cannot be booked on any more: such postings are booked on the next open day.
    Refuses: CreditLimitExceeded, PostingDiffers.
    """
    if not postings:
        return []
    condensed = [posting._replace(entries=rules.condensed(posting.entries)) for posting in postings]
    for posting in condensed:
        assert posting.entries, f"{posting.kind} books nothing"
        assert rules.balanced(posting.entries), f"{posting.kind} does not balance: {posting.entries}"
    answers = await store.insert_postings(tx, condensed, booked_on=booked_on, recorded_at=recorded_at)
    outcomes = [Outcome(answers.get(place, Outcome.POSTED)) for place in range(len(condensed))]
    for posting, outcome in zip(condensed, outcomes, strict=True):
        if outcome is Outcome.POSTING_DIFFERS:
            raise PostingDiffers(f"posting {posting.id} ({posting.kind}) was booked before with other content")
    return outcomes


async def hold(tx: Tx, holds: Sequence[tuple[UUID, int]]) -> None:
    """Hold (positive) or release (negative) minor units on lines. Refuses: CreditLimitExceeded, LineUnknown."""
    if holds and await store.move_holds(tx, holds) != len({line for line, _ in holds}):
        raise LineUnknown


async def lock_lines(tx: Tx, line_ids: Sequence[UUID]) -> dict[UUID, CreditLine]:
    """Lock lines against every other change until the transaction ends, and read them."""
    return {line.id: line for line in await store.lock_lines(tx, line_ids)}


async def line(tx: Tx, line_id: UUID) -> CreditLine:
    """Read one line. Refuses: LineUnknown."""
    found = await store.read_lines(tx, [line_id])
    if not found:
        raise LineUnknown
    return found[0]


async def lines_of_customers(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, CreditLine]:
    """Read the lines of customers, by customer."""
    return {found.customer_id: found for found in await store.read_lines_of_customers(tx, customer_ids)}


async def open_lines(tx: Tx, lines: Sequence[CreditLine]) -> None:
    """Open lines. Refuses: LineAlreadyOpen."""
    await store.insert_lines(tx, lines)


async def set_limits(tx: Tx, limits: Sequence[tuple[UUID, int]]) -> None:
    """Set limits in minor units; a limit below what is in use is reached as the use falls. Refuses: LineUnknown."""
    if limits and await store.update_limits(tx, limits) != len(limits):
        raise LineUnknown


async def set_line_status(tx: Tx, line_id: UUID, status: LineStatus) -> None:
    """Freeze, release or close a line. Refuses: LineUnknown."""
    if await store.update_status(tx, line_id, status) != 1:
        raise LineUnknown


async def postings_of(tx: Tx, bucket: int, source_id: UUID) -> list[tuple[BookedPosting, list[BookedEntry]]]:
    """Read what a purchase, repayment or refund booked, with its entries."""
    return await _with_entries(tx, await store.read_postings_of_source(tx, bucket, source_id))


async def journal(
    tx: Tx, day: date, *, account: int | None = None, after: tuple[int, UUID] | None = None, count: int
) -> list[tuple[BookedPosting, list[BookedEntry]]]:
    """Read a page of what was booked on a day, in order of bucket and id; of one account, what touches it."""
    place = (-1, UUID(int=0)) if after is None else after
    return await _with_entries(tx, await store.read_journal(tx, day, account=account, after=place, count=count))


async def entry_blocks(tx: Tx, day: date, *, account: int | None, size: int) -> list[EntryBlock]:
    """Say where blocks of a day's entries begin, bucket by bucket; of one account or of all."""
    return await store.read_entry_blocks(tx, day, account=account, size=size)


async def entries_from(
    tx: Tx, day: date, *, account: int | None, place: tuple[int, UUID, int], limit: int
) -> list[TracedEntry]:
    """Read the entries of a day from a place on, within its bucket."""
    return await store.read_entries_from(tx, day, account=account, place=place, limit=limit)


async def _with_entries(tx: Tx, postings: list[BookedPosting]) -> list[tuple[BookedPosting, list[BookedEntry]]]:
    entries: dict[UUID, list[BookedEntry]] = {posting.id: [] for posting in postings}
    for entry in await store.read_entries(tx, postings) if postings else ():
        entries[entry.posting_id].append(entry)
    return [(posting, entries[posting.id]) for posting in postings]


async def trial_balance(tx: Tx, on: date) -> list[TrialBalanceRow]:
    """Read the trial balance at the end of a closed day."""
    return await store.read_trial_balance(tx, on)


async def owner_balance(tx: Tx, account: Account, owner_id: UUID) -> int:
    """Read the balance of an owner's account. *Units*: minor units, debit positive."""
    return await store.read_owner_balance(tx, account, owner_id)


async def cut_off(tx: Tx, day: date) -> None:
    """End the booking of a day, once postings under way are done; later ones fall on a later day."""
    await store.cut_off(tx, day)


async def roll_up(tx: Tx, *, first_bucket: int, last_bucket: int, day: date) -> int:
    """Roll a closed day up into the trial balance and the running balances of owners."""
    return await store.roll_up(tx, first_bucket, last_bucket, day)


async def fingerprint(tx: Tx) -> str:
    """Digest the whole ledger, so that two runs from one seed can be compared. *Shape*: SHA-256 in hex."""
    hasher = hashlib.sha256()
    for row in await store.read_digest_rows(tx):
        hasher.update("|".join(str(field) for field in row).encode() + b"\n")
    return hasher.hexdigest()
