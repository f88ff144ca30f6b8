"""Interest that follows what is really outstanding, day by day, for loans whose interest is recalculated.

Days up to the horizon bear interest on what is really open: overdue principal goes on earning, principal paid early
stops. Later days, and all days if overdue principal bears none, take due rows as paid on their day.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from tiao.lending.schedule.contract import FLOATING, Contract
from tiao.lending.schedule.rounding import rounded
from tiao.lending.schedule.slots import Slot
from tiao.lending.schedule.terms import PayoffInterest, Recalculation
from tiao.values.money import Rounding

FOREVER = 1 << 30


class Accrual:
    """The running account of one loan: *at* is the day up to which interest is summed, *row* the running row.

    *open_principal* is the financed principal not paid, *overdue* its part in rows that are due, *opening* what the
    running row began with, *exact* the running row's interest so far and *carry* the excess of the rows before it.
    """

    __slots__ = (
        "at",
        "carry",
        "contract",
        "exact",
        "horizon",
        "is_interest_on_overdue",
        "is_whole",
        "open_principal",
        "overdue",
        "row",
        "shown",
        "slots",
    )

    def __init__(
        self, contract: Contract, slots: Sequence[Slot], recalculation: Recalculation, *, horizon: int
    ) -> None:
        self.contract = contract
        self.slots = slots
        self.horizon = horizon
        self.is_interest_on_overdue = recalculation.is_interest_on_overdue
        self.is_whole = contract.is_whole_period or recalculation.payoff_interest is PayoffInterest.TO_REST_DATE
        self.at = contract.frm[0]
        self.row = self.shown = self.open_principal = self.overdue = self.exact = self.carry = 0

    def fork(self, *, horizon: int) -> Accrual:
        """Copy the account with copies of its rows, so that a future can be tried."""
        other = copy(self)
        other.horizon = horizon
        other.slots = [slot.clone() for slot in self.slots[: self.contract.active]]
        return other

    def advance(self, day: int) -> None:
        """Sum interest up to *day*, closing the rows that fall due on the way."""
        contract = self.contract
        while self.at < day and self.row < contract.active:
            row = self.row
            due = contract.due[row]
            end = min(day, due)
            is_real = self.is_interest_on_overdue and self.at < self.horizon
            if is_real and end > self.horizon:
                end = self.horizon
            base = self.open_principal if is_real else self.open_principal - self.overdue
            if base:
                pieces = contract.factors.pieces[row]
                if len(pieces) == 1:
                    self.exact += base * pieces[0][2] * (end - self.at)
                else:
                    self.exact += base * contract.factors.part(row, self.at, end)
            self.at = end
            if end == due:
                self._close(row)
        self.at = max(self.at, day)

    def draw(self, day: int, financed: int) -> None:
        """Add a draw made on *day*, up to which interest is summed. Whole periods bear it from their first day."""
        contract = self.contract
        self.open_principal += financed
        if self.row >= contract.active:
            last = self.slots[contract.active - 1]
            last.principal += financed
            self.overdue += financed
        elif self.contract.is_whole_period:
            self.exact += financed * contract.factors.part(self.row, contract.frm[self.row], day)

    def pay(self, slot: Slot, principal: int) -> None:
        """Take *principal*, paid on the day up to which interest is summed, off *slot*."""
        self.open_principal -= principal
        if slot.index < self.row:
            self.overdue -= principal
            return
        row = self.row
        if self.is_whole and self.at > self.contract.frm[row]:
            self.exact += principal * self.contract.factors.part(row, self.at, self.contract.due[row])

    def fit(self) -> None:
        """Make room on rows that are due for what was paid, when both were found under different horizons."""
        closed = self.slots[: self.row]
        for slot in closed:
            if slot.paid_principal > slot.principal:
                self.overdue += slot.paid_principal - slot.principal
                slot.principal = slot.paid_principal
        for slot in reversed(closed):
            cut = min(slot.principal - slot.paid_principal, -self.room)
            if cut > 0:
                slot.principal -= cut
                self.overdue -= cut

    @property
    def room(self) -> int:
        """Principal that can be paid in advance."""
        return self.open_principal - self.overdue

    def show_payable(self) -> None:
        """Set the interest of the rows in advance to what is payable now.

        The running row owes interest to this day, or for the whole period if the terms say so; later rows owe only what
        did not fit the rows before them.
        """
        row = self.row
        contract = self.contract
        for stale in range(row, self.shown):
            self.slots[stale].interest = self.slots[stale].paid_interest
        self.shown = row
        if row >= contract.active:
            return
        exact = self.exact + self.carry
        if self.is_whole and self.at > contract.frm[row]:
            base = self.open_principal if self.is_interest_on_overdue else self.room
            exact += base * contract.factors.part(row, self.at, contract.due[row])
        while exact and row < contract.active:
            slot = self.slots[row]
            slot.interest, exact = self._interest(slot, exact, is_last=row == contract.active - 1)
            row += 1
        self.shown = row

    def _interest(self, slot: Slot, exact: int, *, is_last: bool) -> tuple[int, int]:
        """Round a row's interest, and find the excess for the next row.

        A row whose instalment was used up for principal, in advance, owes no more interest than was paid on it; any
        other owes at most its instalment.
        """
        contract = self.contract
        row = slot.index
        if row < contract.terms.grace.interest_payment_periods and not is_last:
            return slot.paid_interest, exact - slot.paid_interest * contract.factors.denominator
        denominator = contract.factors.denominator
        interest, rest = divmod(exact, denominator)
        rest += rest
        is_half_up = contract.terms.rounding is Rounding.HALF_UP
        if rest > denominator or (rest == denominator and (is_half_up or interest & 1)):
            interest += 1
        interest = max(interest, slot.paid_interest)
        instalment = contract.instalment[row]
        if instalment == FLOATING or is_last or self._absorbs(row):
            return interest, 0
        if slot.paid_principal > max(instalment - interest, 0):
            return slot.paid_interest, (interest - slot.paid_interest) * denominator
        room = max(instalment, slot.paid_interest)
        if interest > room:
            return room, exact - room * denominator
        return interest, 0

    def _absorbs(self, row: int) -> bool:
        """Say whether *row* is the last that is not fully paid."""
        slots, instalment = self.slots, self.contract.instalment
        for later in range(row + 1, self.contract.active):
            if instalment[later] == FLOATING:
                return False
            slot = slots[later]
            if slot.paid_principal + slot.paid_interest < instalment[later]:
                return False
        return True

    def _close(self, row: int) -> None:
        """Fix a row that falls due: its interest, and the principal that its instalment leaves, or all that is left."""
        contract = self.contract
        slot = self.slots[row]
        is_last = row == contract.active - 1
        slot.interest, self.carry = self._interest(slot, self.exact + self.carry, is_last=is_last)
        everything = self.open_principal - self.overdue + slot.paid_principal
        if is_last or self._absorbs(row):
            slot.principal = everything
        else:
            instalment = contract.instalment[row]
            planned = contract.principal[row] if instalment == FLOATING else instalment - slot.interest
            slot.principal = min(max(planned, slot.paid_principal), everything)
        self.overdue += slot.principal - slot.paid_principal
        self.exact = 0
        self.row = row + 1
        if is_last and self.carry:
            self._return_excess()

    def _return_excess(self) -> None:
        """Interest that fits no later row joins the last row still open."""
        contract = self.contract
        for slot in reversed(self.slots[: contract.active]):
            if slot.principal > slot.paid_principal or slot.interest > slot.paid_interest:
                slot.interest += rounded(self.carry, contract.factors.denominator, contract.terms.rounding)
                break
        self.carry = 0
