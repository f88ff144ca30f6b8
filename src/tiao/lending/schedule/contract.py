"""The contract side of a plan: what each row was set to, as if every row were paid on its day.

Draws, rate changes and pauses set it anew from a row on; payments never do, except where the terms say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from tiao.lending.schedule.dates import periods
from tiao.lending.schedule.factors import Factors
from tiao.lending.schedule.rounding import rounded, to_multiple
from tiao.lending.schedule.smoothing import Parts, smoothed
from tiao.lending.schedule.terms import Amortisation, InterestMethod, InterestPeriod, ScheduleModel, Terms
from tiao.values.money import Rounding

#: Fraction bits of the annuity formula, and the bits below which a difference is the formula's own noise.
_BITS = 192
_GUARD_BITS = 128
_KEPT_BITS = 64
_ONE = 1 << _BITS
_BEFORE_ALL = 0
#: Marks a row whose principal is fixed and whose total floats, unlike an equal instalment.
FLOATING = -1


class Contract:
    """Rows set to an instalment (*instalment*) or to a principal (*principal*, where *instalment* is FLOATING)."""

    __slots__ = (
        "_rows",
        "active",
        "draws",
        "due",
        "factors",
        "flat_interest",
        "flat_principal",
        "frm",
        "instalment",
        "is_flat",
        "is_whole_period",
        "pauses",
        "principal",
        "rates",
        "terms",
    )

    def __init__(self, terms: Terms, start_on: date, count: int, later_rates: list[Fraction]) -> None:
        """Lay out *count* rows, of which the first `terms.instalments` are in use until a draw extends the term."""
        self.terms = terms
        self.frm, self.due = periods(terms, start_on, count)
        self.factors = Factors(terms, self.frm, self.due, [terms.annual_rate, *later_rates])
        self.rates: list[tuple[int, Fraction]] = [(_BEFORE_ALL, terms.annual_rate)]
        self.pauses: list[tuple[int, int]] = []
        self.factors.set(self.rates, self.pauses)
        self.active = terms.instalments
        self.draws: list[list[tuple[int, int, int]]] = [[] for _ in range(count)]
        self.instalment = [0] * count
        self.principal = [0] * count
        self.flat_interest = [0] * count
        self.flat_principal = [0] * count
        self._rows: tuple[list[int], list[int]] | None = None
        self.is_flat = terms.interest_method is InterestMethod.FLAT
        self.is_whole_period = (
            terms.interest_period is InterestPeriod.INSTALMENT and not terms.is_partial_period_interest_allowed
        )

    def row_of(self, day: int) -> int:
        """Find the row with from <= day < due; the last one for its own due day."""
        for row in range(self.active):
            if day < self.due[row]:
                return row
        return self.active - 1

    def draw(self, day: int, *, financed: int, base: int) -> int:
        """Add a draw and set the rows anew from its period on; give the first row it touches.

        *financed* is what the instalments pay back, *base* what a flat loan charges interest on.
        """
        row = self.row_of(day)
        if self.terms.is_term_extended_by_draw:
            if day >= self.due[row]:
                row += 1
            self._extend(row, day, financed, base)
            return row
        self.draws[row].append((day, financed, base))
        self.set_from(row)
        return row

    def change_rate(self, day: int, rate: Fraction, opening: int | None = None) -> bool:
        """Apply *rate* from *day* on, unless it is in force; *opening* is the real balance when the row begins."""
        boundary = day - 1
        if rate == self.rates[-1][1]:
            return False
        self.rates.append((boundary, rate))
        self.factors.set(self.rates, self.pauses)
        self.set_from(self.row_of(boundary), opening)
        return True

    def pause(self, from_day: int, to_day: int) -> None:
        """Take the days *from_day* to *to_day* out of the factors; instalments stay."""
        self.pauses.append((from_day - 1, to_day))
        self.factors.set(self.rates, self.pauses)
        self._rows = None
        if self.is_flat:
            self.set_from(0)

    def rows(self) -> tuple[list[int], list[int]]:
        """Give principal and interest of every row in use, each paid on its day."""
        if self.is_flat:
            return self.flat_principal[: self.active], self.flat_interest[: self.active]
        if self._rows is None:
            principal, interest, _, _ = self._run(0, self.active, 0, 0)
            self._rows = principal, interest
        return self._rows

    def interest_to(self, day: int) -> int:
        """Sum the interest of the rows due by *day* and of the running row to that day. Rounds: each row."""
        principal, interest = self.rows()
        total = 0
        balance = 0
        for row in range(self.active):
            if self.due[row] <= day:
                total += interest[row]
                balance += sum(financed for _, financed, _ in self.draws[row]) - principal[row]
                continue
            if self.is_flat:
                exact = self._flat_exact(row, day)
            else:
                exact = balance * self.factors.part(row, self.frm[row], day)
                for drawn_on, financed, _ in self.draws[row]:
                    start = self.frm[row] if self.is_whole_period else drawn_on
                    exact += financed * self.factors.part(row, start, day)
            return total + rounded(exact, self.factors.denominator, self.terms.rounding)
        return total

    def set_from(self, first: int, opening: int | None = None) -> None:
        """Set the instalment anew from row *first* on: opening balance plus its draws, over whole-period factors."""
        self._rows = None
        if self.is_flat:
            self._set_flat(first)
            return
        carry = 0
        balance = opening or 0
        if opening is None and first:
            _, _, balance, carry = self._run(0, first, 0, 0)
        self._set(first, self.active, balance, carry)

    def _set(self, first: int, end: int, balance: int, carry: int) -> None:
        terms = self.terms
        bare = terms.grace.principal_periods if terms.amortisation is not Amortisation.BULLET else end - 1
        start = min(max(first, bare), end - 1)
        for row in range(first, start):
            self.instalment[row], self.principal[row] = FLOATING, 0
        if start > first:
            _, _, balance, carry = self._run(first, start, balance, carry)
        principal = balance + sum([financed for _, financed, _ in self.draws[start]])
        if terms.amortisation is Amortisation.EQUAL_INSTALMENTS:
            self._equalise(start, end, principal, balance, carry)
            return
        each = rounded(principal, end - start, terms.rounding)
        for row in range(start, end):
            self.instalment[row], self.principal[row] = FLOATING, each

    def _equalise(self, start: int, end: int, principal: int, balance: int, carry: int) -> None:
        found = smoothed(
            to_multiple(self.annuity(range(start, end), principal), self.terms),
            self.terms,
            lambda instalment: self._try(start, end, instalment, balance, carry),
        )
        self.instalment[start:end] = [found.instalment] * (end - start)
        if found.is_smoothed:
            self.instalment[end - 1] = found.last
        if start == 0 and end == self.active:
            self._rows = found.parts

    def _try(self, start: int, end: int, instalment: int, balance: int, carry: int) -> Parts:
        """Run the rows at *instalment*: the principal and the interest of each."""
        self.instalment[start:end] = [instalment] * (end - start)
        principal, interest, _, _ = self._run(start, end, balance, carry)
        return principal, interest

    def annuity(self, rows: Sequence[int], principal: int) -> int:
        """Find the equal instalment of *rows* for *principal*: P times the product of (1 + f), divided by c."""
        denominator = self.factors.denominator
        unpaid = self.terms.grace.interest_payment_periods
        planned = self.factors.planned
        product = divisor = 0
        for row in rows:
            growth = denominator if row < unpaid else denominator + planned[row]
            product = (product * growth if product else growth << _BITS) // denominator
            divisor = _ONE + divisor * growth // denominator
        exact = (principal * product << _GUARD_BITS) // divisor
        kept = (exact + (1 << (_GUARD_BITS - _KEPT_BITS - 1))) >> (_GUARD_BITS - _KEPT_BITS)
        return rounded(kept, 1 << _KEPT_BITS, self.terms.rounding)

    def _run(self, first: int, end: int, balance: int, carry: int) -> tuple[list[int], list[int], int, int]:
        """Walk the rows [first, end), each paid on its day: principal, interest, closing balance, interest carried on.

        Interest beyond the instalment is cut there, and its unrounded excess joins the next row's. The loan's last row
        takes what is left.
        """
        denominator, whole = self.factors.denominator, self.factors.whole
        is_half_up = self.terms.rounding is Rounding.HALF_UP
        unpaid = self.terms.grace.interest_payment_periods
        last = self.active - 1
        principals: list[int] = []
        interests: list[int] = []
        for row in range(first, end):
            exact = balance * whole[row] + carry
            if self.draws[row]:
                for day, financed, _ in self.draws[row]:
                    exact += financed * (
                        whole[row] if self.is_whole_period else self.factors.part(row, day, self.due[row])
                    )
                    balance += financed
            if row < unpaid:
                interest, carry = 0, exact
            else:
                interest, rest = divmod(exact, denominator)
                rest += rest
                if rest > denominator or (rest == denominator and (is_half_up or interest & 1)):
                    interest += 1
                carry = 0
            if row == last:
                principal = balance
            else:
                instalment = self.instalment[row]
                if instalment == FLOATING:
                    principal = self.principal[row]
                else:
                    if interest > instalment:
                        interest = instalment
                        carry = exact - interest * denominator
                    principal = instalment - interest
                principal = min(principal, balance)
            balance -= principal
            principals.append(principal)
            interests.append(interest)
        return principals, interests, balance, carry

    def _extend(self, row: int, day: int, financed: int, base: int) -> None:
        """Give a draw the full number of periods from its own: plan it alone and add its rows to those there are."""
        terms = self.terms
        alone = Contract.__new__(Contract)
        for name in ("terms", "frm", "due", "factors", "rates", "pauses", "is_flat", "is_whole_period"):
            setattr(alone, name, getattr(self, name))
        count = len(self.due)
        alone.active = row + terms.instalments
        alone.draws = [[] for _ in range(count)]
        alone.draws[row].append((day, financed, base))
        alone.instalment, alone.principal = [0] * count, [0] * count
        alone.flat_interest, alone.flat_principal = [0] * count, [0] * count
        alone._rows = None  # noqa: SLF001  it is one of ours, made without its constructor
        alone.set_from(row)
        principal, interest = alone.rows()
        self._rows = None
        self.active = max(self.active, alone.active)
        self.draws[row].append((day, financed, base))
        for at in range(row, alone.active):
            if self.is_flat:
                self.flat_principal[at] += principal[at]
                self.flat_interest[at] += interest[at]
            elif alone.instalment[at] == FLOATING:
                self.instalment[at] = FLOATING
                self.principal[at] += principal[at]
            else:
                self.instalment[at] += principal[at] + interest[at]

    def _flat_exact(self, row: int, until: int) -> int:
        exact = 0
        for earlier in range(row + 1):
            for day, financed, base in self.draws[earlier]:
                amount = base if self.terms.schedule_model is ScheduleModel.CUMULATIVE else financed
                start = self.frm[row] if self.is_whole_period or earlier < row else day
                exact += amount * self.factors.part(row, start, until)
        return exact

    def _set_flat(self, first: int) -> None:
        terms, end, denominator = self.terms, self.active, self.factors.denominator
        exact = [self._flat_exact(row, self.due[row]) for row in range(end)]
        carry = 0
        for row in range(end):
            carry += exact[row]
            if row < terms.grace.interest_payment_periods:
                due = 0
            else:
                due, carry = rounded(carry, denominator, terms.rounding), 0
            if row >= first:
                self.flat_interest[row] = due
        is_cumulative = terms.schedule_model is ScheduleModel.CUMULATIVE
        if is_cumulative:
            total = rounded(sum(exact), denominator, terms.rounding)
            self.flat_interest[end - 1] = max(total - sum(self.flat_interest[: end - 1]), 0)
        bare = end - 1 if terms.amortisation is Amortisation.BULLET else terms.grace.principal_periods
        start = min(max(first, bare), end - 1)
        left = sum(financed for drawn in self.draws for _, financed, _ in drawn) - sum(self.flat_principal[:first])
        count = end - start
        is_equal = terms.amortisation is Amortisation.EQUAL_INSTALMENTS and (
            not is_cumulative or terms.instalment_multiple_minor is not None
        )
        instalment = to_multiple(rounded(left + sum(self.flat_interest[start:end]), count, terms.rounding), terms)
        each = rounded(left, count, terms.rounding)
        for row in range(first, end):
            principal = 0 if row < start else max(instalment - self.flat_interest[row], 0) if is_equal else each
            principal = left if row == end - 1 else min(principal, left)
            self.flat_principal[row] = principal
            left -= principal
