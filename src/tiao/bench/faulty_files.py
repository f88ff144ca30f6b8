"""What was put wrong into the files of a quarter: the differences that reconciliation must find, and no others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import TypeAlias

from tiao.simulator.bank.books import Flow
from tiao.simulator.bank.faults import FaultRates, draw
from tiao.simulator.bank.teller import Teller

#: Channel, request number (of a net: the day), and what is wrong.
Wrong: TypeAlias = Counter[tuple[str, str | None, str]]
_ROW_FAULTS = ("missing", "amount", "fee", "twice", "foreign")


def put_wrong(banks: Iterable[tuple[str, Teller]], rates: FaultRates, today: date) -> Wrong:
    """List the differences that were put into the files of days before *today*."""
    made: Wrong = Counter()
    for name, teller in banks:
        made += _at_odds(name, teller, today)
        for number, decided in teller.books.decisions.items():
            if decided.code is not None or decided.at.astimezone(teller.zone).date() >= today:
                continue
            drawn = {what: draw(teller.books.seed, number, f"row {what}") for what in _ROW_FAULTS}
            if drawn["missing"] < rates.row_missing_ppm:
                made[name, number, "absent"] += 1
                continue
            is_other = drawn["amount"] < rates.row_amount_ppm
            made[name, number, "amount"] += is_other
            # An ISO 20022 statement has no fees to be wrong; an amount that is wrong is told once.
            has_fee = name != "giro" and decided.flow is Flow.DEBIT
            made[name, number, "fee"] += drawn["fee"] < rates.row_fee_ppm and has_fee and not is_other
            made[name, number, "duplicate"] += drawn["twice"] < rates.row_twice_ppm
            made[name, f"x{number[1:]}", "long"] += drawn["foreign"] < rates.row_foreign_ppm
    return +made


def _at_odds(name: str, teller: Teller, today: date) -> Wrong:
    """List where a file is not what the bank's statement says: by payment, or in the net of a day; giro has but one."""
    made: Wrong = Counter()
    done = [each for each in teller.books.decisions.values() if each.code is None]
    days = {each.at.astimezone(teller.zone).date() for each in done}
    for day in sorted(day for day in days if day < today):
        rows = {row.request_no: row for row in teller.day_rows(day) or ()}
        if name == "unionpay":
            net = sum(_signed(row.flow, row.amount_minor) - row.fee_minor for row in rows.values())
            made[name, f"{day:%Y%m%d}", "statement"] += net != teller.net_minor(day)
        if name != "bank":
            continue
        file = {number: _signed(row.flow, row.amount_minor) for number, row in rows.items()}
        true = {
            each.request_no: _signed(each.flow, each.amount_minor)
            for each in done
            if each.at.astimezone(teller.zone).date() == day
        }
        for number in file.keys() | true.keys():
            made[name, number, "statement"] += file.get(number) != true.get(number)
    return made


def _signed(flow: Flow, amount_minor: int) -> int:
    return amount_minor if flow is Flow.DEBIT else -amount_minor
