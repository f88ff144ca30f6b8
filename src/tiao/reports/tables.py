"""A report as plain tables of text: what the terminal and the page both show."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from tiao.reports.model import AccountRow, Equation, Report, RollRow, StageRow
from tiao.reports.reading import roll_rate
from tiao.values.money import CURRENCY_DECIMALS


class Table(NamedTuple):
    """A titled table; columns from *numbers_from* on hold figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers_from: int = 1


STAGES = ("current", "1-30 days", "31-60 days", "61-90 days", "91-120 days", "121-150 days", "151-180 days", "over 180")


def tables(report: Report) -> list[Table]:
    """Lay a report out."""
    return [
        _overview(report),
        _declines(report),
        _portfolio(report),
        _rolls(report),
        _accounts("Income and losses", report.income, report.currency),
        _accounts("All accounts", report.accounts, report.currency),
        _settlement(report),
        _money_moved(report),
    ]


def amount(minor: int, currency: str) -> str:
    """Write an amount in major units with grouped thousands. Rounds: nothing."""
    decimals = CURRENCY_DECIMALS[currency]
    return f"{Decimal(minor).scaleb(-decimals):,.{decimals}f}"


def percent(share: str | None) -> str:
    """Write a share in percent. Rounds: half even, to one hundredth of a percent, for the eye only."""
    return "" if share is None else f"{Decimal(share) * 100:.2f} %"


def equation_rows(equation: Equation) -> list[tuple[str, str, int, str, str, int]]:
    """Pair both sides' terms, line by line: what, source, amount; and again on the right."""
    rows = []
    for place in range(max(len(equation.left), len(equation.right))):
        left = equation.left[place] if place < len(equation.left) else None
        right = equation.right[place] if place < len(equation.right) else None
        rows.append(
            (
                left.what if left else "",
                left.source if left else "",
                left.amount_minor if left else 0,
                right.what if right else "",
                right.source if right else "",
                right.amount_minor if right else 0,
            )
        )
    return rows


def _overview(report: Report) -> Table:
    applications, purchases = report.applications, report.purchases

    def money(minor: int) -> str:
        return amount(minor, report.currency)

    rows = [
        ("customers", f"{report.customers:,}", ""),
        ("merchants", f"{report.merchants:,}", ""),
        ("applications", f"{applications.received:,}", ""),
        ("  approved", f"{applications.approved:,}", money(applications.granted_minor)),
        ("  declined", f"{applications.declined:,}", ""),
        ("limits raised", f"{applications.raised:,}", ""),
        ("lines frozen", f"{applications.frozen:,}", ""),
        ("purchases asked for", f"{purchases.asked:,}", money(purchases.asked_minor)),
        ("  authorised", f"{purchases.authorised:,}", money(purchases.authorised_minor)),
        ("  declined", f"{purchases.declined:,}", money(purchases.declined_minor)),
        ("  never confirmed or released", f"{purchases.suspended:,}", money(purchases.suspended_minor)),
        ("authorisation rate", percent(report.authorisation_rate), ""),
        ("GMV captured", "", money(purchases.captured_minor)),
        ("refunded", "", money(purchases.refunded_minor)),
        ("held", "", money(purchases.held_minor)),
    ]
    if report.file is not None:
        file = report.file
        rows += [
            ("rows of the file", f"{file.rows:,}", ""),
            ("  bad, left out", f"{file.bad_rows:,}", ""),
            ("  of amount zero, nothing bought", f"{file.void_rows:,}", ""),
            ("  of the days replayed", f"{file.offered:,}", money(file.offered_minor)),
            ("  by customers without a line", f"{file.without_line:,}", money(file.without_line_minor)),
        ]
    return Table("Overview", ("", "count", report.currency), tuple(rows))


def _declines(report: Report) -> Table:
    rows = tuple(
        (each.reason, f"{each.purchases:,}", amount(each.amount_minor, report.currency))
        for each in report.decline_reasons
    )
    return Table("Declines by reason", ("reason", "purchases", report.currency), rows)


def _portfolio(report: Report) -> Table:
    def row(name: str, each: StageRow) -> tuple[str, ...]:
        sums = (each.principal_minor, each.fee_minor, each.penalty_minor)
        figures = (*sums, sum(sums))
        return (name, f"{each.loans:,}", *(amount(figure, report.currency) for figure in figures))

    rows = [row(STAGES[each.stage], each) for each in report.stages]
    rows.append(row("written off", report.written_off))
    return Table(
        "Outstanding by days past due", ("stage", "loans", "principal", "fees", "penalties", "total"), tuple(rows)
    )


def _rolls(report: Report) -> Table:
    def row(each: RollRow) -> tuple[str, ...]:
        counts = (each.entered, each.worse, each.better, each.paid, each.written_off, each.still)
        return (STAGES[each.stage], *(f"{count:,}" for count in counts), percent(roll_rate(each)))

    columns = ("stage", "entered", "worse", "better", "paid off", "written off", "still in", "roll rate")
    return Table("Roll rates", columns, tuple(row(each) for each in report.roll_rates if each.entered))


def _accounts(title: str, accounts: Sequence[AccountRow], currency: str) -> Table:
    rows = tuple(
        (
            f"{each.code} {each.name}",
            each.name_zh,
            *(amount(figure, currency) for figure in (each.debit_minor, each.credit_minor, each.balance_minor)),
        )
        for each in accounts
    )
    return Table(title, ("account", "科目", "debit", "credit", "balance"), rows, numbers_from=2)


def _settlement(report: Report) -> Table:
    totals = report.settlement
    figures = (
        ("sold", totals.gross_minor),
        ("merchant discount", -totals.discount_minor),
        ("instalment fees borne", -totals.subsidy_minor),
        ("refunded", -totals.refunded_minor),
        ("net", totals.net_minor),
    )
    title = f"Merchant settlement: {totals.settlements:,} settlements of {totals.merchants:,} merchants"
    return Table(title, ("", report.currency), tuple((name, amount(minor, report.currency)) for name, minor in figures))


def _money_moved(report: Report) -> Table:
    rows = [("debit", each.purpose, each.state, each.debits, each.amount_minor) for each in report.debits]
    rows += [("payout", each.kind, each.state, each.payouts, each.amount_minor) for each in report.payouts]
    return Table(
        "Money moved by the bank",
        ("order", "for", "state", "count", report.currency),
        tuple(
            (order, what, state, f"{count:,}", amount(minor, report.currency))
            for order, what, state, count, minor in rows
        ),
        numbers_from=3,
    )
