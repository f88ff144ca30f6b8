"""The files that channels owe us, fetched with no transaction open and held against the books day by day."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tiao.payments.actions import OnSucceeded
from tiao.payments.files.model import Blocks, ChannelFileRefused
from tiao.payments.files.plain import PlainFile
from tiao.payments.files.zm import ZmFile
from tiao.payments.jobs import Channels, MomentSource, chooser_of
from tiao.payments.providers.channel import DayFiles
from tiao.payments.reconciling import actions
from tiao.payments.reconciling.model import DayFile, Reconciled, Statement, StatementRow
from tiao.payments.routing.capability import Capability, FileFormat, StatementForm
from tiao.runtime.db import Database, Tx


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
        text = await channel.day_file(day, at=now.at)
        if text is None:
            run.waiting.append((capability.name, day))
            return
        statement = await _statement(channel, capability, day, now.at)

        async def hold(tx: Tx, day: date = day, text: bytes = text, told: Statement | None = statement) -> Reconciled:
            file = DayFile(capability, day, _read(capability.file, text), told)
            moment = await moment_source(tx)
            return await actions.reconcile(
                tx, moment, file, currency=owner.currency, zone=owner.zone, on_succeeded=on_succeeded
            )

        try:
            run.held.append(await db.retrying(hold))
        except ChannelFileRefused as refusal:
            run.refused.append((capability.name, day, str(refusal)))
            return


async def _statement(channel: DayFiles, capability: Capability, day: date, at: datetime) -> Statement | None:
    if capability.statement is not StatementForm.NET:
        return None  # its file is the statement
    net = await channel.day_net(day, at=at)
    return None if net is None else Statement([StatementRow(f"{day:%Y%m%d}", net)], f"net/{day}/{net}")


def _read(form: FileFormat, text: bytes) -> Blocks:
    return ZmFile(io.BytesIO(text)) if form is FileFormat.ZM else PlainFile(io.BytesIO(text))
