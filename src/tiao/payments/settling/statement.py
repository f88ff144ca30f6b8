"""A settlement as a file (对账单): every line that moved the merchant's account, and totals that agree. Pure."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from io import StringIO
from typing import NamedTuple

from tiao.payments.model import Settlement
from tiao.payments.settling.model import FileLine
from tiao.values.ids import show_id

COLUMNS = (
    *("line", "recorded_at", "source", "purchase", "reference", "gross_minor", "discount_minor", "subsidy_minor"),
    "amount_minor",
)
#: What the API calls the source of each kind; others are known by their posting.
_SOURCES = {
    "purchase_captured": "loa",
    "refund_given": "ref",
    "payout_returned": "stl",
    "dispute_held": "dsp",
    "dispute_released": "dsp",
}
#: A cell that begins so is a formula to spreadsheets.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class StatementFile(NamedTuple):
    """A file and its SHA-256."""

    name: str
    content: bytes
    digest: bytes


def statement(settlement: Settlement, lines: Sequence[FileLine]) -> StatementFile:
    """Write a settlement's file; the same settlement gives the same bytes.

    Amounts are whole minor units. The lines and what was carried on from before add up to the net, and the net is what
    the payout named at the end brings, or is carried on.
    """
    returned = sum(each.amount_minor for each in lines if each.kind == "payout_returned")
    before = settlement.carried_minor - returned - settlement.withdrawn_minor
    total = sum(each.amount_minor for each in lines) + before
    assert total == settlement.net_minor, f"{settlement.id}: lines say {total}, the settlement {settlement.net_minor}"
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in lines:
        writer.writerow(
            [
                each.kind,
                each.recorded_at.isoformat(),
                show_id(_SOURCES.get(each.kind, "pos"), each.source_id),
                "" if each.purchase_id is None else show_id("pur", each.purchase_id),
                _cell(each.reference or ""),
                each.gross_minor,
                each.discount_minor,
                each.subsidy_minor,
                each.amount_minor,
            ]
        )
    source = show_id("stl", settlement.id)
    paid_by = "" if settlement.payout_id is None else show_id("pay", settlement.payout_id)
    gross, discount, subsidy = (
        sum(each.gross_minor for each in lines),
        sum(each.discount_minor for each in lines),
        sum(each.subsidy_minor for each in lines),
    )
    writer.writerow(["carried_from_before", "", source, "", "", 0, 0, 0, before])
    writer.writerow(["net", settlement.business_date.isoformat(), source, "", "", gross, discount, subsidy, total])
    writer.writerow(["paid", settlement.pays_on.isoformat(), paid_by, "", "", 0, 0, 0, settlement.paid_minor])
    content = text.getvalue().encode("utf-8")
    name = f"settlement-{settlement.business_date.isoformat()}-{settlement.merchant_id.hex[:8]}.csv"
    return StatementFile(name, content, hashlib.sha256(content).digest())


def _cell(text: str) -> str:
    """Keep a merchant's own words from being read as a formula."""
    return f"'{text}" if text.startswith(_FORMULAS) else text
