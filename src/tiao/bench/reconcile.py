"""A channel's day of a million payments held against our books: the file read, staged, joined; differences found."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import psutil

from tiao.bench.ground import CURRENCY, OPENED, ZONE, Ground, open_ground, own_server
from tiao.bench.measures import Machine, server_cpu_seconds, this_machine
from tiao.payments.files import zm
from tiao.payments.files.camt import CamtFile
from tiao.payments.files.model import Readable
from tiao.payments.iso20022 import accounts
from tiao.payments.reconciling import actions as reconciling
from tiao.payments.reconciling.model import DayFile
from tiao.payments.routing.capability import Capability, FileFormat, StatementForm, WireFormat
from tiao.runtime.db import Tx
from tiao.runtime.programme import move_clock
from tiao.runtime.queries import load_queries
from tiao.values.moment import Moment
from tiao.values.refusal import Kind, Refusal

_QUERIES = load_queries("tiao.bench")
#: By the form of their file: UnionPay's, and a bank's statement (camt.053), which says nothing of fees.
CHANNELS = {
    FileFormat.ZM: Capability("bench", "bench", WireFormat.UNIONPAY, FileFormat.ZM, StatementForm.NET, cost_bps=20),
    FileFormat.CAMT053: Capability("bench", "bench", WireFormat.ISO20022, FileFormat.CAMT053, StatementForm.EACH),
}
#: Of so many payments one is missing in the file, one has another amount, one stands twice.
_ODD_EVERY = 1_000
_MISSING, _OTHER, _TWICE = 1, 2, 3
_MADE_AT_ONCE = 50_000
Tell = Callable[[str, int, int], None]


class DifferencesMissed(Refusal):
    """The reconciliation found other differences than were put into the file."""

    kind = Kind.CONFLICT


class ReconcileReport(msgspec.Struct, frozen=True):
    """What a run came to. *Units*: seconds; mebibytes of memory at most, ours and the server's processes each alone."""

    machine: Machine
    form: FileFormat
    rows: int
    file_mib: float
    wall_seconds: float
    client_cpu_seconds: float
    server_cpu_seconds: float
    client_memory_mib: float
    server_memory_mib: float
    matched: int
    different: int


async def measure(rows: int, tell: Tell, form: FileFormat = FileFormat.ZM) -> ReconcileReport:
    """Reconcile a day of *rows* payments, one in a thousand of each kind at odds. Refuses: DifferencesMissed."""
    channel = CHANNELS[form]
    with own_server() as server, TemporaryDirectory(prefix="tiao-bench-") as folder:
        async with open_ground(server, "reconcile") as ground:
            path = Path(folder) / "INN26030988ZM_BENCH"
            written, expected = await _make(ground, rows, path, tell, channel)
            async with ground.db.begin() as tx:
                await move_clock(tx, _at(OPENED + timedelta(days=1), 10))
            me, pid = psutil.Process(), server.pid
            peak = _Peak(pid)
            cpu, server_cpu, began = time.process_time(), server_cpu_seconds(pid), time.perf_counter()
            matched, different = await _reconcile(ground, path, OPENED, peak, channel)
            wall = time.perf_counter() - began
            tell("reconcile", 1, 1)
            if (matched, different) != expected:
                raise DifferencesMissed(f"{(matched, different)}, not {expected}")
            return ReconcileReport(
                this_machine(),
                form,
                written,
                round(path.stat().st_size / 2**20, 1),
                round(wall, 2),
                round(time.process_time() - cpu, 2),
                round(server_cpu_seconds(pid) - server_cpu, 2),
                round(max(peak.ours, me.memory_info().rss) / 2**20, 1),
                round(peak.theirs / 2**20, 1),
                matched,
                different,
            )


class _Peak:
    """The most memory that was seen in use; looked at while the file is read."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.ours = self.theirs = 0

    def look(self) -> None:
        self.ours = max(self.ours, psutil.Process().memory_info().rss)
        for child in psutil.Process(self._pid).children():
            try:
                self.theirs = max(self.theirs, child.memory_full_info().uss)
            except psutil.Error:
                continue


class _Watched:
    """A source that looks at the memory now and then, as it is read."""

    def __init__(self, source: Readable, peak: _Peak) -> None:
        self._source, self._peak, self._reads = source, peak, 0

    def read(self, size: int = -1, /) -> bytes:
        """Read on."""
        if self._reads % 64 == 0:
            self._peak.look()
        self._reads += 1
        return self._source.read(size)


async def _reconcile(ground: Ground, path: Path, day: date, peak: _Peak, channel: Capability) -> tuple[int, int]:
    with path.open("rb") as opened:
        source = _Watched(opened, peak)
        is_camt = channel.file is FileFormat.CAMT053
        file = CamtFile(source, day=day, currency=CURRENCY) if is_camt else zm.ZmFile(source)
        async with ground.db.begin() as tx:
            now = await ground.moments(tx)
            held = await reconciling.reconcile(
                tx, now, DayFile(channel, day, file), currency=CURRENCY, zone=ZoneInfo(ZONE), on_succeeded=_book
            )
            peak.look()
    return held.day.matched, held.day.different


async def _book(_tx: Tx, _now: Moment, resolved: object) -> None:
    assert not resolved, "every payment here has its answer"


async def _make(ground: Ground, rows: int, path: Path, tell: Tell, channel: Capability) -> tuple[int, tuple[int, int]]:
    """Make payments in the books and the file of their day; answer its rows, and what agrees and differs."""
    at = _at(OPENED, 12)
    missing = other = twice = written = 0
    line = _LINES[channel.file]
    head, tail = _ends(rows) if channel.file is FileFormat.CAMT053 else (b"", b"")
    with path.open("wb") as file:
        file.write(head)
        for first in range(0, rows, _MADE_AT_ONCE):
            until = min(first + _MADE_AT_ONCE, rows)
            async with ground.db.begin() as tx:
                made: list[UUID] = await tx.column(_QUERIES.insert_debits, first=first, until=until, at=at)
            lines = []
            for number, debit_id in enumerate(made, start=first):
                kind = number % _ODD_EVERY
                if kind == _MISSING:
                    missing += 1
                    continue
                amount, times = _of(number)
                other += kind == _OTHER
                twice += times - 1
                lines += [line(debit_id, number, amount)] * times
            file.writelines(lines)
            written += len(lines)
            tell("payments and file", until, rows)
        file.write(tail)
    async with ground.db.pool.connection() as connection:
        await connection.set_autocommit(True)
        await connection.execute("analyze debit")
        await connection.set_autocommit(False)
    return written, (rows - missing - other, missing + other + twice)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZoneInfo(ZONE)) + timedelta(hours=hour)


_TEMPLATE = zm.write_record({"trade_code": "S22", "trade_kind": "01", "submerchant_name": "山脚书店"})


def _of(number: int) -> tuple[int, int]:
    """Say what a payment comes to in the file, and how often it stands there."""
    kind = number % _ODD_EVERY
    return 1000 + number % 900_000 + (kind == _OTHER), 0 if kind == _MISSING else 1 + (kind == _TWICE)


def _zm_line(debit_id: UUID, number: int, amount: int) -> bytes:
    record = bytearray(_TEMPLATE)
    fee = (amount * CHANNELS[FileFormat.ZM].cost_bps + 5_000) // 10_000
    cells = {
        "amount": b"%012d" % amount,
        "order_no": debit_id.hex.encode(),
        "query_no": b"%021d" % number,
        "fee": b"D%012d" % fee,
    }
    for name, cell in cells.items():
        start = zm.BY_NAME[name].start
        record[start : start + len(cell)] = cell
    return bytes(record) + b"\n"


_SAMPLE = accounts.Booked("NUMBER", "BANKNO", 12_34, CURRENCY, OPENED)


def _statement(closing_minor: int) -> tuple[bytes, bytes, bytes]:
    """Write a statement of one entry, and give what stands before it, the entry, and what stands after it."""
    one = _SAMPLE._replace(amount_minor=closing_minor)
    report = accounts.AccountReport("BENCH", _at(OPENED, 23), 1, "house", CURRENCY, 0, (one,))
    text = accounts.write_account(report, accounts.STATEMENT)
    head, begin, rest = text.partition(b"<Ntry>")
    entry, end, tail = rest.partition(b"</Ntry>")
    return head, begin + entry + end, tail


def _ends(rows: int) -> tuple[bytes, bytes]:
    """Give what stands before and after so many entries: the balances follow from them."""
    head, _, tail = _statement(sum(amount * times for amount, times in map(_of, range(rows))))
    return head, tail


_ENTRY = _statement(_SAMPLE.amount_minor)[1].replace(b"12.34", b"%d.%02d").replace(b"BANKNO", b"%020d")
_ENTRY = _ENTRY.replace(b"NUMBER", b"%s")


def _camt_line(debit_id: UUID, number: int, amount: int) -> bytes:
    return _ENTRY % (amount // 100, amount % 100, number, debit_id.hex.encode())


_LINES: dict[FileFormat, Callable[[UUID, int, int], bytes]] = {
    FileFormat.ZM: _zm_line,
    FileFormat.CAMT053: _camt_line,
}
