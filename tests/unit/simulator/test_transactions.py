"""The file of transactions: what is good is read exactly, what is bad is named."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from tiao.simulator.refusals import BadRow, ReplayMapInvalid, TransactionsUnreadable
from tiao.simulator.replay.mapping import ReplayMap, read_map
from tiao.simulator.replay.transactions import Transactions, listed, read_transactions

MAP = ReplayMap("id", "at", "who", "where", "amount", "currency")
GOOD = "t1,2026-03-01 10:00:00,c1,m1,12.30,CNY"

# A row of the file, what is wrong with it, and the value at fault.
BAD = [
    (",2026-03-01 10:00:00,c1,m1,1.00,CNY", "transaction_id_missing", ""),
    ("t2,2026-03-01 10:00:00,,m1,1.00,CNY", "customer_id_missing", ""),
    ("t2,2026-03-01 10:00:00,c1,,1.00,CNY", "merchant_id_missing", ""),
    ("t2,2026-03-01 10:00:00,c1,m1,,CNY", "amount_missing", ""),
    ("t2,2026-03-01 10:00:00,c1,m1,1.00,", "currency_missing", ""),
    ("t2,,c1,m1,1.00,CNY", "occurred_at_missing", ""),
    ("t1,2026-03-01 10:00:00,c1,m1,1.00,CNY", "transaction_id_repeated", "t1"),
    ("t2,yesterday,c1,m1,1.00,CNY", "occurred_at_unparseable", "yesterday"),
    ("t2,2026-13-01 10:00:00,c1,m1,1.00,CNY", "occurred_at_unparseable", "2026-13-01 10:00:00"),
    ("t2,2026-03-01 10:00:00,c1,m1,-5.00,CNY", "amount_negative", "-5.00"),
    ("t2,2026-03-01 10:00:00,c1,m1,five,CNY", "amount_unparseable", "five"),
    ("t2,2026-03-01 10:00:00,c1,m1,NaN,CNY", "amount_unparseable", "NaN"),
    ("t2,2026-03-01 10:00:00,c1,m1,1.005,CNY", "amount_has_too_many_decimals", "1.005"),
    ("t2,2026-03-01 10:00:00,c1,m1,10000000000.01,CNY", "amount_too_large", "10000000000.01"),
    ("t2,2026-03-01 10:00:00,c1,m1,1.00,ZZZ", "currency_unknown", "ZZZ"),
    ("t2,2026-03-01 10:00:00,c1,m1,1.00,EUR", "currency_not_lent", "EUR"),
]


def read(tmp_path: Path, *rows: str) -> Transactions:
    path = tmp_path / "file.csv"
    path.write_text("\n".join(["id,at,who,where,amount,currency", *rows]) + "\n")
    return read_transactions(path, MAP, currency="CNY")


@pytest.mark.parametrize(("row", "reason", "value"), BAD, ids=[reason for _, reason, _ in BAD])
def test_a_bad_row_is_named_and_the_good_ones_are_kept(tmp_path: Path, row: str, reason: str, value: str) -> None:
    found = read(tmp_path, GOOD, row, "t9,2026-03-02 10:00:00,c1,m1,3,CNY")
    assert found.bad == [BadRow(3, reason, value)]
    assert [each.transaction_id for each in listed(found.frame)] == ["t1", "t9"]


# As written, and in minor units.
AMOUNTS = [
    ("1", 100),
    ("1.5", 150),
    ("0.01", 1),
    ("9999999999.99", 999_999_999_999),
    ("1e2", 10_000),
    ("85.64999999999999", 8565),
    ("141.64999999999998", 14_165),
    ("57.300000000000004", 5730),
    ("1.500", 150),
]


@pytest.mark.parametrize(("text", "minor"), AMOUNTS)
def test_an_amount_is_read_to_the_cent(tmp_path: Path, text: str, minor: int) -> None:
    found = read(tmp_path, f"t1,2026-03-01 10:00:00,c1,m1,{text},CNY")
    assert found.bad == []
    assert [each.amount_minor for each in listed(found.frame)] == [minor]


INSTANTS = [
    "2026-03-01 10:00:00",
    "2026-03-01T10:00:00",
    "2026-03-01T10:00:00Z",
    "2026-03-01T18:00:00+08:00",
    "2026-03-01 10:00:00.000",
]


@pytest.mark.parametrize("text", INSTANTS)
def test_an_instant_without_an_offset_is_utc(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, f"t1,{text},c1,m1,1,CNY")
    assert [each.occurred_at for each in listed(found.frame)] == [datetime(2026, 3, 1, 10, tzinfo=UTC)]


def test_rows_come_in_the_order_of_time_and_days_are_counted_from_the_first(tmp_path: Path) -> None:
    days = ("05", "01", "03", "02")
    found = read(tmp_path, *(f"t{day},2026-03-{day} 23:00:00,c1,m1,1,CNY" for day in days))
    kept = found.first_days(3)
    assert [each.transaction_id for each in listed(kept.frame)] == ["t01", "t02", "t03"]
    assert [day.day for day in kept.by_day(ZoneInfo("Asia/Shanghai"))] == [2, 3, 4]


def test_floats_and_instants_of_parquet_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    at = datetime(2026, 3, 1, 10)  # noqa: DTZ001  naive on purpose
    pl.DataFrame(
        {"id": [1, 2], "at": [at, at], "who": [7, 7], "where": [8, 8], "amount": [0.1 + 0.2, 0.0]}
    ).write_parquet(path)
    found = read_transactions(path, ReplayMap("id", "at", "who", "where", "amount", "=CNY"), currency="CNY")
    assert [each.amount_minor for each in listed(found.frame)] == [30]
    assert (found.bad, found.void) == ([], [BadRow(2, "amount_zero", "0.0")])


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text("id,at\n1,2\n")
    with pytest.raises(TransactionsUnreadable, match="who, where, amount, currency"):
        read_transactions(tmp_path / "file.csv", MAP, currency="CNY")


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b'{"transaction_id":"=1","occurred_at":"b","customer_id":"c","merchant_id":"d","amount":"e","currency":"f"}',
        b'{"transaction_id":"","occurred_at":"b","customer_id":"c","merchant_id":"d","amount":"e","currency":"f"}',
        b'{"transaction_id":"a","occurred_at":"b","customer_id":"c","merchant_id":"d","amount":"e","currency":"=","x":1}',
        b"not json",
    ],
)
def test_a_map_that_says_too_little_is_refused(text: bytes) -> None:
    with pytest.raises(ReplayMapInvalid):
        read_map(text)
