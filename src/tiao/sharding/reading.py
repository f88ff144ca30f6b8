"""What is read from all servers: it is whole, or it is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.ledger import actions as ledger
from tiao.ledger.model import Account, BookedEntry, BookedPosting, TrialBalanceRow
from tiao.payments import actions as payments
from tiao.payments import gathering
from tiao.payments.model import Settlement, SettlementLine
from tiao.payments.prepaid import actions as prepaid
from tiao.payments.settling import actions as settling
from tiao.payments.settling.model import FileLine, Receivable, ReceivableKind
from tiao.payments.settling.statement import StatementFile, statement
from tiao.runtime.db import Database
from tiao.runtime.programme import read_programme
from tiao.sharding.shards import Shards, living
from tiao.values.calendar import BusinessCalendar
from tiao.wiring import Platform


async def merchant_balance(shards: Shards, merchant_id: UUID) -> int:
    """Read what we owe a merchant on every server and between them. *Units*: minor units, what we owe is positive.

    The home is read first: what it gathers meanwhile is missed by neither side and counted by none twice, for
    another server's account does not change when its parts are gathered.
    Refuses: ShardUnavailable.
    """
    home, *others = shards.all()
    async with home.db.snapshot() as tx:
        balance = await payments.merchant_balance(tx, merchant_id)
        through = await gathering.gathered_through(tx) if others else {}
    return balance + await _elsewhere(others, through, merchant_id)


async def balance_elsewhere(shards: Shards, merchant_id: UUID) -> int:
    """Read what we owe a merchant on every server but the home, and on its way there. Refuses: ShardUnavailable."""
    home, *others = shards.all()
    if not others:
        return 0
    async with home.db.snapshot() as tx:
        through = await gathering.gathered_through(tx)
    return await _elsewhere(others, through, merchant_id)


async def _elsewhere(others: Sequence[Platform], through: Mapping[int, date], merchant_id: UUID) -> int:
    balance = 0
    for number, platform in enumerate(others, start=1):
        async with platform.db.snapshot() as tx:
            balance += await payments.merchant_balance(tx, merchant_id)
            under_way = await gathering.sent(tx, after=through.get(number, date.min), through=date.max)
        balance += sum(part.net_minor for part in under_way if part.merchant_id == merchant_id)
    return balance


async def settlement_lines(
    shards: Shards, found: Settlement, *, after: tuple[int, UUID] | None, limit: int
) -> list[SettlementLine]:
    """Read the postings a settlement covers, from every server that booked some of them, in order of bucket and id.

    Refuses: ShardUnavailable.
    """
    home = shards.platform(None)
    async with home.db.begin() as tx:
        lines = await payments.settlement_lines(tx, found, after=after, limit=limit)
        parts = await gathering.parts_of(tx, found.merchant_id, found.business_date) if shards.is_several else []
    for part in parts:
        of_day = msgspec.structs.replace(found, business_date=part.business_date)
        async with living(shards.sites[part.shard]).db.begin() as tx:
            lines += await payments.settlement_lines(tx, of_day, after=after, limit=limit)
    return sorted(lines, key=lambda each: (each.bucket, each.posting_id))[:limit]


async def journal(
    shards: Shards, day: date, *, account: int | None, after: tuple[int, UUID] | None, limit: int
) -> list[tuple[BookedPosting, list[BookedEntry]]]:
    """Read a page of what every server booked on a day, in order of bucket and id. Refuses: ShardUnavailable."""
    found: list[tuple[BookedPosting, list[BookedEntry]]] = []
    for platform in shards.all():
        async with platform.db.begin() as tx:
            found += await ledger.journal(tx, day, account=account, after=after, count=limit)
    return sorted(found, key=lambda each: (each[0].bucket, each[0].id))[:limit]


async def settlement_file(shards: Shards, found: Settlement) -> StatementFile:
    """Write the file of a settlement, with what every server booked. Refuses: ShardUnavailable."""
    home = shards.platform(None)
    async with home.db.begin() as tx:
        parts = await gathering.parts_of(tx, found.merchant_id, found.business_date) if shards.is_several else []
    lines = await _file_lines(home.db, found.merchant_id, found.business_date)
    for part in parts:
        lines += await _file_lines(living(shards.sites[part.shard]).db, found.merchant_id, part.business_date)
    return statement(found, lines)


async def _file_lines(db: Database, merchant_id: UUID, day: date) -> list[FileLine]:
    lines: list[FileLine] = []
    after: tuple[int, UUID] | None = None
    while True:
        async with db.begin() as tx:
            page = await settling.file_lines(tx, merchant_id, day, after=after)
        lines += page
        if len(page) < settling.LINES_A_SET:
            return lines
        after = (page[-1].bucket, page[-1].posting_id)


class Standing(NamedTuple):
    """What we owe a merchant, by where it stands, on all servers. *Units*: minor units; negative where it owes us."""

    payable_minor: int
    available_minor: int
    reserve_minor: int
    held_minor: int
    in_transit_minor: int
    prepaid_minor: int
    receivables: list[Receivable]


async def standing(shards: Shards, merchant_id: UUID, calendar: BusinessCalendar) -> Standing:
    """Read what we owe a merchant and when it may expect it; all of it together is what the books owe it.

    Refuses: ShardUnavailable.
    """
    payable = await merchant_balance(shards, merchant_id)
    home, *others = shards.all()
    async with home.db.snapshot() as tx:
        owed = await settling.owed(tx, merchant_id)
        known = await settling.receivables_at_home(tx, merchant_id)
        held = -await ledger.owner_balance(tx, Account.MERCHANT_HELD, merchant_id)
        steps = await prepaid.steps_to_come(tx, merchant_id)
        now = await home.moments(tx)
        closed_through = (await read_programme(tx)).closed_through
    for platform in others:
        async with platform.db.snapshot() as tx:
            held -= await ledger.owner_balance(tx, Account.MERCHANT_HELD, merchant_id)
            steps += await prepaid.steps_to_come(tx, merchant_id)
    accrued = payable - owed.unpaid_minor
    expected = calendar.next_workday(max(now.today, closed_through + timedelta(days=1)))
    if accrued:
        known.insert(0, Receivable(ReceivableKind.ACCRUED, now.today, expected, accrued))
    if held:
        known.append(Receivable(ReceivableKind.HELD, None, None, held))
    by_day: dict[date, int] = {}
    for step in sorted(steps):
        by_day[step.releases_on] = by_day.get(step.releases_on, 0) + step.amount_minor
    known += [Receivable(ReceivableKind.PREPAID, None, day, amount) for day, amount in by_day.items()]
    return Standing(
        payable_minor=payable,
        available_minor=max(min(owed.unpaid_minor, payable), 0),
        reserve_minor=owed.reserve_minor,
        held_minor=held,
        in_transit_minor=owed.in_transit_minor,
        prepaid_minor=sum(by_day.values()),
        receivables=known,
    )


async def trial_balance(shards: Shards, on: date | None) -> tuple[date, date, list[TrialBalanceRow]]:
    """Add the servers' trial balances up; answers the day, how far all are closed, and the rows.

    Refuses: ShardUnavailable.
    """
    platforms = shards.all()
    closed = []
    for platform in platforms:
        async with platform.db.begin() as tx:
            closed.append((await read_programme(tx)).closed_through)
    closed_through = min(closed)
    day = on or closed_through
    rows: dict[tuple[int, str], TrialBalanceRow] = {}
    for platform in platforms:
        async with platform.db.snapshot() as tx:
            for row in await ledger.trial_balance(tx, day):
                known = rows.get((row.account, row.currency))
                rows[row.account, row.currency] = row if known is None else _sum(known, row)
    return day, closed_through, [rows[key] for key in sorted(rows)]


def _sum(left: TrialBalanceRow, right: TrialBalanceRow) -> TrialBalanceRow:
    return msgspec.structs.replace(
        left,
        debit_minor=left.debit_minor + right.debit_minor,
        credit_minor=left.credit_minor + right.credit_minor,
        balance_minor=left.balance_minor + right.balance_minor,
    )
