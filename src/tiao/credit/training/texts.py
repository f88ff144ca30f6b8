"""What a customer and an agent are told, by family of features; never a raw column name to a customer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tiao.learning.forms import Reason


class _Text(NamedTuple):
    """What a customer is told of one family, and whether they can do something about it."""

    zh: str
    en: str
    is_actionable: bool


_TEXTS: dict[str, _Text] = {
    "recent_delinquency": _Text("最近几期账单未按时还款", "Recent bills were not paid on time", True),
    "past_delinquency": _Text("过去半年内有过逾期记录", "There were late payments in the past months", False),
    "delinquency": _Text("有逾期还款记录", "There are late payments on record", False),
    "utilisation": _Text("已用额度占总额度的比例偏高", "A large part of the available credit is in use", True),
    "limit": _Text("现有授信额度较低，信用历史有限", "The credit granted to you so far is low", False),
    "balance": _Text("未偿还余额与收入或额度相比偏高", "The outstanding balance is high", True),
    "repayment": _Text("近期还款金额偏少", "Recent repayments were small", True),
    "debt": _Text("负债与收入相比偏高", "Debt is high compared with income", True),
    "income": _Text("收入信息不足或偏低", "Income is low or could not be confirmed", True),
    "lines": _Text("现有信贷账户的数量或构成", "The number or mix of open credit accounts", False),
    "inquiries": _Text("近期申请信贷的次数较多", "There were many recent applications for credit", True),
    "history": _Text("信用历史较短", "The credit history is short", False),
    "employment": _Text("工作年限或职业信息", "Length or kind of employment", False),
    "amount": _Text("申请的金额或期限偏高", "The amount or term asked for is high", True),
    "assets": _Text("资产或存款较少", "Assets or savings are low", True),
    "household": _Text("家庭负担情况", "The number of people supported", False),
    "age": _Text("申请人资料", "Details of the applicant", False),
    "region": _Text("所在地区", "The region", False),
    "purpose": _Text("借款用途", "The purpose of the credit", True),
    "checking": _Text("账户往来情况", "The conduct of the account", True),
}  # fmt: skip

#: What in a column's name points to a family, where the schema names none: the first that matches.
_PATTERNS: dict[str, str] = {
    "delinquency": r"past.?due|overdue|late|delinq|delq|dpd|derog",
    "inquiries": r"inq|enquir|ninq",
    "history": r"clage|oldest|months?since|mo_sin|infile|history|age_of",
    "checking": r"checking|account_status|status_of",
    "utilisation": r"util|revol|burden",
    "repayment": r"pay.?am|repay|paid",
    "limit": r"limit|lim\b|open.?to.?buy",
    "debt": r"debt|dti|loan.?to|leverage",
    "income": r"income|salary|wage|annual_inc|\binc\b",
    "balance": r"bal|bill|outstanding|mortdue|owed",
    "lines": r"trade|line|clno|account|acc\b|acct|mort|_tl\b",
    "employment": r"emp|job|yoj|work|occup|profession",
    "purpose": r"purpose|reason",
    "assets": r"saving|asset|property|value|deposit|hous|home",
    "amount": r"amount|amnt|loan|term|duration|instal|price",
    "household": r"depend|household|famil|child",
    "region": r"state|region|city|province|area",
    "age": r"^age$",
}


def family_of(column: str, *, number: int) -> str:
    """Name a family from a column's name; a name that says nothing gives a family of its own, by number."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column).lower()
    for family, pattern in _PATTERNS.items():
        if re.search(pattern, name):
            return family
    return f"detail_{number:02d}"


def reason_code(family: str) -> str:
    """Name a family's reason."""
    return re.sub(r"[^A-Z0-9]+", "_", family.upper()).strip("_")


def reasons_of(families: Iterable[str], columns: Mapping[str, Iterable[str]]) -> list[Reason]:
    """Write the table of reasons; an agent also sees which columns stand behind each."""
    table = []
    for family in families:
        text = _TEXTS.get(family)
        zh, en = (text.zh, text.en) if text else _unknown(family)
        behind = ", ".join(sorted(columns.get(family, ())))
        table.append(
            Reason(reason_code(family), family, zh, en, f"{en}. Columns: {behind}", bool(text and text.is_actionable))
        )
    return table


def _unknown(family: str) -> tuple[str, str]:
    if match := re.fullmatch(r"detail_(\d+)", family):
        return f"申请资料中的第 {int(match[1])} 项", f"Item {int(match[1])} of the details in the application"
    words = family.replace("_", " ")
    return f"与“{words}”有关的资料", f"Details concerning {words}"
