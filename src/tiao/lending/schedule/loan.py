"""One loan while its history is replayed: the contract, the rows, and, with recalculation, the running account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from tiao.lending.schedule.accrual import FOREVER, Accrual
from tiao.lending.schedule.allocation import Purse, Split, allocate
from tiao.lending.schedule.contract import FLOATING, Contract
from tiao.lending.schedule.reamortise import change_rate, reduce_instalments
from tiao.lending.schedule.rounding import rounded
from tiao.lending.schedule.slots import RowKind, Rows, Slot
from tiao.lending.schedule.terms import AfterEarlyPayment, InterestMethod, PayoffInterest, Rest, Terms
from tiao.lending.schedule.transactions import REFUNDS, Charge, ChargeKind


class Loan:
    """The state that a history is folded into; every step is one day's event, in the order of replay."""

    __slots__ = (
        "_slack",
        "accrual",
        "contract",
        "drawn",
        "extra",
        "instalments",
        "is_paid",
        "rows",
        "terms",
        "total_principal_paid",
    )

    def __init__(self, terms: Terms, start_on: date, count: int, later_rates: list[Fraction], horizon: int) -> None:
        """*count* rows may come into use, *later_rates* are all the rates to come, real days end at *horizon*."""
        self.terms = terms
        contract = Contract(terms, start_on, count, later_rates)
        self.contract = contract
        self.instalments = [Slot(RowKind.INSTALMENT, row, contract.frm[row], contract.due[row]) for row in range(count)]
        self.rows = Rows(self.instalments[: contract.active])
        self.accrual: Accrual | None = None
        has_rate = terms.annual_rate or any(later_rates)
        if terms.recalculation and has_rate and terms.interest_method is InterestMethod.DECLINING_BALANCE:
            self.accrual = Accrual(contract, self.instalments, terms.recalculation, horizon=horizon)
        self.drawn = self.total_principal_paid = 0
        self.extra: Slot | None = None
        self._slack = 0
        self.is_paid = False

    @property
    def balance(self) -> int:
        """Principal drawn and not paid."""
        return self.drawn - self.total_principal_paid

    def draw(self, day: int, amount: int) -> Slot | None:
        """Pay out *amount*; give the row of its down payment, if the terms want one.

        Rounds: the down payment, then to the agreed multiple; each draw's flat fee, leftover on its last row.
        """
        terms = self.terms
        self.drawn += amount
        down: Slot | None = None
        financed = amount
        if terms.down_payment is not None:
            share = terms.down_payment.share
            part = rounded(amount * share.numerator, share.denominator, terms.rounding)
            if terms.instalment_multiple_minor is not None:
                multiple = terms.instalment_multiple_minor
                part = min(rounded(part, multiple, terms.rounding) * multiple, amount)
            down = Slot(RowKind.DOWN_PAYMENT, sum(not slot.is_instalment for slot in self.rows.all), day, day)
            down.principal = part
            financed -= part
            self.rows.add(down)
        if self.accrual is not None:
            self.accrual.advance(day)
            if terms.is_term_extended_by_draw and self.is_paid:
                self._set_as_projected(day)
        was_active = self.contract.active
        first = self.contract.draw(day, financed=financed, base=amount)
        for slot in self.instalments[was_active : self.contract.active]:
            self.rows.add(slot)
        if terms.instalment_fee_share is not None:
            self._charge_flat_fee(first, day, financed, terms.instalment_fee_share)
        if self.accrual is not None:
            self.accrual.draw(day, financed)
        self.replan(day)
        return down

    def _set_as_projected(self, day: int) -> None:
        """Set the rows to what they come to after early payments, so that the rows of a draw are added to that."""
        accrual, contract = self.accrual, self.contract
        assert accrual is not None, "only recalculated loans are projected"
        principal, interest = self.project(day)
        for row in range(accrual.row, contract.active):
            if contract.instalment[row] != FLOATING:
                contract.instalment[row] = principal[row] + interest[row]

    def _charge_flat_fee(self, first: int, day: int, financed: int, share: Fraction) -> None:
        end = self.contract.active
        if self.terms.is_term_extended_by_draw:
            end = first + self.terms.instalments
        left = rounded(financed * share.numerator, share.denominator, self.terms.rounding)
        each = rounded(left, end - first, self.terms.rounding)
        for row in range(first, end):
            fee = left if row == end - 1 else min(each, left)
            slot = self.instalments[row]
            slot.flat_fee += fee
            slot.fees += fee
            self.rows.charge(slot, day)
            left -= fee

    def change_rate(self, day: int, rate: Fraction) -> None:
        """Apply another yearly rate from *day* on."""
        accrual = self.accrual
        if accrual is not None and self.drawn:
            accrual.advance(day - 1)
            change_rate(self.contract, accrual, day, rate)
        else:
            self.contract.change_rate(day, rate)
        if not self._is_closed():
            self.replan(day)

    def pause(self, from_day: int, to_day: int) -> None:
        """Stop interest for some days."""
        self.contract.pause(from_day, to_day)
        if not self._is_closed():
            self.replan(from_day)

    def _is_closed(self) -> bool:
        """Tell whether all that was drawn is paid and nothing stands open: no later change of terms opens it again."""
        return bool(self.drawn) and self.balance == 0 and all(slot.paid == slot.total for slot in self.rows.all)

    def replan(self, day: int) -> None:
        """Bring the rows in line with a changed contract; without recalculation what was paid stays on its row."""
        if self.accrual is None:
            principal, interest = self.contract.rows()
            rows = self.instalments
            for row in range(len(principal)):
                slot = rows[row]
                slot.principal, slot.interest = principal[row], max(interest[row], slot.paid_interest)
            if self.total_principal_paid:
                self._keep_paid()
            self.rows.mark(self.rows.all, day)
        else:
            self._mark_all(day)

    def _keep_paid(self) -> None:
        surplus = 0
        for slot in self.instalments[: self.contract.active]:
            if slot.paid_principal > slot.principal:
                surplus += slot.paid_principal - slot.principal
                slot.principal = slot.paid_principal
        for slot in reversed(self.instalments[: self.contract.active]):
            cut = min(surplus, slot.principal - slot.paid_principal)
            slot.principal -= cut
            surplus -= cut

    def charge(self, charge: Charge, day: int) -> None:
        """Add a fee or penalty to the instalment it is due in, or to the one extra row after the last."""
        due = charge.due_on.toordinal()
        last = self.contract.due[-1]
        if due > last:
            if self.extra is None:
                self.extra = Slot(RowKind.EXTRA, 0, last, due)
                self.rows.add(self.extra)
            self.extra.due = max(self.extra.due, due)
            slot = self.extra
        else:
            slot = next(slot for slot in self.instalments if due <= slot.due)
        if charge.kind is ChargeKind.FEE:
            slot.fees += charge.amount_minor
        else:
            slot.penalties += charge.amount_minor
        self.rows.charge(slot, day)

    def meet(self, day: int) -> None:
        """Bring interest up to *day* and show what is payable in advance."""
        if self.accrual is not None:
            self.accrual.advance(day)
            self.accrual.show_payable()

    def payoff_amount(self, day: int) -> int:
        """Sum what must be paid on *day* so that nothing is open."""
        self.meet(day)
        parts = sum(
            slot.interest + slot.fees + slot.penalties - slot.paid_interest - slot.paid_fees - slot.paid_penalties
            for slot in self.rows.all
        )
        return self.balance + parts

    def interest_to(self, day: int) -> int:
        """Sum the interest payable on *day*, paid or not. Rounds: each row."""
        if self.accrual is None:
            return self.contract.interest_to(day)
        self.meet(day)
        return sum(slot.interest for slot in self.instalments[: self.contract.active])

    def pay(self, amount: int, day: int, kind: str) -> Purse:
        """Use up a payment of *kind*; where there is a flat fee, a refund takes principal and the open fee falls."""
        self.meet(day)
        purse = Purse(amount, day, self.accrual)
        terms = self.terms
        room = self.accrual.room if self.accrual is not None else 0
        if terms.instalment_fee_share is not None and kind in REFUNDS:
            purse.is_fee_kept_back = True
            allocate(purse, self.rows, terms.allocation, kind, terms.rounding)
            purse.is_fee_kept_back = False
            self._lower_flat_fee(purse.touched)
        if purse.left:
            allocate(purse, self.rows, terms.allocation, kind, terms.rounding)
        self.total_principal_paid += purse.principal
        self.is_paid = self.is_paid or bool(purse.splits)
        early = room - self.accrual.room if self.accrual is not None else 0
        if early:
            self._reduce()
        self._settle(purse.touched, day, early)
        return purse

    def repeat(self, splits: Iterable[Split], day: int) -> None:
        """Book again what a payment put on the instalments, whatever would be payable now."""
        accrual = self.accrual
        assert accrual is not None, "only recalculated loans are looked at twice"
        accrual.advance(day)
        self.is_paid = True
        room = accrual.room
        for slot, principal, interest in splits:
            if slot.is_instalment:
                mine = self.instalments[slot.index]
                mine.paid_interest += interest
                mine.paid_principal += principal
                if principal:
                    accrual.pay(mine, principal)
                mine.interest = max(mine.interest, mine.paid_interest)
        if room > accrual.room:
            self._reduce()
        accrual.fit()

    def _reduce(self) -> None:
        """Lower the later instalments after principal was paid early, if that is agreed."""
        terms = self.terms.recalculation
        if terms is not None and terms.after_early_payment is AfterEarlyPayment.REDUCE_INSTALMENT:
            assert self.accrual is not None, "only recalculated loans are reduced"
            reduce_instalments(self.contract, self.accrual)
            self._slack = 0

    def _lower_flat_fee(self, touched: Iterable[Slot]) -> None:
        """Keep of each touched instalment's fee what its remaining principal bears. Rounds: down; paid fees stay."""
        planned = self.contract.rows()[0]
        for slot in touched:
            if not slot.is_instalment or not slot.flat_fee:
                continue
            original = planned[slot.index] if self.accrual is not None else slot.principal
            if not original:
                continue
            kept = slot.flat_fee * max(original - slot.paid_principal, 0) // original
            paid = min(slot.paid_fees, slot.flat_fee)
            cut = max(slot.flat_cut, slot.flat_fee - max(kept, paid))
            slot.fees -= cut - slot.flat_cut
            slot.flat_cut = cut

    def _settle(self, touched: Iterable[Slot], day: int, early: int) -> None:
        accrual = self.accrual
        if accrual is None:
            self.rows.mark(touched, day)
            return
        self._slack -= early
        if early and (self._slack <= 0 or not accrual.room):
            self._mark_all(day)
            return
        for slot in touched:
            if not slot.is_instalment or slot.index < accrual.row:
                self.rows.mark([slot], day)
                continue
            instalment = self.contract.instalment[slot.index]
            if (
                instalment != FLOATING
                and slot.paid_principal + slot.paid_interest >= instalment
                and slot.fees == slot.paid_fees
                and slot.penalties == slot.paid_penalties
            ):
                self.rows.reopen(slot)
                self.rows.settle(slot, day)

    def _mark_all(self, day: int) -> None:
        """Look ahead from *day* and mark every row that nothing is open on, however the days pass."""
        accrual = self.accrual
        assert accrual is not None, "only recalculated loans look ahead"
        principal, interest = self.project(day)
        open_last = 0
        for row in range(len(principal)):
            slot = self.instalments[row]
            unpaid = principal[row] - slot.paid_principal
            if unpaid:
                open_last = unpaid
            if unpaid + interest[row] - slot.paid_interest > 0 or (
                slot.fees + slot.penalties > slot.paid_fees + slot.paid_penalties
            ):
                self.rows.reopen(slot)
            else:
                self.rows.settle(slot, day)
        # Each cent paid early takes at most itself and the interest it saves off the last open row, and each row may
        # round by one; while less than that was paid early, no other row can have become nil.
        growth = self.contract.factors.denominator
        saved = growth + sum(self.contract.factors.whole[accrual.row :])
        saved = saved * saved // growth
        self._slack = (open_last - len(principal)) * growth // max(saved, 1)
        for slot in self.rows.all:
            if not slot.is_instalment:
                self.rows.mark([slot], day)

    def _rest_date(self, day: int) -> int:
        """Find the day up to which what is overdue on *day* surely bears interest: the next due day if so agreed."""
        rest = self.terms.recalculation
        if rest is None or rest.rest is Rest.DAILY or rest.payoff_interest is PayoffInterest.TO_PAYOFF_DATE:
            return day
        return next((due for due in self.contract.due[: self.contract.active] if due >= day), day)

    def project(self, as_of: int) -> tuple[list[int], list[int]]:
        """Give principal and interest of every instalment as they stand on *as_of*."""
        if self.accrual is None:
            rows = self.instalments
            return [slot.principal for slot in rows], [slot.interest for slot in rows]
        if not self.is_paid and not self.accrual.row and as_of <= self.contract.due[0]:
            return self.contract.rows()
        ahead = self.accrual.fork(horizon=self._rest_date(as_of))
        ahead.advance(FOREVER)
        return [slot.principal for slot in ahead.slots], [slot.interest for slot in ahead.slots]
