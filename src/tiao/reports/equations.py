"""What must agree, as sums with both sides shown; pure."""

from __future__ import annotations

from collections.abc import Sequence

from tiao.reports.model import AccountRow, Equation, Figures, FileTotals, Purchases, Term

_DEBIT_CLASSES = frozenset({"asset", "expense"})


def equations(figures: Figures, accounts: Sequence[AccountRow]) -> tuple[Equation, ...]:
    """Set records against books, and sources of money against its uses."""
    balance = {account.code: account.balance_minor for account in accounts}
    return (
        *_of_customers(figures, balance),
        *_of_repayments(figures, balance),
        *_of_losses(figures, balance),
        *_of_cash_and_merchants(figures, balance),
        *_of_balances(figures, balance),
        equation(
            "the books balance",
            [Term(row.name, f"books {row.code}", row.balance_minor) for row in accounts if _is_debit(row)],
            [Term(row.name, f"books {row.code}", row.balance_minor) for row in accounts if not _is_debit(row)],
        ),
    )


def file_equation(file: FileTotals, purchases: Purchases) -> Equation:
    """Account for every good row of a replayed file. *Units*: purchases, not money."""
    return equation(
        "every purchase of the file is accounted for",
        [Term("purchases of the file", "file", file.offered)],
        [
            Term("authorised", "purchase", purchases.authorised),
            Term("declined", "purchase", purchases.declined),
            Term("never confirmed or released", "purchase", purchases.suspended),
            Term("without a credit line", "credit_line", file.without_line),
            Term("refused as wrong", "desk", file.refused),
        ],
    )


def equation(name: str, left: Sequence[Term], right: Sequence[Term]) -> Equation:
    """Add both sides up."""
    sums = [sum(term.amount_minor for term in side) for side in (left, right)]
    return Equation(name, tuple(left), tuple(right), sums[0], sums[1], sums[0] - sums[1])


def _of_customers(figures: Figures, balance: dict[int, int]) -> list[Equation]:
    return [
        equation(
            "GMV captured = receivables created",
            [Term("captured", "purchase", figures.captured)],
            [Term("receivables created", "books 1011", figures.booked_lent)],
        ),
        equation(
            "GMV captured = loans made",
            [Term("captured", "purchase", figures.captured)],
            [Term("principal of loans", "loan", figures.lent)],
        ),
        equation(
            "what was paid, is still owed or was lost = what was lent and earned",
            [
                Term("paid in cash", "repayment_part", figures.paid_in_cash),
                Term("paid by goodwill", "repayment_part", figures.paid_by_goodwill),
                Term("paid from credit balances and refunds", "repayment_part", figures.paid_from_balances),
                Term("moved into new plans", "repayment_part", figures.paid_by_new_plans),
                Term("taken off plans by refunds", "refund", figures.refunded_off_plans),
                Term("written off", "loan_write_off", figures.written_off),
                Term("outstanding", "loan_instalment", figures.outstanding),
            ],
            [
                Term("lent", "books 1011", figures.booked_lent),
                Term("principal of new plans", "loan", figures.arranged_anew),
                *_earned(balance),
            ],
        ),
        equation(
            "outstanding = receivables in the books",
            [Term("outstanding", "loan_instalment", figures.outstanding)],
            [
                Term("principal", "books 1011", balance[1011]),
                Term("fees", "books 1012", balance[1012]),
                Term("interest", "books 1014", balance[1014]),
                Term("penalties", "books 1013", balance[1013]),
            ],
        ),
        equation(
            "use of credit lines = principal outstanding",
            [Term("used", "credit_line", figures.line_use)],
            [Term("principal", "books 1011", balance[1011])],
        ),
    ]


def _of_cash_and_merchants(figures: Figures, balance: dict[int, int]) -> list[Equation]:
    return [
        equation(
            "money in = money out + cash",
            [
                Term("owner funding", "books 3001", balance[3001]),
                Term("debited from customers", "repayment", figures.debits),
                Term("transferred by customers", "repayment", figures.transfers),
                Term("recovered from customers", "repayment", figures.recoveries),
            ],
            [
                Term("taken back", "repayment", figures.taken_back),
                Term("paid to merchants", "payout", figures.paid_to_merchants),
                Term("paid back to customers", "payout", figures.paid_to_customers),
                Term("cash", "books 1001", balance[1001]),
            ],
        ),
        equation(
            "what merchants sold = what they got, will get and bore",
            [
                Term("sold", "loan", figures.lent),
                Term("subsidy given back on refunds", "refund", figures.subsidies_returned),
                Term("income shared with platforms", "books 5005", balance[5005]),
            ],
            [
                Term("refunded", "refund", figures.refunded),
                Term("merchant discount", "loan", figures.discounts),
                Term("instalment fees borne", "loan", figures.subsidies),
                Term("paid", "payout", figures.paid_to_merchants),
                Term("on its way", "payout", figures.on_way_to_merchants),
                Term("still payable", "books 2001", balance[2001]),
                Term("kept in reserve", "books 2008", balance[2008]),
                Term("held", "books 2009", balance[2009]),
                Term("paid before the service", "books 2018", balance[2018]),
                Term("charged otherwise", "books 4007", balance[4007]),
            ],
        ),
        equation(
            "payouts on their way = in transit in the books",
            [
                Term("to merchants", "payout", figures.on_way_to_merchants),
                Term("to customers", "payout", figures.on_way_to_customers),
            ],
            [Term("in transit", "books 2005", balance[2005])],
        ),
        equation(
            "merchant discount = income",
            [Term("discount agreed", "loan", figures.discounts)],
            [Term("income", "books 4001", balance[4001])],
        ),
        equation(
            "fees borne by merchants = earned, not yet earned, given back",
            [Term("agreed", "loan", figures.subsidies)],
            [
                Term("earned", "books 4003", balance[4003]),
                Term("not yet earned", "books 2002", balance[2002]),
                Term("given back on refunds", "refund", figures.subsidies_returned),
            ],
        ),
    ]


def _of_repayments(figures: Figures, balance: dict[int, int]) -> list[Equation]:
    return [
        equation(
            "what came in for customers = what it paid, made good, left over",
            [
                Term("debited", "repayment", figures.debits),
                Term("transferred", "repayment", figures.transfers),
                Term("recoveries", "repayment", figures.recoveries),
                Term("goodwill", "repayment", figures.goodwill),
                Term("from credit balances", "repayment", figures.balances_used),
                Term("from refunds", "repayment", figures.refunds_used),
                Term("replaced by new plans", "repayment", figures.replaced),
            ],
            [
                Term("taken back", "repayment", figures.taken_back),
                Term("paid in cash", "repayment_part", figures.paid_in_cash),
                Term("paid by goodwill", "repayment_part", figures.paid_by_goodwill),
                Term("paid from credit balances and refunds", "repayment_part", figures.paid_from_balances),
                Term("moved into new plans", "repayment_part", figures.paid_by_new_plans),
                Term("made losses good", "repayment", figures.recovered),
                Term("left over", "repayment", figures.overpaid),
            ],
        ),
        equation(
            "payoffs quoted and debited = payoffs received",
            [Term("quoted", "loan_payoff", figures.payoffs_quoted)],
            [Term("received", "repayment", figures.settling)],
        ),
        equation(
            "what new plans replaced = their principal",
            [Term("replaced", "repayment", figures.replaced)],
            [Term("principal of new plans", "loan", figures.arranged_anew)],
        ),
        equation(
            "fees and interest that fell away = by refunds, waivers, early payment",
            [Term("fell away", "loan_instalment", figures.fees_fallen)],
            [
                Term("by refunds", "refund", figures.fees_fallen_by_refunds),
                Term("by waivers", "waiver_part", figures.fees_waived),
                Term("by early payment", "repayment_part", figures.fees_fallen_by_payments),
            ],
        ),
        equation(
            "penalties charged = earned + waived",
            [Term("charged", "loan_instalment", figures.penalties_charged)],
            [
                Term("earned", "books 4004", balance[4004]),
                Term("waived", "waiver_part", figures.penalties_waived),
            ],
        ),
        equation(
            "goodwill = its expense",
            [Term("goodwill", "repayment", figures.goodwill)],
            [Term("expense", "books 5002", balance[5002])],
        ),
    ]


def _of_losses(figures: Figures, balance: dict[int, int]) -> list[Equation]:
    return [
        equation(
            "written off = credit losses",
            [Term("written off", "loan_write_off", figures.written_off)],
            [Term("losses", "books 5001", balance[5001])],
        ),
        equation(
            "losses made good = recovery income",
            [
                Term("by customers", "repayment", figures.recovered),
                Term("by refunds", "refund", figures.recovered_by_refunds),
            ],
            [Term("income", "books 4005", balance[4005])],
        ),
    ]


def _of_balances(figures: Figures, balance: dict[int, int]) -> list[Equation]:
    return [
        equation(
            "credit balances made = used, paid out, standing",
            [
                Term("left over", "repayment", figures.overpaid),
                Term("refunds that found nothing to take off", "refund", figures.refund_shortfall),
                Term("refunds kept", "books 2003", figures.booked_kept_as_credit),
            ],
            [
                Term("used", "repayment", figures.balances_used),
                Term("paid out", "credit_payout", figures.balances_paid_out),
                Term("standing", "books 2003", balance[2003]),
            ],
        ),
        equation(
            "refunded = off plans, found nothing, made good, beyond the plan",
            [Term("refunded", "refund", figures.refunded)],
            [
                Term("taken off plans", "refund", figures.refunded_off_plans),
                Term("found nothing to take off", "refund", figures.refund_shortfall),
                Term("made losses good", "refund", figures.recovered_by_refunds),
                Term("beyond the plan", "refund", figures.refunds_returned),
            ],
        ),
        equation(
            "refunds beyond the plan and balances paid out = used, kept, paid back",
            [
                Term("beyond the plan", "refund", figures.refunds_returned),
                Term("credit balances paid out", "credit_payout", figures.balances_paid_out),
            ],
            [
                Term("put against other debt", "repayment", figures.refunds_used),
                Term("kept as credit balance", "books 2003", figures.booked_kept_as_credit),
                Term("paid back", "payout", figures.paid_to_customers),
                Term("on its way", "payout", figures.on_way_to_customers),
                Term("to be paid out", "books 2004", balance[2004]),
            ],
        ),
    ]


def _earned(balance: dict[int, int]) -> list[Term]:
    """List what customers owe beyond principal: earned net of what fell away."""
    return [
        Term("fees earned", "books 4002", balance[4002]),
        Term("interest earned", "books 4006", balance[4006]),
        Term("penalties earned", "books 4004", balance[4004]),
    ]


def _is_debit(row: AccountRow) -> bool:
    return row.account_class in _DEBIT_CLASSES
