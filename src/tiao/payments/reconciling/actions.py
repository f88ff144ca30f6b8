"""What can be done about channels' days and differences, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from tiao.casework.refusals import MakerIsChecker
from tiao.ledger import actions as ledger
from tiao.payments.actions import OnSucceeded
from tiao.payments.actions.debits import apply_debit_answers
from tiao.payments.actions.payouts import record_payout_answers
from tiao.payments.model import MERCHANT_BUCKET, Answer, Failed, Succeeded
from tiao.payments.reconciling import postings, rules, store
from tiao.payments.reconciling.model import (
    Alarms,
    ChannelDay,
    DayFile,
    Difference,
    DifferenceKind,
    DifferenceState,
    Ending,
    FileAnswer,
    Reconciled,
)
from tiao.payments.reconciling.refusals import (
    ChannelDayNotOver,
    ChannelFileAtOdds,
    ChannelFileRepeated,
    DifferenceUnknown,
    NothingProposed,
)
from tiao.runtime.db import Tx
from tiao.values.ids import derived_id
from tiao.values.moment import Moment

#: An outcome unknown so long, a difference open so long, is somebody's business: T+1 has passed, and T+2.
UNKNOWN_AFTER, OPEN_AFTER = timedelta(days=2), timedelta(days=3)
#: What a debit is told that two files in turn did not have: the channel never took the money.
ABSENT = Failed("absent_from_file", is_retryable=True)
#: A file at fault is fetched again for so long; then people ask the channel for it.
FETCHED_AGAIN = timedelta(days=3)
_BEFORE_ALL, _AFTER_ALL = UUID(int=0), "\U0010ffff"


async def reconcile(
    tx: Tx, now: Moment, file: DayFile, *, currency: str, zone: ZoneInfo, on_succeeded: OnSucceeded
) -> Reconciled:
    """Hold a channel's file, and the bank's statement when it came, against our books; once, however often.

    What the file knows of requests without an answer is recorded as their answer; what two files in turn did not have
    has failed. The channel's fees are booked. The same file again changes nothing; a longer one of the day is held too.
    Refuses, and then nothing was applied: ChannelFileRefused, ChannelFileRepeated, ChannelDayNotOver; ChannelFileAtOdds
    when the file is not final and does not come to what the statement says.
    """
    capability, day = file.capability, file.day
    if day >= now.today:
        raise ChannelDayNotOver(f"{day} is not over: it is {now.today}", today=now.today.isoformat())
    await store.await_file(tx, capability.name, day, rules.expected_at(day, zone))
    known = await store.lock_day(tx, capability.name, day)
    await store.stage_file(tx, file.blocks)
    told = None if file.statement is None else file.statement.digest
    digest, totals = file.blocks.digest, file.blocks.totals
    if known.file_digest == digest and told in {None, known.statement_digest}:
        return Reconciled(known, 0, 0)
    await _check_is_this_days(tx, file)
    fault = file.statement_fault or rules.at_odds(file.capability, totals, file.statement)
    if fault is not None and not file.is_final:
        raise ChannelFileAtOdds(fault)
    hours = rules.hours_of(capability, day, zone)
    held = await store.reconcile(tx, capability, day, hours, now.at)
    statement = None
    if file.statement is not None:
        await store.stage_statement(tx, file.statement)
        statement = (file.statement.digest, await store.hold_statement(tx, capability, day, now.at))
    settled = await store.answers(tx)
    absent = await store.read_absent(tx, capability.name, day, before=hours.starts, zone=zone)
    fee_minor = totals.fee_minor - known.channel_fee_minor
    if fee_minor:
        cause = derived_id("channel fees", capability.name, day.isoformat(), digest, bucket=MERCHANT_BUCKET)
        booked = [postings.channel_fees(cause, fee_minor, currency, now.today)]
        await ledger.post(tx, booked, booked_on=now.today, recorded_at=now.at)
    held_day = store.HeldDay(held, totals, digest, statement, _sequence(file), fault)
    await store.update_day(tx, known, held_day, at=now.at)
    came = {one.id for one in settled}
    await _record(tx, now, settled, [each for each in absent if each not in came], currency, on_succeeded)
    return Reconciled(await store.lock_day(tx, capability.name, day), len(settled), len(absent))


async def _record(
    tx: Tx,
    now: Moment,
    settled: Sequence[FileAnswer],
    absent: Sequence[UUID],
    currency: str,
    on_succeeded: OnSucceeded,
) -> None:
    """Record the file's word as the answers that did not come."""

    def said(one: FileAnswer) -> tuple[UUID, Answer]:
        return one.id, Succeeded(one.channel_no or "in file", now.at, one.amount_minor, currency)

    debits: list[tuple[UUID, Answer]] = [said(one) for one in settled if one.flow == "debit"]
    debits += [(each, ABSENT) for each in absent]
    if debits:
        await apply_debit_answers(tx, now, debits, on_succeeded)
    payouts = [said(one) for one in settled if one.flow == "payout"]
    if payouts:
        await record_payout_answers(tx, now, payouts)


async def propose(tx: Tx, now: Moment, difference_id: UUID, ending: Ending, *, actor: str, note: str) -> Difference:
    """Propose how to end a difference; a newer proposal takes the place of an older one.

    Refuses: DifferenceUnknown, DifferenceClosed, EndingNotAllowed.
    """
    found = await _locked(tx, difference_id)
    rules.check_ending(found, ending)
    changed = msgspec.structs.replace(found, proposed=ending, maker=actor, checker=None, note=note, changed_at=now.at)
    await store.update_difference(tx, changed)
    return changed


async def approve(tx: Tx, now: Moment, difference_id: UUID, *, actor: str, currency: str) -> Difference:
    """Agree to what somebody else proposed, and book it.

    Refuses: DifferenceUnknown, DifferenceClosed, NothingProposed, EndingNotAllowed, MakerIsChecker.
    """
    found = await _locked(tx, difference_id)
    if found.proposed is None and found.state is not DifferenceState.CLOSED:
        raise NothingProposed
    ending = found.proposed or Ending.ACCEPT
    rules.check_ending(found, ending)
    if found.maker == actor:
        raise MakerIsChecker
    if rules.cash_effect(found) and ending is not Ending.ACCEPT:
        is_new = ending is Ending.SUSPEND
        booked = (
            postings.difference_suspended(found, currency, now.today)
            if is_new
            else postings.difference_ended(found, ending, currency, now.today)
        )
        await ledger.post(tx, [booked], booked_on=now.today, recorded_at=now.at)
    resolution = rules.resolution_of(ending)
    changed = msgspec.structs.replace(
        found,
        state=DifferenceState.SUSPENDED if resolution is None else DifferenceState.CLOSED,
        resolution=resolution,
        proposed=None,
        checker=actor,
        changed_at=now.at,
    )
    await store.update_difference(tx, changed)
    return changed


async def withdraw(tx: Tx, now: Moment, difference_id: UUID, *, actor: str) -> Difference:
    """Take a proposal away, one's own or another's. Refuses: DifferenceUnknown, DifferenceClosed, NothingProposed."""
    found = await _locked(tx, difference_id)
    if found.proposed is None:
        raise NothingProposed
    changed = msgspec.structs.replace(found, proposed=None, checker=None, maker=actor, changed_at=now.at)
    await store.update_difference(tx, changed)
    return changed


async def difference(tx: Tx, difference_id: UUID) -> Difference:
    """Read one difference. Refuses: DifferenceUnknown."""
    found = await store.read_difference(tx, difference_id)
    if found is None:
        raise DifferenceUnknown
    return found


async def differences(
    tx: Tx,
    *,
    is_open: bool,
    channel: str | None = None,
    kind: DifferenceKind | None = None,
    after: tuple[datetime | None, UUID] = (None, _BEFORE_ALL),
    limit: int,
) -> list[Difference]:
    """Read differences, the oldest first; for the next page give the last one's time and id."""
    return await store.read_differences(tx, is_open=is_open, channel=channel, kind=kind, after=after, limit=limit)


async def channel_days(
    tx: Tx,
    *,
    channel: str | None = None,
    is_waiting: bool = False,
    before: tuple[date | None, str] = (None, _AFTER_ALL),
    limit: int,
) -> list[ChannelDay]:
    """Read channels' days, latest first; for the next page give the last one's day and channel."""
    return await store.read_days(tx, channel=channel, is_waiting=is_waiting, before=before, limit=limit)


async def owed_days(tx: Tx, now: Moment, channel: str, *, since: date, zone: ZoneInfo) -> list[date]:
    """Write down every day whose file a channel owes by now; list those that have not come right, oldest first."""
    latest = await store.latest_day(tx, channel)
    day = since if latest is None else latest + timedelta(days=1)
    while day < now.today:
        await store.await_file(tx, channel, day, rules.expected_at(day, zone))
        day += timedelta(days=1)
    return await store.waiting_days(tx, channel, since=now.today - FETCHED_AGAIN)


async def note_fetch(tx: Tx, channel: str, day: date, fault: str | None) -> None:
    """Note that a file was fetched, and what is wrong with it: somebody is alarmed while there is anything."""
    await store.note_fetch(tx, channel, day, fault)


async def alarms(tx: Tx, now: Moment) -> Alarms:
    """Tell what somebody has to look at."""
    return await store.read_alarms(tx, now.at, unknown_after=UNKNOWN_AFTER, open_after=OPEN_AFTER)


async def _locked(tx: Tx, difference_id: UUID) -> Difference:
    found = await store.lock_difference(tx, difference_id)
    if found is None:
        raise DifferenceUnknown
    return found


async def _check_is_this_days(tx: Tx, file: DayFile) -> None:
    """Refuse another day's file that came once more; days on which nothing happened are all alike."""
    if file.blocks.totals.rows:
        other = await store.day_of_file(tx, file.capability.name, file.day, file.blocks.digest)
        if other is not None:
            raise ChannelFileRepeated(f"it is the file of {other}")
    sequence = _sequence(file)
    if sequence is not None:
        before = await store.day_of_sequence(tx, file.capability.name, file.day, sequence)
        if before is not None:
            raise ChannelFileRepeated(
                f"ElctrncSeqNb {sequence}: it is not the next, {before} has {sequence} or passed it"
            )


def _sequence(file: DayFile) -> int | None:
    """Give the number of the statement that came as the file, or beside it."""
    told = None if file.statement is None else file.statement.sequence
    return told if file.blocks.sequence is None else file.blocks.sequence
