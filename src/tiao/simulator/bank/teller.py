"""What every simulated bank does behind its own wire: execute, look up, interrupt, and write the file of a day."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tiao.payments.files.model import FileRow
from tiao.payments.files.plain import write_plain
from tiao.payments.iso20022 import accounts
from tiao.simulator.bank.books import HOUSE_ACCOUNT, Books, Decided, Flow, Order
from tiao.simulator.bank.faults import draw, pick

BPS = 10_000


class Manner(StrEnum):
    """How an order is answered."""

    PLAINLY = "plainly"
    SILENTLY = "silently"
    AS_PROCESSING = "as_processing"
    GARBLED = "garbled"
    WRONGLY_SIGNED = "wrongly_signed"


class Told(NamedTuple):
    """An answer: in which manner, and what was decided where something was."""

    manner: Manner
    decided: Decided | None


class DayRow(NamedTuple):
    """One row of the file of a day. *Units*: minor units."""

    request_no: str
    channel_no: str
    flow: Flow
    amount_minor: int
    fee_minor: int
    at: datetime


class Teller:
    """Serves one bank's books behind a wire. *fee_bps*, *fee_fixed_minor*: what it takes for a debit."""

    def __init__(self, books: Books, *, zone: ZoneInfo, fee_bps: int = 0, fee_fixed_minor: int = 0) -> None:
        self.books = books
        self.zone = zone
        self._fee = (fee_bps, fee_fixed_minor)
        self._asked: Counter[tuple[str, str]] = Counter()
        self._files_asked: Counter[date] = Counter()
        self._by_day: defaultdict[date, list[Decided]] = defaultdict(list)
        self._filed = 0

    async def execute(self, order: Order, at: datetime) -> Told:
        """Execute an order, and let chance decide what the caller gets to see of it. Raises: RequestDiffers."""
        faults = self.books.faults
        fault = pick(self._drawn("order", order.request_no), faults.interruptions())
        if fault == "time_out_before":
            await asyncio.sleep(faults.hang_ms / 1000)
            return Told(Manner.SILENTLY, None)
        is_new = order.request_no not in self.books.decisions
        decided = self._closed(order, at) or self.books.execute(order, at)
        if fault == "time_out_after":
            await asyncio.sleep(faults.hang_ms / 1000)
            return Told(Manner.SILENTLY, decided)
        if fault in {"garbled", "wrongly_signed"}:
            return Told(Manner(fault), decided)
        if is_new and draw(self.books.seed, order.request_no, "processing") < faults.processing_ppm:
            return Told(Manner.AS_PROCESSING, decided)
        return Told(Manner.PLAINLY, decided)

    async def look_up(self, request_no: str, *, closes: bool = False) -> Told:
        """Find what became of an order; with *closes*, one never seen never will be."""
        faults = self.books.faults
        if self._drawn("query", request_no) < faults.query_time_out_ppm:
            await asyncio.sleep(faults.hang_ms / 1000)
            return Told(Manner.SILENTLY, None)
        return Told(Manner.PLAINLY, self.books.look_up(request_no, closes=closes))

    def day_rows(self, day: date) -> list[DayRow] | None:
        """Write the file of a day, with what goes wrong in files; None while it is late."""
        faults, seed = self.books.faults, self.books.seed
        self._files_asked[day] += 1
        if self._files_asked[day] == 1 and draw(seed, day.isoformat(), "file late") < faults.file_late_ppm:
            return None
        is_first = self._files_asked[day] == 1
        if is_first and draw(seed, day.isoformat(), "file again") < faults.file_again_ppm:
            return list(self._rows(day - timedelta(days=1)))
        rows = list(self._rows(day))
        if self._files_asked[day] <= 2 and draw(seed, day.isoformat(), "file short") < faults.file_short_ppm:  # noqa: PLR2004
            rows = rows[: len(rows) // 2]
        return rows

    def net_minor(self, day: date) -> int:
        """Tell what the bank books on our account for a day: what it took and gave, less its fees."""
        total = 0
        for decided in self._done(day):
            total += decided.amount_minor if decided.flow is Flow.DEBIT else -decided.amount_minor
            total -= self._fee_of(decided)
        return total

    def statement(self, day: date, at: datetime, *, is_net: bool) -> bytes:
        """Write the bank's own statement of a day (camt.053): true, whatever goes wrong in files."""
        entries = [
            accounts.Booked(
                each.request_no,
                each.channel_no,
                each.amount_minor if each.flow is Flow.DEBIT else -each.amount_minor,
                each.currency,
                day,
            )
            for each in self._done(day)
        ]
        if is_net:
            net = self.net_minor(day)
            entries = [accounts.Booked(f"NET{day:%Y%m%d}", f"SN{day:%Y%m%d}", net, "CNY", day)] if net else []
        sequence = (day - date(2000, 1, 1)).days
        report = accounts.AccountReport(f"ST{day:%Y%m%d}", at, sequence, HOUSE_ACCOUNT, "CNY", 0, tuple(entries))
        return accounts.write_account(report, accounts.STATEMENT)

    def _rows(self, day: date) -> Iterator[DayRow]:
        faults, seed = self.books.faults, self.books.seed
        for decided in self._done(day):
            number = decided.request_no
            row = DayRow(
                number, decided.channel_no, decided.flow, decided.amount_minor, self._fee_of(decided), decided.at
            )
            if draw(seed, number, "row missing") < faults.row_missing_ppm:
                continue
            if draw(seed, number, "row amount") < faults.row_amount_ppm:
                row = row._replace(amount_minor=row.amount_minor + 1)
            if draw(seed, number, "row fee") < faults.row_fee_ppm:
                row = row._replace(fee_minor=row.fee_minor + 1)
            yield row
            if draw(seed, number, "row twice") < faults.row_twice_ppm:
                yield row
            if draw(seed, number, "row foreign") < faults.row_foreign_ppm:
                yield row._replace(request_no=f"x{number[1:]}", channel_no=f"F{row.channel_no[1:]}")

    def _done(self, day: date) -> list[Decided]:
        # A decision is final and written once, so each is looked at once, however many days' files are asked for.
        for decided in islice(self.books.decisions.values(), self._filed, None):
            self._filed += 1
            if decided.code is None:
                self._by_day[decided.at.astimezone(self.zone).date()].append(decided)
        return self._by_day.get(day, [])

    def _fee_of(self, decided: Decided) -> int:
        bps, fixed = self._fee
        return (decided.amount_minor * bps + BPS // 2) // BPS + fixed if decided.flow is Flow.DEBIT else 0

    def _closed(self, order: Order, at: datetime) -> Decided | None:
        """Decline without a trace while the bank is closed: the number was not taken and may come again."""
        hour = at.astimezone(self.zone).hour
        if order.request_no in self.books.decisions:
            return None
        if not any(first <= hour < last for first, last in self.books.faults.maintenance_hours):
            return None
        return Decided(**order._asdict(), account_no=None, code="maintenance", at=at)

    def _drawn(self, what: str, number: str) -> int:
        self._asked[what, number] += 1
        return draw(self.books.seed, number, what, str(self._asked[what, number]))


def plain_file(rows: Iterable[DayRow]) -> bytes:
    """Write the file of a day in tiao's own form."""
    return write_plain(
        FileRow(row.request_no, row.channel_no, row.flow.value, row.amount_minor, row.fee_minor) for row in rows
    )
