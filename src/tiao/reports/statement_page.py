"""A merchant's monthly statement as a page to print: each figure of the month, in the order of the sum."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import NamedTuple

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tiao.reports.merchant_months import Statement

#: One of the fonts that every reader of PDF has for Chinese; nothing is embedded.
_FONT = "STSong-Light"
_LEFT, _RIGHT, _TOP, _LINE = 25 * mm, 185 * mm, 265 * mm, 8 * mm
_NAME_SIGNS, _CENT = 30, 100


class Head(NamedTuple):
    """Whose statement it is, of which month, and from whom."""

    merchant: str
    merchant_id: str
    lender: str
    currency: str
    month: date
    is_final: bool


#: What each figure is called; they stand in the order of the statement itself.
_SAID = {
    "opening_minor": "期初余额  Opening balance",
    "gross_minor": "交易额  Sales",
    "discount_minor": "手续费  Discount",
    "subsidy_minor": "贴息  Fees borne for customers",
    "refunded_minor": "退款  Refunds",
    "adjusted_minor": "调账  Adjusted",
    "income_minor": "分入  Earned as a platform",
    "net_minor": "净额  Net",
    "reserved_minor": "保证金变动  Reserve",
    "disputed_minor": "争议  Disputes",
    "shared_minor": "分出  Shared",
    "paid_minor": "已打款  Paid out",
    "returned_minor": "打款退回  Payouts that came back",
    "between_servers_minor": "归集  Between servers",
    "closing_minor": "期末余额  Closing balance",
    "reserve_opening_minor": "期初保证金  In reserve at the beginning",
    "reserve_closing_minor": "期末保证金  In reserve at the end",
    "held_closing_minor": "期末争议冻结  Held for disputes at the end",
    "to_share_closing_minor": "期末待分账  Kept to be shared at the end",
}
_SUMS = frozenset({"opening_minor", "net_minor", "closing_minor"})
_TAKEN_OFF = frozenset({"discount_minor", "subsidy_minor", "refunded_minor", "paid_minor"})


def written(head: Head, found: Statement) -> bytes:
    """Write a statement as a page of A4; the same statement gives the same bytes."""
    if _FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle(f"{head.merchant} {head.month:%Y-%m}")
    canvas.setFont(_FONT, 18)
    canvas.drawString(_LEFT, _TOP, f"月度对账单 {head.month:%Y-%m}")
    canvas.setFont(_FONT, 10)
    state = "已定稿 final" if head.is_final else "进行中 so far"
    for number, text in enumerate((f"{head.merchant[:_NAME_SIGNS]}  {head.merchant_id}", head.lender, state), start=1):
        canvas.drawString(_LEFT, _TOP - number * 6 * mm, text)
    canvas.drawRightString(_RIGHT, _TOP - 18 * mm, head.currency)
    at = _TOP - 30 * mm
    for name in (each for each in Statement.__struct_fields__ if each.endswith("_minor")):
        minor = int(getattr(found, name))
        _draw(canvas, at, _SAID[name], -minor if name in _TAKEN_OFF else minor, is_sum=name in _SUMS)
        at -= _LINE
    canvas.drawString(_LEFT, at - 4 * mm, f"{found.sales} 笔销售 sales, {found.refunds} 笔退款 refunds")
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, at: float, said: str, minor: int, *, is_sum: bool) -> None:
    canvas.setFont(_FONT, 12 if is_sum else 10)
    canvas.drawString(_LEFT, at, said)
    canvas.drawRightString(_RIGHT, at, _amount(minor))
    if is_sum:
        canvas.line(_LEFT, at - 2 * mm, _RIGHT, at - 2 * mm)


def _amount(minor: int) -> str:
    whole, cents = divmod(abs(minor), _CENT)
    return f"{'-' if minor < 0 else ''}{whole:,}.{cents:02}"
