"""How customers pay, from monthly repayment statuses: given the last status, what happens next month."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tiao.learning.contract import read_frame
from tiao.learning.refusals import Fault, InputRefused

#: Statuses newest first, bills and payments of the same months (columns of the Taiwan set).
STATUS = ("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6")
BILL = tuple(f"BILL_AMT{month}" for month in range(1, 7))
PAID = tuple(f"PAY_AMT{month}" for month in range(1, 7))

DEFAULT = "default_payment_next_month"
_NEEDED = (*STATUS, *BILL, *PAID, DEFAULT)
_PART = 1
#: Fewer following months than this say too little.
_MONTHS_MIN = 300

LAST_STATUSES = ("none", "full", "part", "late_1", "late_2", "late_3_plus")
_HEADER = ("last_status", "pay_full", "pay_part", "pay_none", "part_share")


def last_status(code: int) -> str:
    """Name a status: -2 no use, -1 paid in full, 0 part paid (revolving), n months late."""
    named = {-2: "none", -1: "full", 0: "part", 1: "late_1", 2: "late_2"}
    return named.get(code, "late_3_plus")


class _Seen(NamedTuple):
    """What followed one status: how often each outcome, and the shares paid of bills paid in part."""

    outcomes: list[int]
    shares: list[float]


def repayment_behaviour(columns: Mapping[str, Sequence[int]]) -> list[tuple[str, float, float, float, float]]:
    """Count every pair of neighbouring months, and how much of a bill a part payment paid.

    A month without use says nothing about paying, so it counts as a last status and never as an outcome. A customer
    who is less late than before has paid in part. A status that has hardly any following month (in this set one month
    late is written for the newest month only) takes its chance of paying nothing from the default flag, and splits the
    rest as the next worse status does.
    Shape: last status; chances to pay in full, in part, nothing (adding up to 1); mean share of the bill in a part
    payment.
    Rounds: to four decimals, the last chance taking what is left.
    """
    seen = {status: _Seen([0, 0, 0], []) for status in LAST_STATUSES}
    newest: dict[str, list[int]] = {status: [] for status in LAST_STATUSES}
    for row in range(len(columns[STATUS[0]])):
        statuses = [int(columns[name][row]) for name in STATUS]
        newest[last_status(statuses[0])].append(int(columns[DEFAULT][row]))
        for month in range(len(statuses) - 1):
            bill, payment = int(columns[BILL[month + 1]][row]), int(columns[PAID[month]][row])
            _count(seen[last_status(statuses[month + 1])], statuses[month + 1], statuses[month], bill, payment)
    table = []
    for place, status in enumerate(LAST_STATUSES):
        outcomes, shares = seen[status]
        full, part, nothing = (count / max(1, sum(outcomes)) for count in outcomes)
        if sum(outcomes) < _MONTHS_MIN and newest[status]:
            worse, shares = seen[LAST_STATUSES[min(place + 1, len(LAST_STATUSES) - 1)]]
            nothing = sum(newest[status]) / len(newest[status])
            paying = max(1, worse[0] + worse[1])
            full, part = (1 - nothing) * worse[0] / paying, (1 - nothing) * worse[1] / paying
        share = round(sum(shares) / len(shares), 4) if shares else 0.0
        full, part = round(full, 4), round(part, 4)
        table.append((status, full, part, round(1.0 - full - part, 4), share))
    return table


def _count(seen: _Seen, before: int, now: int, bill: int, payment: int) -> None:
    outcome = _outcome(before, now)
    if outcome is not None:
        seen.outcomes[outcome] += 1
    if outcome == _PART and 0 < payment < bill:
        seen.shares.append(payment / bill)


def _outcome(before: int, now: int) -> int | None:
    """0 paid in full, 1 in part, 2 nothing; None where there was nothing to pay."""
    if now == -2:  # noqa: PLR2004  the set's code for a month without use
        return None
    if now == -1:
        return 0
    if now == 0:
        return _PART
    return _PART if 0 < now < before else 2


def write_behaviour(data: Path, out: Path) -> int:
    """Derive the table from a file with monthly statuses and write it as CSV; gives the number of customers.

    Refuses: InputRefused.
    """
    frame = read_frame(data)
    absent = [name for name in _NEEDED if name not in frame.columns]
    if absent:
        raise InputRefused([Fault("missing_column", name) for name in absent])
    columns = {name: [int(float(cell)) for cell in frame[name].to_list()] for name in _NEEDED}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    writer.writerows(repayment_behaviour(columns))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text.getvalue(), encoding="utf-8")
    return frame.height
