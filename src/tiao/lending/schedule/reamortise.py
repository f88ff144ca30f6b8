"""Setting the instalments of a running loan anew: after a change of rate, or after an early payment if so agreed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tiao.lending.schedule.accrual import Accrual
from tiao.lending.schedule.contract import FLOATING, Contract
from tiao.lending.schedule.rounding import rounded, to_multiple
from tiao.lending.schedule.smoothing import Parts, smoothed


def change_rate(contract: Contract, accrual: Accrual, day: int, rate: Fraction) -> None:
    """Apply *rate* from *day* on, up to the day before which interest is summed.

    Rows that are paid in full, or beyond the new instalment, stay as they are; the others share what is left, the
    running row with the interest that it really bears.
    Source: Apache Fineract, EMICalculation-Part2.feature, C3297 to C3299 and C3311.
    """
    before = list(contract.instalment)
    first = accrual.row
    drawn = sum(financed for _, financed, _ in contract.draws[first]) if first < contract.active else 0
    paid = sum(slot.paid_principal for slot in accrual.slots[first : contract.active])
    if not contract.change_rate(day, rate, accrual.room + paid - drawn) or first >= contract.active:
        return
    rows = [row for row in range(first, contract.active) if contract.instalment[row] != FLOATING]
    settled = [row for row in rows if _paid(accrual, row) >= before[row]]
    while len(settled) < len(rows):
        left = [row for row in rows if row not in settled]
        each, last = _share(contract, accrual, left, {row: before[row] for row in settled})
        beyond = [row for row in left[:-1] if _paid(accrual, row) > each]
        if not beyond:
            for row in left:
                contract.instalment[row] = each
            contract.instalment[left[-1]] = last
            break
        settled += beyond
    for row in settled:
        contract.instalment[row] = before[row]


def _paid(accrual: Accrual, row: int) -> int:
    slot = accrual.slots[row]
    return slot.paid_principal + slot.paid_interest


def _share(contract: Contract, accrual: Accrual, rows: Sequence[int], settled: dict[int, int]) -> tuple[int, int]:
    """Find the instalment of *rows* beside those that are *settled*, and the total of the last of them."""
    slots = accrual.slots
    unpaid = {
        row: max(instalment - slots[row].paid_interest - slots[row].paid_principal, 0)
        for row, instalment in settled.items()
    }
    paid = sum(slots[row].paid_principal for row in rows)
    principal = accrual.room - sum(unpaid.values()) + paid
    after = sum(amount for row, amount in unpaid.items() if row > rows[-1])
    denominator, whole = contract.factors.denominator, contract.factors.whole
    running = accrual.row

    def attempt(instalment: int) -> Parts:
        """Walk from the running row to the last of *rows*, each paid on its day, on what is really open."""
        principals: list[int] = []
        interests: list[int] = []
        base = accrual.room
        exact = accrual.exact + accrual.carry + base * contract.factors.part(running, accrual.at, contract.due[running])
        for row in range(running, rows[-1] + 1):
            if row > running:
                exact += base * whole[row]
            if row in settled:
                exact -= slots[row].paid_interest * denominator
                base -= unpaid[row]
                continue
            interest = min(rounded(exact, denominator, contract.terms.rounding), instalment)
            exact = max(exact - interest * denominator, 0) if interest == instalment else 0
            open_here = (
                base - after if row == rows[-1] else min(instalment - interest - slots[row].paid_principal, base)
            )
            base -= open_here
            principals.append(open_here + slots[row].paid_principal)
            interests.append(interest)
        return principals, interests

    found = smoothed(to_multiple(contract.annuity(rows, principal), contract.terms), contract.terms, attempt)
    return found.instalment, found.last if found.is_smoothed else found.instalment


def reduce_instalments(contract: Contract, accrual: Accrual) -> None:
    """Spread what is open after the running row equally over the later rows that are not fully paid.

    Each of them keeps what was paid on it in advance and owes the new instalment beside it; the plan's last row still
    takes what is left. Rounds: the instalment, then to its multiple.
    """
    first = accrual.row
    if accrual.at > contract.frm[min(first, contract.active - 1)]:
        first += 1
    rows = []
    for row in range(first, contract.active):
        slot = accrual.slots[row]
        instalment = contract.instalment[row]
        if instalment == FLOATING or slot.paid_principal + slot.paid_interest < instalment:
            rows.append(row)
    if not rows:
        return
    principal = accrual.room
    if first > accrual.row:
        running = accrual.slots[accrual.row]
        instalment = contract.instalment[accrual.row]
        interest = (
            accrual.exact
            + accrual.carry
            + principal * contract.factors.part(accrual.row, accrual.at, contract.due[accrual.row])
        )
        whole = -(-interest // contract.factors.denominator)
        planned = contract.principal[accrual.row] if instalment == FLOATING else max(instalment - whole, 0)
        principal -= max(min(planned - running.paid_principal, principal), 0)
    if contract.instalment[rows[0]] == FLOATING:
        _reduce_principal(contract, accrual, rows, principal)
        return
    each = contract.annuity(rows, principal)
    for row in rows:
        slot = accrual.slots[row]
        contract.instalment[row] = each + slot.paid_principal + slot.paid_interest


def _reduce_principal(contract: Contract, accrual: Accrual, rows: list[int], principal: int) -> None:
    bearing = [row for row in rows if contract.principal[row] or row == contract.active - 1]
    if not bearing:
        return
    each = principal // len(bearing)
    for row in bearing:
        contract.principal[row] = each + accrual.slots[row].paid_principal
