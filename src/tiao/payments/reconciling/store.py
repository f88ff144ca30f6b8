"""Rows to channels' days and differences, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from tiao.payments.files.model import Blocks, Totals
from tiao.payments.reconciling.model import (
    Alarms,
    ChannelDay,
    Difference,
    DifferenceKind,
    FileAnswer,
    Hours,
    Statement,
)
from tiao.payments.routing.capability import Capability, StatementForm
from tiao.runtime.db import Tx, refusals
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.payments.reconciling")
#: Places for the rows of a file and a statement, gone with the transaction; sorted and joined in memory.
_STAGE_FILE = """
set local work_mem = '128MB';
create temp table channel_row (
  line integer not null, request_no text not null, channel_no text not null, flow text not null,
  amount_minor bigint not null, fee_minor bigint not null
) on commit drop
"""
_STAGE_STATEMENT = """
create temp table statement_row (request_no text not null, amount_minor bigint not null) on commit drop
"""
_COPY_FILE = b"copy channel_row (line, request_no, channel_no, flow, amount_minor, fee_minor) from stdin"
_COPY_STATEMENT = b"copy statement_row (request_no, amount_minor) from stdin"
_ANSWERS = "select flow, id, channel_no, amount_minor, state from channel_answer order by id"


class Held(NamedTuple):
    """What holding a file against the books came to."""

    matched: int
    different: int


class HeldDay(NamedTuple):
    """What a day came to: what was found, the file's sums and digest, the statement's digest and sum, its number."""

    held: Held
    totals: Totals
    file_digest: str
    statement: tuple[str, int] | None
    sequence: int | None
    fault: str | None


async def stage_file(tx: Tx, blocks: Blocks) -> None:
    """Bring a file into the transaction, block by block. Refuses: ChannelFileRefused."""
    await tx.script(_STAGE_FILE)
    await _copy(tx, _COPY_FILE, blocks.blocks())


async def stage_statement(tx: Tx, statement: Statement) -> None:
    """Bring a statement into the transaction."""
    await tx.script(_STAGE_STATEMENT)
    await _copy(tx, _COPY_STATEMENT, ("{}\t{}\n".format(*row).encode() for row in statement.rows))


async def reconcile(tx: Tx, capability: Capability, day: date, hours: Hours, at: datetime) -> Held:
    """Hold the staged file against our books."""
    return await tx.one(
        _QUERIES.reconcile,
        Held,
        channel=capability.name,
        day=day,
        starts=hours.starts,
        ends=hours.ends,
        late_from=hours.late_from,
        bps=capability.cost_bps,
        fixed=capability.cost_fixed_minor,
        at=at,
    )


async def answers(tx: Tx) -> list[FileAnswer]:
    """Read what the file settles."""
    return await tx.rows(_ANSWERS, FileAnswer)


async def hold_statement(tx: Tx, capability: Capability, day: date, at: datetime) -> int:
    """Hold the staged statement against the staged file; gives its total."""
    is_net = capability.statement is StatementForm.NET
    return int(await tx.value(_QUERIES.hold_statement, channel=capability.name, day=day, is_net=is_net, at=at))


async def read_absent(tx: Tx, channel: str, day: date, *, before: datetime, zone: ZoneInfo) -> list[UUID]:
    """Read debits that two files in turn did not have."""
    return await tx.column(_QUERIES.absent_debits, channel=channel, day=day, starts=before, zone=zone.key)


async def await_file(tx: Tx, channel: str, day: date, expected_at: datetime) -> None:
    """Write down that a file is awaited."""
    await tx.execute(_QUERIES.await_file, channel=channel, day=day, expected_at=expected_at)


async def lock_day(tx: Tx, channel: str, day: date) -> ChannelDay:
    """Lock a channel's day and read it."""
    return await tx.one(_QUERIES.lock_channel_day, ChannelDay, channel=channel, day=day)


async def update_day(tx: Tx, known: ChannelDay, day: HeldDay, *, at: datetime) -> None:
    """Write down what a channel's day came to."""
    held, totals, file_digest, statement, sequence, fault = day
    await tx.execute(
        _QUERIES.set_channel_day,
        channel=known.channel,
        day=known.business_date,
        file_digest=file_digest,
        statement_digest=None if statement is None else statement[0],
        statement_minor=None if statement is None else statement[1],
        rows=totals.rows,
        matched=held.matched,
        different=held.different,
        debited_minor=totals.debited_minor,
        paid_out_minor=totals.paid_out_minor,
        channel_fee_minor=totals.fee_minor,
        statement_sequence=sequence,
        reconciled_at=at,
        fault=fault,
    )


async def read_days(
    tx: Tx, *, channel: str | None, is_waiting: bool, before: tuple[date | None, str], limit: int
) -> list[ChannelDay]:
    """Read channels' days, latest first."""
    day, name = before
    return await tx.rows(
        _QUERIES.channel_days,
        ChannelDay,
        channel=channel,
        is_waiting=is_waiting,
        before_day=day,
        before_channel=name,
        limit=limit,
    )


async def latest_day(tx: Tx, channel: str) -> date | None:
    """Read the latest day that is known of a channel."""
    found: date | None = await tx.value(_QUERIES.latest_day, channel=channel)
    return found


async def waiting_days(tx: Tx, channel: str, *, since: date) -> list[date]:
    """Read the days of a channel whose file has not come, or since a day is at fault."""
    return await tx.column(_QUERIES.waiting_days, channel=channel, since=since)


async def note_fetch(tx: Tx, channel: str, day: date, fault: str | None) -> None:
    """Note that a file was fetched, and what was wrong with it."""
    await tx.execute(_QUERIES.note_fetch, channel=channel, day=day, fault=fault)


async def day_of_file(tx: Tx, channel: str, day: date, digest: str) -> date | None:
    """Read which other day had a file of the same content."""
    found: list[date] = await tx.column(_QUERIES.day_of_file, channel=channel, day=day, digest=digest)
    return found[0] if found else None


async def day_of_sequence(tx: Tx, channel: str, day: date, sequence: int) -> date | None:
    """Read which other day's statement has a number that does not fit this one's."""
    found: list[date] = await tx.column(_QUERIES.day_of_sequence, channel=channel, day=day, sequence=sequence)
    return found[0] if found else None


async def read_differences(
    tx: Tx,
    *,
    is_open: bool,
    channel: str | None,
    kind: DifferenceKind | None,
    after: tuple[datetime | None, UUID],
    limit: int,
) -> list[Difference]:
    """Read differences, the oldest first."""
    at, difference_id = after
    return await tx.rows(
        _QUERIES.differences,
        Difference,
        is_open=is_open,
        channel=channel,
        kind=kind,
        after_at=at,
        after_id=difference_id,
        limit=limit,
    )


async def read_difference(tx: Tx, difference_id: UUID) -> Difference | None:
    """Read one difference."""
    return await tx.maybe(_QUERIES.difference, Difference, bucket=bucket_of(difference_id), id=difference_id)


async def lock_difference(tx: Tx, difference_id: UUID) -> Difference | None:
    """Lock one difference and read it."""
    return await tx.maybe(_QUERIES.lock_difference, Difference, bucket=bucket_of(difference_id), id=difference_id)


async def update_difference(tx: Tx, changed: Difference) -> None:
    """Write what people decided."""
    names = ("bucket", "id", "state", "resolution", "proposed", "note", "maker", "checker", "changed_at")
    await tx.execute(_QUERIES.set_difference, **{name: getattr(changed, name) for name in names})


async def read_alarms(tx: Tx, at: datetime, *, unknown_after: timedelta, open_after: timedelta) -> Alarms:
    """Read what is past its time."""
    return await tx.one(_QUERIES.alarms, Alarms, at=at, unknown_before=at - unknown_after, open_before=at - open_after)


async def _copy(tx: Tx, statement: bytes, blocks: Iterable[bytes]) -> None:
    with refusals():
        async with tx.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for block in blocks:
                await copy.write(block)
