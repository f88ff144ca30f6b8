"""One contract for every wire: what a bank says is believed as it is meant, silence is silence, a number acts once."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import httpx
import pytest

from support.unionpay_keys import rsa
from tiao.payments.files.camt import CamtFile
from tiao.payments.files.model import ChannelFileRefused, Readable
from tiao.payments.files.plain import PlainFile
from tiao.payments.files.zm import ZmFile
from tiao.payments.iso20022.accounts import STATEMENT, read_account
from tiao.payments.iso20022.messages import Account
from tiao.payments.model import Failed, Succeeded, Unknown
from tiao.payments.providers import iso8583_wire
from tiao.payments.providers.channel import BindOrder, BindRefused, Bound, Channel, DayFiles, DebitOrder, PayoutOrder
from tiao.payments.providers.deflating import Inflating
from tiao.payments.providers.http_bank import HttpBank
from tiao.payments.providers.iso8583_host import Iso8583Host
from tiao.payments.providers.iso20022_bank import Iso20022Bank
from tiao.payments.providers.unionpay import UnionPay
from tiao.simulator.bank.books import BankAccount, Books, Flow, Order
from tiao.simulator.bank.faults import CERTAIN_PPM, FaultRates
from tiao.simulator.bank.iso8583 import Iso8583Server
from tiao.simulator.bank.iso20022 import Iso20022Server
from tiao.simulator.bank.server import BankServer
from tiao.simulator.bank.teller import Teller
from tiao.simulator.bank.unionpay import UnionPayServer

pytestmark = pytest.mark.anyio

ZONE = ZoneInfo("Asia/Shanghai")
KEY = b"k" * 32
AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
ACCOUNT = "6222000000001234"


class Wired(NamedTuple):
    name: str
    books: Books
    channel: Channel
    agreement: str


@pytest.fixture(params=["tiao", "unionpay", "iso8583", "iso20022"])
async def wired(request: pytest.FixtureRequest) -> AsyncIterator[Wired]:
    books = Books(seed=3)
    books.set_account(BankAccount(ACCOUNT))
    books.deposit(ACCOUNT, 10_000, "CNY", AT)
    made = books.bind(ACCOUNT, "", "CNY", AT)
    assert not isinstance(made, str)
    teller = Teller(books, zone=ZONE, fee_bps=20)
    control = BankServer(books, key=KEY, teller=teller)
    if request.param == "iso8583":
        server = await Iso8583Server(teller, key=KEY).listen("127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            host = Iso8583Host("127.0.0.1", port, key=KEY, timeout_seconds=2)
            yield Wired("iso8583", books, host, made.agreement)
        return
    ours, theirs = rsa()
    app: Any = UnionPayServer(teller, theirs, control)
    if request.param == "iso20022":
        app = Iso20022Server(teller, key=KEY, control=control)
    if request.param == "tiao":
        app = control
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bank") as client:
        channel: Channel = UnionPay(client, ours, merchant_id="777290058110048", zone=ZONE)
        if request.param == "iso20022":
            channel = Iso20022Bank(client, key=KEY, account=Account("条科技", "house"), zone=ZONE)
        elif request.param == "tiao":
            channel = HttpBank(client, key=KEY)
        yield Wired(str(request.param), books, channel, made.agreement)


def order(wired: Wired, number: str = "a" * 32, amount: int = 300) -> DebitOrder:
    return DebitOrder(number, wired.agreement, amount, "CNY", AT)


async def test_a_debit_takes_the_money_once_and_says_how_much(wired: Wired) -> None:
    first = await wired.channel.debit(order(wired))
    assert isinstance(first, Succeeded)
    assert (first.amount_minor, first.currency, bool(first.channel_no)) == (300, "CNY", True)
    again = await wired.channel.debit(order(wired))
    assert isinstance(again, Succeeded)
    assert again.channel_no == first.channel_no
    asked = await wired.channel.query_debit("a" * 32, at=AT)
    assert isinstance(asked, Succeeded)
    assert wired.books.balances["house"] == 300


@pytest.mark.parametrize("code", ["insufficient_funds", "account_frozen", "agreement_invalid", "maintenance"])
async def test_a_decline_keeps_its_meaning(wired: Wired, code: str) -> None:
    wired.books.set_faults(FaultRates(**{f"{code}_ppm": CERTAIN_PPM}))
    answer = await wired.channel.debit(order(wired))
    assert isinstance(answer, Failed)
    assert answer.code == code
    asked = await wired.channel.query_debit("a" * 32, at=AT)
    assert isinstance(asked, Failed)
    assert asked.code == code


@pytest.mark.parametrize("fault", ["time_out_before", "time_out_after", "garbled", "wrongly_signed", "processing"])
async def test_no_answer_that_can_be_believed_is_unknown_and_the_question_finds_out(wired: Wired, fault: str) -> None:
    wired.books.set_faults(FaultRates(**{f"{fault}_ppm": CERTAIN_PPM}))
    assert isinstance(await wired.channel.debit(order(wired)), Unknown)
    wired.books.set_faults(FaultRates())
    asked = await wired.channel.query_debit("a" * 32, at=AT)
    if fault == "time_out_before":
        # tiao's own wire closes the number by asking; where nothing closes it, it may still act.
        closed = Failed("never_seen", is_retryable=True)
        assert asked == (closed if wired.name == "tiao" else Unknown("never_seen"))
    else:
        assert isinstance(asked, Succeeded)


async def test_the_same_number_with_another_amount_is_no_success(wired: Wired) -> None:
    assert isinstance(await wired.channel.debit(order(wired)), Succeeded)
    other = await wired.channel.debit(order(wired, amount=301))
    assert not isinstance(other, Succeeded) or other.amount_minor == 300
    assert wired.books.balances["house"] == 300


async def test_payouts_go_out_each_with_its_answer(wired: Wired) -> None:
    wired.books.set_account(BankAccount("shop"))
    wired.books.set_account(BankAccount("frozen", is_frozen=True))
    orders = [PayoutOrder("b" * 32, "shop", 40, "CNY"), PayoutOrder("c" * 32, "frozen", 50, "CNY")]
    good, bad = await wired.channel.pay_out(orders, at=AT)
    assert isinstance(good, Succeeded)
    assert isinstance(bad, Failed)
    assert bad.code == "account_frozen"
    unseen = await wired.channel.query_payouts(["b" * 32, "d" * 32], at=AT)
    assert isinstance(unseen[0], Succeeded)
    assert unseen[1] == Failed("never_seen", is_retryable=True)
    assert wired.books.balances["shop"] == 40


async def test_the_file_of_the_day_says_what_was_done(wired: Wired) -> None:
    for number, amount in (("a", 300), ("b", 500)):
        await wired.channel.debit(order(wired, number * 32, amount))
    assert isinstance(wired.channel, DayFiles)
    text = await wired.channel.day_file(date(2026, 3, 2), at=AT)
    assert text is not None
    readers: dict[str, Callable[[Any], Any]] = {"unionpay": ZmFile, "iso20022": statement_of_the_second}
    file = readers.get(wired.name, PlainFile)(text.open())
    blocks = b"".join(file.blocks())
    assert (file.totals.rows, file.totals.debited_minor) == (2, 800)
    assert file.totals.fee_minor == (0 if wired.name == "iso20022" else 2), "0.2 % of each, rounded half up"
    assert b"a" * 32 in blocks
    assert await wired.channel.day_file(date(2026, 3, 1), at=AT) is not None, "a day without payments has a file too"
    wired.books.set_faults(FaultRates(file_late_ppm=CERTAIN_PPM))
    assert await wired.channel.day_file(date(2026, 3, 3), at=AT) is None
    assert await wired.channel.day_file(date(2026, 3, 3), at=AT) is not None


async def test_the_statement_of_the_day_is_the_banks_own_whatever_goes_wrong_in_the_file(wired: Wired) -> None:
    for number, amount in (("a", 300), ("b", 500)):
        await wired.channel.debit(order(wired, number * 32, amount))
    wired.books.set_faults(FaultRates(row_missing_ppm=CERTAIN_PPM))
    assert isinstance(wired.channel, DayFiles)
    text = await wired.channel.day_statement(date(2026, 3, 2), at=AT)
    if wired.name == "iso20022":
        assert text is None, "its file is the statement"
        return
    assert text is not None
    report = read_account(read(text.open()), STATEMENT)
    told = [(each.end_to_end_id, each.amount_minor) for each in report.entries]
    each = [("a" * 32, 300), ("b" * 32, 500)]
    assert told == ([("NET20260302", 798)] if wired.name == "unionpay" else each)
    assert report.closing_minor == (798 if wired.name == "unionpay" else 800)


async def test_a_host_gives_a_long_file_in_parts_and_a_damaged_one_is_no_file() -> None:
    books = Books(seed=3)
    books.set_account(BankAccount(ACCOUNT))
    books.deposit(ACCOUNT, 10**9, "CNY", AT)
    made = books.bind(ACCOUNT, "", "CNY", AT)
    assert not isinstance(made, str)
    for number in range(400):
        books.execute(Order(Flow.DEBIT, sha256(str(number).encode()).hexdigest(), made.agreement, 5, "CNY"), AT)
    server = await Iso8583Server(Teller(books, zone=ZONE), key=KEY).listen("127.0.0.1", 0)
    async with server:
        host = Iso8583Host("127.0.0.1", server.sockets[0].getsockname()[1], key=KEY, timeout_seconds=5)
        text = await host.day_file(date(2026, 3, 2), at=AT)
    assert text is not None
    assert len(read(text.open())) > 10 * 999
    file = PlainFile(text.open())
    assert sum(block.count(b"\n") for block in file.blocks()) == 400


#: what came, whether it is a file
DEFLATED = zlib.compress(b"x" * 100_000)


@pytest.mark.parametrize(
    ("content", "bytes_max", "is_file"),
    [
        (DEFLATED, 100_000, True),
        (DEFLATED, 99_999, False),  # larger than it may be
        (DEFLATED[:-5], 100_000, False),  # cut short
        (DEFLATED + b"more", 100_000, False),
        (b"\x00" * 20, 100_000, False),
        (b"", 100_000, False),
    ],
)
def test_what_inflates_to_no_whole_file_is_refused(content: bytes, bytes_max: int, *, is_file: bool) -> None:
    file = Inflating(content, bytes_max)
    if is_file:
        assert read(file) == b"x" * 100_000
        return
    with pytest.raises(ChannelFileRefused):
        read(file)


def read(file: Readable) -> bytes:
    return b"".join(iter(lambda: file.read(9_999), b""))


def statement_of_the_second(file: Readable) -> CamtFile:
    return CamtFile(file, day=date(2026, 3, 2), currency="CNY")


async def test_an_agreement_is_made_where_the_wire_knows_how(wired: Wired) -> None:
    bound = await wired.channel.bind(BindOrder("n1", ACCOUNT, "", AT))
    assert isinstance(bound, Bound)
    assert (bound.agreement, bound.display[-4:]) == (wired.agreement, "1234")


#: signs of two, three and four bytes, and a middle dot
NAMES = ["李小龙", "欧阳𠮷娜", "𬱖", "买买提·艾力", "丂丄丅", "㐀䶵𠀀𪛖"]


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_with_rare_signs_goes_through_every_wire_and_back(wired: Wired, name: str) -> None:
    """The bank binds only who has exactly this name, so what arrived there is what was sent."""
    wired.books.set_account(BankAccount("6222000000005678", holder_name=name))
    bound = await wired.channel.bind(BindOrder("n2", "6222000000005678", name, AT))
    assert isinstance(bound, Bound), bound
    other = await wired.channel.bind(BindOrder("n3", "6222000000005678", name[:-1] + "吉", AT))
    assert isinstance(other, BindRefused)
    assert (other.code, other.is_retryable) == ("holder_differs", False)
    again = await wired.channel.bind(BindOrder("n2", "6222000000005678", name, AT))
    assert again == bound, "asked again it answers the same"
    taken = await wired.channel.debit(order(wired)._replace(agreement=bound.agreement))
    assert taken == Failed("insufficient_funds", is_retryable=True), "and may be debited by it"


async def test_a_name_that_is_no_text_is_refused_and_raises_nothing(wired: Wired) -> None:
    wired.books.set_account(BankAccount("6222000000005678", holder_name="李"))
    answer = await wired.channel.bind(BindOrder("n4", "6222000000005678", "\ud800", AT))
    assert isinstance(answer, BindRefused)


async def test_a_host_hangs_up_on_what_it_does_not_understand() -> None:
    server = await Iso8583Server(Teller(Books(1), zone=ZONE), key=KEY).listen("127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        good = iso8583_wire.encoded("0200", {"3": "000000", "11": "000001", "48": "x", "120": "20260302040000"}, KEY)
        for text in (b"\xff\xff" + b"x" * 70_000, b"\x00\x00", b"\x00\x05hello", good[:-1] + b"0"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(text)
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
