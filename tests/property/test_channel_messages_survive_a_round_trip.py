"""What is written for a channel is read back as it was, whatever is in it; what is broken is refused, never misread."""

import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiao.payments.files import zm
from tiao.payments.files.model import ChannelFileRefused, FileRow
from tiao.payments.files.plain import PlainFile, write_plain
from tiao.payments.iso20022 import accounts
from tiao.payments.iso20022 import messages as iso
from tiao.payments.iso20022.reading import MessageRefused
from tiao.payments.providers import iso8583_wire

AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
any_text = st.text(st.characters(exclude_characters=" \t\r\n", exclude_categories=["C", "Z"]), max_size=60)
plain_ids = st.text("0123456789abcdefABCDEF", min_size=1, max_size=32)
names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60)
amounts = st.integers(1, 10**12)


entries = st.builds(
    accounts.Booked, plain_ids, plain_ids, st.integers(-(10**12), 10**12), st.just("CNY"), st.just(date(2026, 3, 2))
)
file_rows = st.builds(FileRow, plain_ids, plain_ids, st.sampled_from(["debit", "payout"]), amounts, st.integers(0, 99))


def sign(fee: int) -> str:
    return "D" if fee >= 0 else "C"


def cells(blocks: bytes) -> list[list[str]]:
    return [[cell.rstrip() for cell in line.split("\t")] for line in blocks.decode().splitlines()]


@given(st.dictionaries(st.sampled_from([each.name for each in zm.FIELDS]), any_text))
def test_a_zm_record_keeps_every_field_to_the_last_whole_sign(values: dict[str, str]) -> None:
    record = zm.write_record(values)
    assert len(record) == 607
    back = zm.read_record(record)
    for field in zm.FIELDS:
        given_text = values.get(field.name, "")
        kept = back[field.name]
        assert given_text.startswith(kept)
        lost = given_text[len(kept) : len(kept) + 1]
        assert not lost or len((kept + lost).encode("gb18030")) > field.width, "what would have fitted is not lost"


@given(st.lists(st.tuples(plain_ids, amounts.filter(lambda n: n < 10**12), st.integers(-(10**9), 10**9)), max_size=20))
def test_a_zm_file_comes_to_what_was_written(rows: list[tuple[str, int, int]]) -> None:
    records = [
        {"order_no": no, "amount": f"{amount:012}", "fee": sign(fee) + f"{abs(fee):012}", "trade_kind": "01"}
        for no, amount, fee in rows
    ]
    file = zm.ZmFile(io.BytesIO(b"".join(zm.write_record(each) + b"\n" for each in records)))
    read = cells(b"".join(file.blocks()))
    assert [(each[1], int(each[4]), int(each[5])) for each in read] == rows
    assert file.totals.debited_minor == sum(amount for _, amount, _ in rows)


@given(st.binary(max_size=3000))
def test_bytes_that_are_no_zm_file_are_refused_or_are_one(text: bytes) -> None:
    file = zm.ZmFile(io.BytesIO(text))
    try:
        b"".join(file.blocks())
    except ChannelFileRefused:
        return
    assert text == b"" or len(text) >= 607


@given(st.lists(file_rows))
def test_a_plain_file_comes_to_what_was_written_and_not_when_a_byte_is_gone(rows: list[FileRow]) -> None:
    text = write_plain(rows)
    read = cells(b"".join(PlainFile(io.BytesIO(text)).blocks()))
    assert [FileRow(each[1], each[2], each[3], int(each[4]), int(each[5])) for each in read] == rows
    for cut in (1, len(text) // 2):
        with pytest.raises(ChannelFileRefused):
            list(PlainFile(io.BytesIO(text[:-cut])).blocks())


transfers = st.builds(
    iso.Transfer, plain_ids, amounts, st.just("CNY"), st.builds(iso.Account, names, plain_ids), plain_ids
)


REPORT = iso.write_status(iso.StatusReport("S", AT, "M", "k", (iso.TxStatus("a", "ACSC"),)), iso.ORDER_STATUS)
TWICE = iso.write_status(
    iso.StatusReport("S", AT, "M", "k", (iso.TxStatus("a", "ACSC"), iso.TxStatus("a", "RJCT"))), iso.ORDER_STATUS
)
ONE = iso.Transfer("e1", 100, "CNY", iso.Account("B", "2"), "AG")
ORDERS = iso.write_orders(iso.Orders("M1", AT, iso.Account("A", "1"), date(2026, 3, 2), (ONE,)), iso.DIRECT_DEBIT)


@given(st.lists(transfers, min_size=1, max_size=8, unique_by=lambda one: one.end_to_end_id), names)
def test_orders_of_any_names_come_back(ordered: list[iso.Transfer], name: str) -> None:
    orders = iso.Orders("M1", AT, iso.Account(name, "1"), date(2026, 3, 2), tuple(ordered))
    assert iso.read_orders(iso.write_orders(orders, iso.DIRECT_DEBIT), iso.DIRECT_DEBIT) == orders


@given(st.lists(entries, max_size=8), st.integers(-(10**12), 10**12))
def test_statements_come_back_and_their_balances_hold(booked: list[accounts.Booked], opening: int) -> None:
    report = accounts.AccountReport("R1", AT, 7, "A1", "CNY", opening, tuple(booked))
    text = accounts.write_account(report, accounts.STATEMENT)
    assert accounts.read_account(text, accounts.STATEMENT) == report


@given(st.binary(max_size=300))
def test_any_bytes_are_no_message_and_nothing_worse(text: bytes) -> None:
    with pytest.raises(MessageRefused):
        iso.read_status(text, iso.ORDER_STATUS)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><d>&b;</d>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>"""


@pytest.mark.parametrize(
    ("what", "text", "said"),
    [
        ("a billion laughs", BOMB, "entity"),
        ("an outside entity", OUTSIDE, "entity"),
        ("cut short", REPORT[:-9], "line 2"),
        ("huge", b" " * ((8 << 20) + 1), "bytes"),
        ("a number told of twice", TWICE, "OrgnlEndToEndId[2]"),
        ("another message", ORDERS, "no pain.002"),
        ("GBK said to be UTF-8", '<?xml version="1.0" encoding="utf-8"?><d>山脚</d>'.encode("gbk"), "line 1, byte 44"),
        ("no such encoding", b'<?xml version="1.0" encoding="klingon"?><d/>', "line 1, byte 31"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_hostile_text_is_refused_with_its_place(what: str, text: bytes, said: str) -> None:
    with pytest.raises(MessageRefused) as refused:
        iso.read_status(text, iso.ORDER_STATUS)
    assert said in str(refused.value), what


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (ORDERS.replace(b">1.00<", b">1.005<"), "no amount in cents"),
        (ORDERS.replace(b">1.00<", b">1e99999999<"), "no amount in cents"),
        (ORDERS.replace(b">1.00<", b">NaN<"), "no amount in cents"),
        (ORDERS.replace(b'Ccy="CNY"', b'Ccy="yuan"'), "no currency"),
        (ORDERS.replace(b"<NbOfTxs>1<", b"<NbOfTxs>2<"), "NbOfTxs"),
        (ORDERS.replace(b"<CtrlSum>1.00<", b"<CtrlSum>2.00<"), "CtrlSum"),
        (ORDERS.replace(b"<MndtId>AG</MndtId>", b""), "no DrctDbtTx/MndtRltdInf/MndtId"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_orders_that_do_not_hold_together_are_refused(broken: bytes, said: str) -> None:
    assert broken != ORDERS
    with pytest.raises(MessageRefused) as refused:
        iso.read_orders(broken, iso.DIRECT_DEBIT)
    assert said in str(refused.value)


@given(st.text("0123456789abcdef", min_size=1, max_size=32), st.integers(0, 10**12 - 1))
def test_host_messages_come_back_and_one_changed_bit_is_noticed(number: str, amount: int) -> None:
    sent = iso8583_wire.encoded("0200", {"3": "000000", "4": f"{amount:012}", "48": number}, b"key")
    body = sent[2:]
    assert int.from_bytes(sent[:2], "big") == len(body)
    back = iso8583_wire.decoded(body, "0200", b"key")
    assert (back["48"], int(back["4"])) == (number, amount)
    changed = bytes([body[0] ^ 1]) + body[1:]
    for wrong, key in ((changed, b"key"), (body, b"other")):
        with pytest.raises(iso8583_wire.NotGenuine):
            iso8583_wire.decoded(wrong, "0200", key)
