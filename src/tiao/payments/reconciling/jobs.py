"""The files that channels owe us, fetched with no transaction open and held against the books day by day."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tiao.payments.actions import OnSucceeded
from tiao.payments.files.camt import CamtFile
from tiao.payments.files.model import Blocks, ChannelFileRefused
from tiao.payments.files.plain import PlainFile
from tiao.payments.files.zm import ZmFile
from tiao.payments.jobs import Channels, MomentSource, chooser_of
from tiao.payments.providers.channel import DayFiles
from tiao.payments.providers.deflating import DayText
from tiao.payments.reconciling import actions
from tiao.payments.reconciling.model import DayFile, Reconciled, Statement, StatementRow
from tiao.payments.reconciling.refusals import ChannelFileAtOdds, ChannelFileRepeated
from tiao.payments.routing.capability import Capability, FileFormat, StatementForm
from tiao.runtime.db import Database, Tx

#: A file that is not right is fetched so often at once; later again, hour by hour.
FETCHES = 3


class ReconcileRun(NamedTuple):
    """What a run came to: days that were held, days whose file has not come, and files at fault with their fault."""

    held: list[Reconciled]
    waiting: list[tuple[str, date]]
    refused: list[tuple[str, date, str]]


class Owner(NamedTuple):
    """Whose books they are: currency, time zone, and the day they were opened on."""

    currency: str
    zone: ZoneInfo
    opened_on: date


async def run_files(
    db: Database, channels: Channels, moment_source: MomentSource, owner: Owner, on_succeeded: OnSucceeded
) -> ReconcileRun:
    """Fetch every file that is owed and hold it, each channel's days in turn.

    A day waits for the one before it, since a file carries what the last one left. Safe to run again at any point.
    """
    run = ReconcileRun([], [], [])
    chooser = chooser_of(channels)
    for capability in () if chooser is None else chooser.capabilities:
        channel: object = channels.get(capability.name)
        if isinstance(channel, DayFiles):
            await _run_channel(db, channel, capability, moment_source, owner, on_succeeded, run)
    return run


async def _run_channel(
    db: Database,
    channel: DayFiles,
    capability: Capability,
    moment_source: MomentSource,
    owner: Owner,
    on_succeeded: OnSucceeded,
    run: ReconcileRun,
) -> None:
    async with db.begin() as tx:
        now = await moment_source(tx)
        days = await actions.owed_days(tx, now, capability.name, since=owner.opened_on, zone=owner.zone)
    for day in days:
        if not await _run_day(db, channel, capability, day, moment_source, owner, on_succeeded, run):
            return


async def _run_day(
    db: Database,
    channel: DayFiles,
    capability: Capability,
    day: date,
    moment_source: MomentSource,
    owner: Owner,
    on_succeeded: OnSucceeded,
    run: ReconcileRun,
) -> bool:
    """Fetch a day's file until it is right, a few times; then it is held as it is, or somebody is alarmed.

    Tells whether the days after it may be held.
    """
    fault = None
    for fetch in range(1, FETCHES + 1):
        async with db.begin() as tx:
            at = (await moment_source(tx)).at
        text = await channel.day_file(day, at=at)
        if text is None:
            run.waiting.append((capability.name, day))
            break
        statement = await channel.day_statement(day, at=at)

        async def hold(
            tx: Tx, text: DayText = text, told: DayText | None = statement, *, is_final: bool = fetch == FETCHES
        ) -> Reconciled:
            file = _day_file(capability, day, owner.currency, text, told)._replace(is_final=is_final)
            return await actions.reconcile(
                tx,
                await moment_source(tx),
                file,
                currency=owner.currency,
                zone=owner.zone,
                on_succeeded=on_succeeded,
            )

        try:
            run.held.append(await db.retrying(hold))
        except (ChannelFileRefused, ChannelFileRepeated, ChannelFileAtOdds) as refusal:
            fault = f"{refusal.code}: {refusal}"
            continue
        return True
    async with db.begin() as tx:
        await actions.note_fetch(tx, capability.name, day, fault)
    if fault is not None:
        run.refused.append((capability.name, day, fault))
    return False


def _day_file(capability: Capability, day: date, currency: str, text: DayText, told: DayText | None) -> DayFile:
    """Open a day's file, and read the bank's statement of it; one that cannot be read is a fault of the day."""
    file = DayFile(capability, day, _opened(capability.file, text, day, currency))
    if told is None:
        return file
    reading = CamtFile(told.open(), day=day, currency=currency)
    try:
        rows = [StatementRow(each.end_to_end_id, each.amount_minor) for each in reading.entries()]
    except ChannelFileRefused as refusal:
        return file._replace(statement_fault=f"the statement: {refusal}")
    if capability.statement is StatementForm.NET:
        rows = [StatementRow(f"{day:%Y%m%d}", reading.net_minor)]
    return file._replace(statement=Statement(rows, reading.digest, reading.sequence))


def _opened(form: FileFormat, text: DayText, day: date, currency: str) -> Blocks:
    match form:
        case FileFormat.ZM:
            return ZmFile(text.open())
        case FileFormat.CAMT053:
            return CamtFile(text.open(), day=day, currency=currency)
        case FileFormat.TIAO:
            return PlainFile(text.open())
