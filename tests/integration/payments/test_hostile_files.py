"""A table a codec of files that are not what they must be: each is refused with its place, nothing of it applied."""

import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from tiao.payments import jobs
from tiao.payments.files import zm
from tiao.payments.files.model import FileRow
from tiao.payments.files.plain import write_plain
from tiao.payments.iso20022 import accounts
from tiao.payments.model import NewDebit
from tiao.payments.providers.deflating import DayText
from tiao.payments.reconciling.jobs import Owner, ReconcileRun, run_files
from tiao.payments.routing.capability import Capability, FileFormat, StatementForm, WireFormat
from tiao.payments.routing.chooser import Chooser
from tiao.payments.routing.tables import Policies, Policy

#: The fixture of conftest.py, which a test cannot import.
World: TypeAlias = Any
Broken: TypeAlias = Callable[[bytes], bytes]
#: What is wrong, how it comes about, what must be said of where.
Table: TypeAlias = list[tuple[str, Broken, str]]
ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 2)
OWNER = Owner("CNY", ZONE, DAY)
AT = datetime(2026, 3, 3, 1, tzinfo=UTC)
RARE = "𠮷田𬱖"


class Gives:
    """A bank that gives whatever a test says is its file of the day."""

    def __init__(self) -> None:
        self.text: DayText | None = None
        self.statement: DayText | None = None

    async def day_file(self, day: date, *, at: datetime) -> DayText | None:  # noqa: ARG002  as every bank's
        return self.text if day == DAY else None

    async def day_statement(self, day: date, *, at: datetime) -> DayText | None:  # noqa: ARG002  as every bank's
        return self.statement if day == DAY else None


def plain_file(orders: list[NewDebit]) -> bytes:
    return write_plain(FileRow(each.debit_id.hex, "C1", "debit", each.amount_minor, 0) for each in orders)


def zm_file(orders: list[NewDebit]) -> bytes:
    return b"".join(
        zm.write_record(
            {
                "order_no": each.debit_id.hex,
                "query_no": "C1",
                "agent_institution": "01020000",
                "trace_no": f"{number:06}",
                "sent_at": "0302120000",
                "amount": f"{each.amount_minor:012}",
                "fee": "D000000000000",
                "trade_kind": "01",
                "submerchant_name": f"山脚书店{RARE}",
            }
        )
        + b"\r\n"
        for number, each in enumerate(orders, start=1)
    )


def statement(orders: list[NewDebit]) -> bytes:
    entries = tuple(accounts.Booked(each.debit_id.hex, "C1", each.amount_minor, "CNY", DAY) for each in orders)
    report = accounts.AccountReport("ST1", AT, 7, "house", "CNY", 0, entries)
    return accounts.write_account(report, accounts.STATEMENT)


FORMS = {
    FileFormat.TIAO: (WireFormat.TIAO, plain_file),
    FileFormat.ZM: (WireFormat.UNIONPAY, zm_file),
    FileFormat.CAMT053: (WireFormat.ISO20022, statement),
}


async def fetched(world: World, gives: Gives, form: FileFormat) -> ReconcileRun:
    capability = Capability("bank", "bank", FORMS[form][0], form, StatementForm.EACH)
    chooser = Chooser([capability], Policies("p", {"p": Policy()}), ZONE)
    channels: Any = jobs.RoutedChannels({"bank": gives}, chooser)
    return await run_files(world.db, channels, world.moment, OWNER, world.repay)


async def paid(world: World) -> list[NewDebit]:
    orders = [world.order(await world.customer(1 + number), 1_000 + number) for number in range(3)]
    done = await jobs.run_debits(world.db, world.channels, world.moment, orders, world.repay)
    assert len(done.succeeded) == len(orders)
    world.at = (world.at.astimezone(ZONE) + timedelta(days=1)).replace(hour=10, minute=30)
    return orders


async def rows(world: World) -> dict[str, int]:
    """Count the rows of every table."""
    async with world.db.begin() as tx:
        tables = await tx.column(
            "select table_name from information_schema.tables"
            " where table_schema = 'public' and table_type = 'BASE TABLE'"
        )
        return {each: await tx.value(f'select count(*) from "{each}"') for each in tables}


async def hold_table(world: World, form: FileFormat, table: Table, written: Broken = bytes) -> None:
    """Bring every file of a table: each is refused with its place, no row comes or goes; then the right one is held."""
    orders, gives, wrong = await paid(world), Gives(), []
    assert (await fetched(world, gives, form)).waiting == [("bank", DAY)]
    before, good = await rows(world), FORMS[form][1](orders)
    for what, broken, place in table:
        assert broken(good) != written(good), f"{what}: nothing is broken"
        gives.text = DayText(broken(good), is_deflated=written is not bytes)
        run = await fetched(world, gives, form)
        fault = run.refused[0][2] if run.refused else "it was held"
        if run.held or place not in fault or await rows(world) != before:
            wrong.append((what, place, fault))
            continue
        async with world.db.begin() as tx:
            told = await tx.column("select fault from channel_day where state = 'waiting'")
        assert told == [fault], "and people see it"
    assert not wrong, "\n".join(map(str, wrong))
    gives.text = DayText(written(good), is_deflated=written is not bytes)
    [held] = (await fetched(world, gives, form)).held
    assert (held.day.matched, held.day.different) == (3, 0), "the right file is held after all of them"


def changed(old: bytes, new: bytes, count: int = 1) -> Broken:
    return lambda text: text.replace(old, new, count)


def cut(at: int) -> Broken:
    return lambda text: text[:at]


HEAD = len("request_no,channel_no,flow,amount_minor,fee_minor\n")
PLAIN: Table = [
    ("empty", lambda _: b"", "line 1, byte 1"),
    ("cut in the header", cut(20), "line 1, byte 1"),
    ("cut after the header", cut(HEAD), "line 2, byte 1"),
    ("cut in a number", cut(HEAD + 10), "line 2, byte 1"),
    ("cut before a line end", lambda text: text.split(b"\ntotal")[0], "line 4, byte 48"),
    ("cut after a row", lambda text: text[: text.index(b"total")], "line 5, byte 1"),
    ("cut in the footer", lambda text: text[:-4], "line 5, byte 14"),
    ("one row short", lambda text: text[:HEAD] + text[HEAD:].split(b"\n", 1)[1], "line 4, byte 1"),
    ("another sum", changed(b"total,3,3003", b"total,3,3004"), "line 5, byte 1"),
    ("another count", changed(b"total,3", b"total,2"), "line 5, byte 1"),
    ("more after the footer", lambda text: text + b"total,0,0,0,0\n", "line 6, byte 1"),
    ("CRLF", lambda text: text.replace(b"\n", b"\r\n"), "line 1, byte 1"),
    ("CRLF in one line", changed(b",1001,0\n", b",1001,0\r\n"), "line 3, byte 48"),
    ("a BOM", lambda text: b"\xef\xbb\xbf" + text, "line 1, byte 1"),
    ("UTF-16", lambda text: text.decode().encode("utf-16"), "line 1, byte 1"),
    ("GBK in a number", changed(b"C1,", "山".encode("gbk") + b","), "line 2, byte 34"),
    ("a name in UTF-8", changed(b"C1,", RARE.encode() + b","), "line 2, byte 34"),
    ("GB18030 of four bytes", changed(b"C1,", RARE.encode("gb18030") + b","), "line 2, byte 34"),
    ("a lone surrogate", changed(b"C1,", "\ud800".encode("utf-8", "surrogatepass") + b","), "line 2, byte 34"),
    ("a zero byte", changed(b"C1,", b"C\x001,"), "line 2, byte 34"),
    ("a negative amount", changed(b",1000,", b",-1000,"), "line 2, byte 43"),
    ("an amount of nothing", changed(b",1000,", b",0,"), "line 2, byte 43"),
    ("an amount past all columns", changed(b",1000,", b",99999999999999999999,"), "line 2, byte 43"),
    ("a decimal", changed(b",1000,", b",10.00,"), "line 2, byte 43"),
    ("an exponent", changed(b",1000,", b",1e3,"), "line 2, byte 43"),
    ("another flow", changed(b",debit,", b",refund,"), "line 2, byte 37"),
    ("a line without end", lambda text: text[:HEAD] + b"a" * 2_000_000, "line 2, byte 201"),
    ("a sum past all columns", changed(b"total,3,3003", b"total,3," + b"9" * 19), "line 5, byte 9"),
]


async def test_lines_with_a_footer(world: World) -> None:
    await hold_table(world, FileFormat.TIAO, PLAIN)


def of(name: str) -> int:
    return zm.BY_NAME[name].start


def put(name: str, cell: bytes, line: int = 1) -> Broken:
    """Write something over a cell."""
    at = (line - 1) * (zm.RECORD_BYTES + 2) + of(name)
    return lambda text: text[:at] + cell + text[at + len(cell) :]


def byte(name: str, after: int = 0) -> str:
    return f"byte {of(name) + after + 1}"


ZM: Table = [
    ("cut in a record", cut(700), "line 2, byte 92"),
    ("cut between fields", cut(of("amount")), f"line 1, {byte('amount')}"),
    ("cut in a sign", cut(of("submerchant_name") + 1), f"line 1, {byte('submerchant_name', 1)}"),
    ("cut in a line end", lambda text: text[:-1], "line 3, byte 609"),
    ("a row less a byte", lambda text: text[:300] + text[301:], "line 1, byte"),
    ("LF after CRLF", lambda text: text[:609] + text[609:].replace(b"\r", b""), "line 2"),
    ("CR alone", lambda text: text.replace(b"\r\n", b"\r"), "line 1"),
    ("no line ends", lambda text: text.replace(b"\r\n", b"  "), "line 1, byte 608"),
    ("a BOM", lambda text: b"\xef\xbb\xbf" + text, "line 1, byte"),
    ("UTF-16", lambda text: text.decode("gb18030").encode("utf-16"), "line 1, byte"),
    ("UTF-8 in a name", put("submerchant_name", "山脚书店".encode().ljust(32)), f"line 1, {byte('submerchant_name')}"),
    ("half a sign", put("submerchant_name", b"\xc9".ljust(32), line=2), f"line 2, {byte('submerchant_name')}"),
    ("half a rare sign", put("submerchant_name", RARE.encode("gb18030")[:3].ljust(32)), "line 1"),
    ("a sign in a number", put("order_no", "山".encode("gbk")), f"line 1, {byte('order_no')}"),
    ("a sign in a code", put("mcc", "山".encode("gbk"), line=3), f"line 3, {byte('mcc')}"),
    ("a lone surrogate", put("custom", b"\xed\xa0\x80"), f"line 1, {byte('custom', 2)}"),
    ("a backslash", put("query_no", b"\\N"), f"line 1, {byte('query_no')}"),
    ("a tab", put("order_no", b"\t"), f"line 1, {byte('order_no')}"),
    ("a zero byte", put("order_no", b"\x00"), f"line 1, {byte('order_no')}"),
    ("no number", put("order_no", b" " * 32), f"line 1, {byte('order_no')}"),
    ("a negative amount", put("amount", b"-00000001000", line=2), f"line 2, {byte('amount')}"),
    ("a decimal", put("amount", b"000000010.00"), f"line 1, {byte('amount', 9)}"),
    ("a blank amount", put("amount", b" " * 12), f"line 1, {byte('amount')}"),
    ("an amount too wide", put("amount", b"1" * 13), f"line 1, {byte('amount', 12)}"),
    ("a fee without a side", put("fee", b"+000000000000"), f"line 1, {byte('fee')}"),
    ("a fee of letters", put("fee", b"D00000000000x"), f"line 1, {byte('fee', 12)}"),
    ("another kind of trade", put("trade_kind", b"99", line=3), f"line 3, {byte('trade_kind')}"),
    ("a trace number twice", put("trace_no", b"000001", line=3), f"line 3, {byte('trace_no')}"),
    ("rubbish", lambda _: b"\x00\xff" * 2_000, "line 1, byte 1"),
]  # fmt: skip


async def test_the_merchants_file_of_unionpays_form(world: World) -> None:
    await hold_table(world, FileFormat.ZM, ZM)


DTD = b"<!DOCTYPE d [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;'>]>"
OUTSIDE = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
ENTRY = b"<Ntry>"
NAMED = b"<Id>house</Id>"
CAMT: Table = [
    ("empty", lambda _: b"", "line 1"),
    ("a billion laughs", changed(b"<Document", DTD + b"<Document"), "line 2, column"),
    ("an outside entity", changed(b"<Document", OUTSIDE + b"<Document"), "line 2, column"),
    ("a document type alone", changed(b"<Document", b"<!DOCTYPE d><Document"), "line 2, column"),
    ("an entity nobody declared", changed(NAMED, b"<Id>&x;</Id>"), "line 2, column"),
    ("cut in the declaration", cut(12), "line 1, column"),
    ("cut in a tag", lambda text: text[: text.index(ENTRY) + 3], "line 2, column"),
    ("cut in a text", lambda text: text[: text.index(b">10.00<") + 3], "line 2, column"),
    ("cut between entries", lambda text: text[: text.rindex(ENTRY)], "line 2, column"),
    ("cut at the end", lambda text: text[:-1], "line 2, column"),
    ("more after the end", lambda text: text + b"<Document/>", "line 2, column"),
    ("an entry less", lambda text: text[: text.index(ENTRY)] + text[text.index(ENTRY, text.index(ENTRY) + 1) :], "Bal"),
    ("another closing balance", changed(b">30.03<", b">30.04<"), "Bal"),
    ("no closing balance", changed(b"<Cd>CLBD</Cd>", b"<Cd>ITBD</Cd>"), "Bal: no CLBD"),
    ("a number that was no number", changed(b">7</Elc", b">seven</Elc"), "ElctrncSeqNb"),
    ("GBK where UTF-8 is said", lambda text: text.replace(NAMED, "<Id>山脚</Id>".encode("gbk")), "line 2, byte"),
    ("GB18030 where UTF-8 is said", lambda text: text.replace(NAMED, f"<Id>{RARE}</Id>".encode("gb18030")), "line 2"),
    ("UTF-8 where GBK is said", changed(b"encoding='utf-8'", b"encoding='GBK'"), "line 1, byte 31"),
    ("UTF-8 where Latin-1 is said", changed(b"encoding='utf-8'", b"encoding='ISO-8859-1'"), "line 1, byte 31"),
    ("no such encoding", changed(b"encoding='utf-8'", b"encoding='klingon'"), "line 1, byte 31"),
    ("UTF-16", lambda text: text.decode().replace("utf-8", "utf-16").encode("utf-16"), "line 1, byte 1"),
    ("a lone surrogate", lambda text: text.replace(NAMED, b"<Id>\xed\xa0\x80</Id>"), "line 2, byte"),
    ("a surrogate by number", lambda text: text.replace(NAMED, b"<Id>&#xD800;</Id>"), "line 2, column"),
    ("a zero byte", lambda text: text.replace(NAMED, b"<Id>\x00</Id>"), "line 2, column"),
    ("a negative amount", changed(b">10.00<", b">-10.00<"), "Ntry[1]/Amt"),
    ("a thousandth", changed(b">10.01<", b">10.005<"), "Ntry[2]/Amt"),
    ("an exponent", changed(b">10.00<", b">1e9999999<"), "Ntry[1]/Amt"),
    ("no number", changed(b">10.00<", b">NaN<"), "Ntry[1]/Amt"),
    ("an amount past all columns", changed(b">10.00<", b">999999999999999999.00<"), "Ntry[1]/Amt"),
    ("another currency in an entry", lambda text: text.replace(b'"CNY">10.01', b'"USD">10.01'), "Ntry[2]: Amt: USD"),
    ("another currency in a balance", lambda text: text.replace(b'"CNY">30.03', b'"USD">30.03'), "Bal[2]: Amt: USD"),
    ("another currency altogether", lambda text: text.replace(b"CNY", b"USD"), "Acct/Ccy: USD"),
    ("another day's entry", changed(b"<BookgDt><Dt>2026-03-02", b"<BookgDt><Dt>2026-03-01"), "Ntry[1]/BookgDt"),
    ("an entry that is not booked", changed(b"<Cd>BOOK", b"<Cd>PDNG"), "Ntry[1]: Sts/Cd"),
    ("neither in nor out", lambda text: text.replace(b">CRDT<", b">BOTH<"), "CdtDbtInd: BOTH"),
    ("an entry without a number", changed(b"EndToEndId>", b"EndToEnd>", 2), "Ntry[1]/NtryDtls/TxDtls/Refs"),
    ("a tab in a number", lambda text: text.replace(b">C1<", b">C\t1<"), "AcctSvcrRef"),
    ("two statements", lambda text: text.replace(b"</Stmt>", b"</Stmt><Stmt/>"), "Stmt comes 2 times"),
    ("another message", changed(b"camt.053.001.08", b"camt.053.001.02"), "Document: no camt.053.001.08"),
    ("a flood of elements", lambda text: text.replace(b"</Stmt>", b"<a/>" * 300_000 + b"</Stmt>"), "line 2, column"),
    ("elements in each other", changed(b"</Stmt>", b"<a>" * 90 + b"</a>" * 90 + b"</Stmt>"), "line 2"),
    ("a text without end", lambda text: text.replace(NAMED, b"<Id>" + b"a" * 200_000 + b"</Id>"), "line 2, column"),
    ("a tag without end", lambda text: text.replace(NAMED, b'<Id x="' + b"a" * 200_000 + b'">h</Id>'), "line"),
    ("CRLF in a number", lambda text: text.replace(b">C1<", b">C\r\n1<"), "AcctSvcrRef"),
]  # fmt: skip


async def test_a_banks_statement(world: World) -> None:
    await hold_table(world, FileFormat.CAMT053, CAMT)


DEFLATED: Table = [
    ("no deflated file", lambda text: text, "byte"),
    ("cut short", lambda text: zlib.compress(text)[:-5], "cut short"),
    ("cut to nothing", lambda _: b"", "cut short"),
    ("followed by something", lambda text: zlib.compress(text) + b"more", "followed by something"),
    ("a changed byte", lambda text: zlib.compress(text)[:20] + b"\x00" + zlib.compress(text)[21:], "damaged"),
    ("small, and huge", lambda _: zlib.compress(b"a" * 50_000_000), "line 2, byte 201"),
]


async def test_what_comes_deflated(world: World) -> None:
    await hold_table(world, FileFormat.TIAO, DEFLATED, zlib.compress)


async def test_line_ends_of_either_kind_and_a_bom_before_xml_are_right(world: World) -> None:
    """ZM files end lines either way, whole files at a time; XML allows a byte order mark of UTF-8."""
    orders, gives = await paid(world), Gives()
    gives.text = DayText(zm_file(orders).replace(b"\r\n", b"\n")[:-1], is_deflated=False)
    [held] = (await fetched(world, gives, FileFormat.ZM)).held
    assert held.day.matched == 3
    report = accounts.read_account(b"\xef\xbb\xbf" + statement(orders).replace(b"><", b">\r\n<"), accounts.STATEMENT)
    assert len(report.entries) == 3


async def test_a_statement_that_was_there_before_is_refused_with_its_number(world: World) -> None:
    orders, gives = await paid(world), Gives()
    gives.text = DayText(statement(orders), is_deflated=False)
    assert len((await fetched(world, gives, FileFormat.CAMT053)).held) == 1
    world.later(days=1)
    before = await rows(world)
    again = statement(orders[:2]).replace(b"<Dt>2026-03-02", b"<Dt>2026-03-03")

    async def day_file(day: date, *, at: datetime) -> DayText:  # noqa: ARG001  as every bank's
        assert day == DAY + timedelta(days=1)
        return DayText(again, is_deflated=False)

    gives.day_file = day_file  # type: ignore[method-assign]  another bank altogether
    [(_, _, fault)] = (await fetched(world, gives, FileFormat.CAMT053)).refused
    assert "ElctrncSeqNb 7" in fault
    assert {**before, "channel_day": before["channel_day"] + 1} == await rows(world)


async def test_a_statement_beside_a_file_that_cannot_be_read_is_a_fault_of_the_day_and_not_passed_over(
    world: World,
) -> None:
    orders, gives = await paid(world), Gives()
    gives.text = DayText(plain_file(orders), is_deflated=False)
    gives.statement = DayText(statement(orders)[:-20], is_deflated=False)
    [held] = (await fetched(world, gives, FileFormat.TIAO)).held
    assert (held.day.fault or "").startswith("the statement: line 2, column")
    gives.statement = DayText(statement(orders), is_deflated=False)
    [held] = (await fetched(world, gives, FileFormat.TIAO)).held
    assert (held.day.fault, held.day.statement_minor, held.day.statement_sequence) == (None, 3_003, 7)
