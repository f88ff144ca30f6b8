"""Every message we write is what the published schema says, and read back is what it was.

The schemas in tests/golden/iso20022 are ISO 20022's own, as the packages pain001, pacs008 and camt053 carry them; that
of pacs.002 is the part of it that pacs008 ships.
"""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
import xmlschema

from tiao.payments.iso20022 import accounts
from tiao.payments.iso20022 import messages as iso

SCHEMAS = Path(__file__).parent / "iso20022"
AT = datetime(2026, 3, 2, 4, 0, 0, 123000, tzinfo=UTC)
OURS = iso.Account("条科技有限公司", "1102 0000 0000 0001")
ORDERS = iso.Orders(
    "M20260302-1",
    AT,
    OURS,
    date(2026, 3, 3),
    (
        iso.Transfer("a" * 32, 12345, "CNY", iso.Account("欧阳𠮷娜 & <儿>", "6222000000000001"), "AG1"),
        iso.Transfer("b" * 32, 1, "CNY", iso.Account("A", "6222000000000002"), "AG2"),
    ),
)
STATUS = iso.StatusReport(
    "S1",
    AT,
    "M20260302-1",
    iso.DIRECT_DEBIT,
    (
        iso.TxStatus("a" * 32, "ACSC", bank_no="SB1", amount_minor=12345, currency="CNY"),
        iso.TxStatus("b" * 32, "RJCT", reason="AM04"),
    ),
)
REPORT = accounts.AccountReport(
    "R1", AT, 7, "1102000000000001", "CNY", -500, (accounts.Booked("a" * 32, "SB1", 12345, "CNY", date(2026, 3, 2)),
    accounts.Booked("b" * 32, "SB2", -99, "CNY", date(2026, 3, 2)))
)  # fmt: skip


@cache
def schema(kind: str) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(SCHEMAS / f"{kind}.xsd"))


@pytest.mark.parametrize("kind", [iso.CREDIT_TRANSFER, iso.DIRECT_DEBIT])
def test_orders_are_valid_and_come_back(kind: str) -> None:
    text = iso.write_orders(ORDERS, kind)
    schema(kind).validate(text.decode())
    back = iso.read_orders(text, kind)
    mandates = kind == iso.DIRECT_DEBIT
    assert back == ORDERS._replace(
        transfers=tuple(each if mandates else each._replace(mandate=None) for each in ORDERS.transfers)
    )


def test_an_orders_status_is_valid_and_comes_back() -> None:
    text = iso.write_status(STATUS, iso.ORDER_STATUS)
    schema(iso.ORDER_STATUS).validate(text.decode())
    assert iso.read_status(text, iso.ORDER_STATUS) == STATUS


def test_a_payments_status_comes_back() -> None:
    plain = STATUS._replace(
        statuses=tuple(each._replace(amount_minor=None, currency=None, bank_no=None) for each in STATUS.statuses)
    )
    text = iso.write_status(plain, iso.PAYMENT_STATUS)
    schema(iso.PAYMENT_STATUS).validate(text.decode())
    assert iso.read_status(text, iso.PAYMENT_STATUS) == plain


@pytest.mark.parametrize("kind", [accounts.STATEMENT, accounts.NOTIFICATION])
def test_statements_and_notices_are_valid_and_come_back(kind: str) -> None:
    report = REPORT if kind == accounts.STATEMENT else REPORT._replace(opening_minor=0)
    text = accounts.write_account(report, kind)
    schema(kind).validate(text.decode())
    assert accounts.read_account(text, kind) == report
