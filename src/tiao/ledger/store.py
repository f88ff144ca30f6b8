"""Rows to ledger values and back. Decides nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from tiao.ledger.model import BookedEntry, BookedPosting, CreditLine, EntryBlock, Posting, TracedEntry, TrialBalanceRow
from tiao.runtime.arrays import Bigints, Dates, Integers, Smallints, Texts, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.ledger")


class _Outcome(NamedTuple):
    ordinal: int
    outcome: str


async def insert_postings(
    tx: Tx, postings: Sequence[Posting], *, booked_on: date, recorded_at: datetime
) -> dict[int, str]:
    """Hand a set of postings to `ledger_post`; answer what became of those that were not posted now, by place."""
    entries = [entry for posting in postings for entry in posting.entries]
    counts = [len(posting.entries) for posting in postings]
    answers = await tx.rows(
        _QUERIES.post,
        _Outcome,
        bucket=Smallints(posting.bucket for posting in postings),
        id=Uuids(posting.id for posting in postings),
        kind=Texts(posting.kind for posting in postings),
        line=Uuids(posting.line_id for posting in postings),
        source=Uuids(posting.source_id for posting in postings),
        effective_on=Dates(posting.effective_on for posting in postings),
        currency=Texts(posting.currency for posting in postings),
        held=Bigints(posting.held_delta_minor for posting in postings),
        first=Integers(itertools.accumulate(counts[:-1], initial=1)),
        e_account=Integers(int(entry.account) for entry in entries),
        e_owner=Uuids(entry.owner_id for entry in entries),
        e_amount=Bigints(entry.amount_minor for entry in entries),
        booked_on=booked_on,
        recorded_at=recorded_at,
    )
    return {answer.ordinal - 1: answer.outcome for answer in answers}


async def move_holds(tx: Tx, holds: Sequence[tuple[UUID, int]]) -> int:
    """Move the held balance of lines by signed amounts."""
    return int(
        await tx.value(
            _QUERIES.hold,
            bucket=Smallints(bucket_of(line) for line, _ in holds),
            line=Uuids(line for line, _ in holds),
            amount=Bigints(amount for _, amount in holds),
        )
    )


async def lock_lines(tx: Tx, line_ids: Iterable[UUID]) -> list[CreditLine]:
    """Lock lines in id order and read them."""
    return await tx.rows(_QUERIES.lock_lines, CreditLine, **_each_once("lines", line_ids))


async def read_lines(tx: Tx, line_ids: Iterable[UUID]) -> list[CreditLine]:
    """Read lines without locking them."""
    return await tx.rows(_QUERIES.lines, CreditLine, **_each_once("lines", line_ids))


async def read_lines_of_customers(tx: Tx, customer_ids: Iterable[UUID]) -> list[CreditLine]:
    """Read the lines that customers have."""
    return await tx.rows(_QUERIES.lines_of_customers, CreditLine, **_each_once("customers", customer_ids))


def _each_once(name: str, ids: Iterable[UUID]) -> dict[str, object]:
    """Pair ids with their buckets, so that each is looked up where it lies and nowhere else."""
    once = list(dict.fromkeys(ids))
    return {name: Uuids(once), "buckets": Smallints(bucket_of(each) for each in once)}


async def insert_lines(tx: Tx, lines: Sequence[CreditLine]) -> None:
    """Write new lines."""
    await tx.execute(
        _QUERIES.open_lines,
        bucket=Smallints(line.bucket for line in lines),
        id=Uuids(line.id for line in lines),
        customer=Uuids(line.customer_id for line in lines),
        currency=Texts(line.currency for line in lines),
        limit=Bigints(line.limit_minor for line in lines),
        statement_day=Smallints(line.statement_day for line in lines),
        opened_on=Dates(line.opened_on for line in lines),
    )


async def update_limits(tx: Tx, limits: Sequence[tuple[UUID, int]]) -> int:
    """Write new limits."""
    return await tx.execute(
        _QUERIES.set_limits,
        bucket=Smallints(bucket_of(line) for line, _ in limits),
        id=Uuids(line for line, _ in limits),
        limit=Bigints(limit for _, limit in limits),
    )


async def update_status(tx: Tx, line_id: UUID, status: str) -> int:
    """Write a line's status."""
    return await tx.execute(_QUERIES.set_status, bucket=bucket_of(line_id), id=line_id, status=status)


async def read_postings_of_source(tx: Tx, bucket: int, source_id: UUID) -> list[BookedPosting]:
    """Read what a business event booked."""
    return await tx.rows(_QUERIES.postings_of_source, BookedPosting, bucket=bucket, source_id=source_id)


async def read_journal(
    tx: Tx, day: date, *, account: int | None, after: tuple[int, UUID], count: int
) -> list[BookedPosting]:
    """Read a page of what was booked on a day."""
    bucket, posting_id = after
    return await tx.rows(
        _QUERIES.journal, BookedPosting, day=day, account=account, bucket=bucket, id=posting_id, count=count
    )


async def read_entry_blocks(tx: Tx, day: date, *, account: int | None, size: int) -> list[EntryBlock]:
    """Read where blocks of a day's entries begin."""
    return await tx.rows(_QUERIES.entry_blocks, EntryBlock, day=day, account=account, size=size)


async def read_entries_from(
    tx: Tx, day: date, *, account: int | None, place: tuple[int, UUID, int], limit: int
) -> list[TracedEntry]:
    """Read entries from a place on."""
    bucket, posting_id, number = place
    return await tx.rows(
        _QUERIES.entries_from,
        TracedEntry,
        day=day,
        account=account,
        bucket=bucket,
        posting=posting_id,
        number=number,
        limit=limit,
    )


async def read_entries(tx: Tx, postings: Sequence[BookedPosting]) -> list[BookedEntry]:
    """Read the entries of postings."""
    buckets = sorted({posting.bucket for posting in postings})
    ids = Uuids([posting.id for posting in postings])
    return await tx.rows(_QUERIES.entries_of_postings, BookedEntry, buckets=buckets, ids=ids)


async def read_trial_balance(tx: Tx, on: date) -> list[TrialBalanceRow]:
    """Read the trial balance at the end of a closed day."""
    return await tx.rows(_QUERIES.trial_balance, TrialBalanceRow, on=on)


async def read_owner_balance(tx: Tx, account: int, owner_id: UUID) -> int:
    """Read the signed balance of an owner's account."""
    return int(await tx.value(_QUERIES.owner_balance, account=account, owner=owner_id))


async def cut_off(tx: Tx, day: date) -> None:
    """Cut a day off."""
    await tx.execute(_QUERIES.cut_off, day=day)


async def roll_up(tx: Tx, first: int, last: int, day: date) -> int:
    """Roll a day up."""
    return int(await tx.value(_QUERIES.roll_up, first=first, last=last, day=day))


async def read_digest_rows(tx: Tx) -> list[tuple[object, ...]]:
    """Read every entry in a stable order."""
    _, rows = await tx.table(_QUERIES.digest_rows)
    return rows
