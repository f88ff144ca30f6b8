"""The fold: terms and a history in, the loan as it stands out.

All is replayed in the order (effective day, business day of entry, entry), what was reversed left out; so a back-dated
entry changes the splits of later ones, and the answer follows from the facts alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from tiao.lending.schedule.accrual import FOREVER
from tiao.lending.schedule.allocation import Split
from tiao.lending.schedule.answer import Answer, Booked, Row
from tiao.lending.schedule.history import History, Step, history_of
from tiao.lending.schedule.loan import Loan
from tiao.lending.schedule.terms import ByInstalment, Terms
from tiao.lending.schedule.transactions import (
    DOWN_PAYMENT,
    INTEREST_REFUND,
    PAYOFF,
    REFUNDS,
    Charge,
    Draw,
    InterestPause,
    Payment,
    Payoff,
    RateChange,
    Transaction,
)


def replay(
    terms: Terms, transactions: Sequence[Transaction], *, start_on: date, as_of_on: date | None = None
) -> Answer:
    """Fold the history of one loan and show it as of *as_of_on*, by default the latest business day of entry.

    Rounds:  as the terms say, only what stands in a row.
    Refuses: ScheduleDayImpossible, ScheduleTermsImpossible, ScheduleTransactionDuplicate, ScheduleReversalImpossible.
    """
    history = history_of(terms, transactions, start_on)
    shown_on = as_of_on or max((entry.posted_on for entry in transactions), default=start_on)
    fold = Fold(terms, start_on, history)
    for step in history.steps:
        fold.apply(step)
    as_of = shown_on.toordinal()
    principal, interest = fold.loan.project(as_of)
    if fold.loan.accrual is not None and as_of < fold.loan.accrual.at:
        principal, interest = _as_seen_from(terms, start_on, history, fold, as_of)
    rows = _rows(fold, history, principal, interest)
    return Answer(as_of_on=shown_on, rows=rows, transactions=fold.booked)


class Fold:
    """A loan, and the payments booked on it so far."""

    __slots__ = ("booked", "done", "history", "is_trial", "loan", "script", "splits", "start_on", "terms")

    def __init__(
        self, terms: Terms, start_on: date, history: History, *, horizon: int = FOREVER, is_trial: bool = False
    ) -> None:
        self.terms = terms
        self.start_on = start_on
        self.history = history
        self.loan = Loan(terms, start_on, history.row_count, history.rates, horizon)
        self.booked: list[Booked] = []
        self.done: list[tuple[str, int, int, object]] = []
        self.splits: dict[str, list[Split]] = {}
        self.script: dict[str, list[Split]] | None = None
        self.is_trial = is_trial
        if isinstance(terms.allocation, ByInstalment):
            for step in history.charges:
                assert isinstance(step.entry, Charge), "the list holds charges"
                self.loan.charge(step.entry, start_on.toordinal())

    def apply(self, step: Step) -> None:
        """Replay one entry."""
        entry = step.entry
        match entry:
            case Payment():
                self._pay(step, entry)
            case Draw():
                if not step.is_reversed:
                    self.draw(entry.id, entry.amount_minor, step.day, is_paid=not step.is_generated_reversed)
                elif self.terms.down_payment is not None and self.terms.down_payment.is_automatic:
                    self._book_reversed(f"{entry.id}.{DOWN_PAYMENT}", DOWN_PAYMENT, step.day, 0, is_generated=True)
            case Payoff():
                if step.is_reversed:
                    self._book_reversed(entry.id, PAYOFF, step.day, 0)
                else:
                    self.pay(entry.id, PAYOFF, self.loan.payoff_amount(step.day), step.day)
            case Charge():
                self.loan.charge(entry, step.day)
                self.done.append(("charge", step.day, 0, entry))
            case RateChange():
                self.loan.change_rate(step.day, entry.annual_rate)
                self.done.append(("rate", step.day, 0, entry.annual_rate))
            case InterestPause():
                self.loan.pause(entry.from_on.toordinal(), entry.to_on.toordinal())
                self.done.append(("pause", entry.from_on.toordinal(), entry.to_on.toordinal(), None))

    def draw(self, name: str, amount: int, day: int, *, is_paid: bool) -> None:
        """Pay out a draw and, where that is automatic, book its down payment; nothing is booked for nothing."""
        down = self.loan.draw(day, amount)
        self.done.append(("draw", day, amount, (name, is_paid)))
        terms = self.terms.down_payment
        if down is None or terms is None or not terms.is_automatic or not down.principal or self.history.is_preview:
            return
        generated = f"{name}.{DOWN_PAYMENT}"
        if is_paid:
            self.pay(generated, DOWN_PAYMENT, down.principal, day, is_generated=True, is_recorded=False)
        else:
            self._book_reversed(generated, DOWN_PAYMENT, day, down.principal, is_generated=True)

    def _pay(self, step: Step, entry: Payment) -> None:
        is_refunding = (
            entry.type in REFUNDS and entry.is_interest_refunded and entry.type in self.terms.interest_refund_on
        )
        generated = f"{entry.id}.{INTEREST_REFUND}"
        if self.script is not None:
            refunded = int(generated in self.script)
        else:
            refunded = self.interest_refund(entry.amount_minor, step.day) if is_refunding else 0
        if step.is_reversed:
            self._book_reversed(entry.id, entry.type, step.day, entry.amount_minor)
        else:
            self.pay(entry.id, entry.type, entry.amount_minor, step.day)
        if not refunded:
            return
        if step.is_generated_reversed or step.is_reversed:
            self._book_reversed(generated, INTEREST_REFUND, step.day, refunded, is_generated=True)
        else:
            self.pay(generated, INTEREST_REFUND, refunded, step.day, is_generated=True)

    def pay(
        self, name: str, kind: str, amount: int, day: int, *, is_generated: bool = False, is_recorded: bool = True
    ) -> None:
        """Use up a payment and book how."""
        rule = "repayment" if kind == PAYOFF else kind
        if self.script is not None:
            self.loan.repeat(self.script[name], day)
            return
        purse = self.loan.pay(amount, day, rule)
        self.splits[name] = purse.splits
        if is_recorded:
            self.done.append(("pay", day, amount, rule))
        if self.is_trial:
            return
        self.booked.append(
            Booked(
                name,
                kind,
                date.fromordinal(day),
                amount,
                purse.principal,
                purse.interest,
                purse.fees,
                purse.penalties,
                purse.left,
                self.loan.balance,
                is_reversed=False,
                is_generated=is_generated,
            )
        )

    def _book_reversed(self, name: str, kind: str, day: int, amount: int, *, is_generated: bool = False) -> None:
        if not self.is_trial:
            on = date.fromordinal(day)
            self.booked.append(Booked(name, kind, on, amount, 0, 0, 0, 0, 0, self.loan.balance, True, is_generated))

    def interest_refund(self, refund: int, day: int) -> int:
        """Find the interest that goes back with a refund: what is payable, less what were if the sum was never drawn.

        The sum is taken off the earliest draws that earlier refunds left; down payments are those of the smaller draws.
        Rounds: each of the two. Source: Apache Fineract, EMICalculation-Part2.feature, C3309.
        """
        if self.terms.annual_rate == 0 and not self.history.rates:
            return 0
        other = Fold(self.terms, self.start_on, self.history, is_trial=True)
        gone = sum(amount for kind, _, amount, rule in self.done if kind == "pay" and rule in REFUNDS)
        left = refund
        for kind, on, amount, detail in self.done:
            if kind == "draw":
                before = min(gone, amount)
                gone -= before
                cut = min(left, amount - before)
                left -= cut
                assert isinstance(detail, tuple), "a draw remembers its name"
                if amount > cut:
                    other.draw(detail[0], amount - cut, on, is_paid=detail[1])
            elif kind == "pay":
                other.pay("", str(detail), amount, on)
            elif kind == "charge" and not isinstance(self.terms.allocation, ByInstalment):
                assert isinstance(detail, Charge), "a charge remembers itself"
                other.loan.charge(detail, on)
            elif kind == "rate":
                assert isinstance(detail, Fraction), "a rate change remembers its rate"
                other.loan.change_rate(on, detail)
            elif kind == "pause":
                other.loan.pause(on, amount)
        return max(self.loan.interest_to(day) - other.loan.interest_to(day), 0)


def _as_seen_from(
    terms: Terms, start_on: date, history: History, told: Fold, as_of: int
) -> tuple[list[int], list[int]]:
    """Show the same splits with the real days ending before the last of them: a business day before some entries."""
    again = Fold(terms, start_on, history, horizon=as_of)
    again.script = told.splits
    for step in history.steps:
        again.apply(step)
    return again.loan.project(as_of)


def _rows(fold: Fold, history: History, principal: Sequence[int], interest: Sequence[int]) -> list[Row]:
    loan = fold.loan
    draws = [(day, amount) for kind, day, amount, _ in fold.done if kind == "draw"]
    rows: list[Row] = []
    drawn = repaid = used = 0
    last_due = loan.contract.due[loan.contract.active - 1]
    for number, slot in enumerate(loan.rows.all, start=1):
        until = slot.due if slot.is_instalment and slot.due < last_due else slot.due + 1
        while used < len(draws) and draws[used][0] < until:
            drawn += draws[used][1]
            used += 1
        if slot.is_instalment:
            due_principal, due_interest = principal[slot.index], interest[slot.index]
        else:
            due_principal, due_interest = slot.principal, slot.interest
        repaid += due_principal
        total = due_principal + due_interest + slot.fees + slot.penalties
        paid = early = late = 0
        for day, amount in slot.payments:
            paid += amount
            if day < slot.due:
                early += amount
            elif day > slot.due:
                late += amount
        rows.append(
            Row(
                number,
                slot.kind,
                date.fromordinal(slot.from_day),
                date.fromordinal(slot.due),
                slot.due - slot.from_day,
                due_principal,
                due_interest,
                slot.fees,
                slot.penalties,
                total,
                drawn - repaid,
                paid,
                early,
                late,
                total - paid,
                None if slot.settled is None or history.is_preview or total > paid else date.fromordinal(slot.settled),
            )
        )
    return rows
