"""A statement to print says each figure of the statement, signed as it counts, and is the same bytes each time."""

import base64
import re
import zlib
from datetime import date

from tiao.reports.merchant_months import Statement
from tiao.reports.statement_page import Head, written

HEAD = Head("山脚书店", "mer_1", "条科技", "CNY", date(2026, 11, 1), is_final=False)
FIELDS = [each for each in Statement.__struct_fields__ if each.endswith("_minor")]
TAKEN_OFF = {"discount_minor", "subsidy_minor", "refunded_minor", "paid_minor"}


def lines(page: bytes) -> list[str]:
    """Read what stands on a page, in the order in which it was drawn."""
    found = re.search(rb"stream\r?\n(.*?)~>", page, re.DOTALL)
    assert found is not None
    drawn = zlib.decompress(base64.a85decode(found[1]))
    texts = re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", drawn, re.DOTALL)
    return [re.sub(rb"\\([0-7]{3}|.)", _sign, each, flags=re.DOTALL).decode("utf-16-be") for each in texts]


def _sign(escaped: re.Match[bytes]) -> bytes:
    return bytes([int(escaped[1], 8)]) if escaped[1].isdigit() else escaped[1]


def test_every_figure_stands_on_the_page_signed_as_it_counts() -> None:
    figures = {name: 123_456 + number for number, name in enumerate(FIELDS)} | {"closing_minor": -5}
    page = written(HEAD, Statement(**figures, sales=7, refunds=2))
    said = lines(page)
    assert said[:5] == ["月度对账单 2026-11", "山脚书店  mer_1", "条科技", "进行中 so far", "CNY"]
    amounts = [each for each in said if re.fullmatch(r"-?[\d,]+\.\d\d", each)]
    expected = [-figures[name] if name in TAKEN_OFF else figures[name] for name in FIELDS]
    assert amounts == [f"{minor / 100:,.2f}" for minor in expected]
    assert said[-1] == "7 笔销售 sales, 2 笔退款 refunds"
    assert page == written(HEAD, Statement(**figures, sales=7, refunds=2))
    assert "已定稿 final" in lines(written(HEAD._replace(is_final=True), Statement(**figures, sales=7, refunds=2)))
