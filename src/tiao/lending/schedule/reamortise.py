"""Setting open instalments anew after an early payment, where the terms lower them instead of the last row."""

from __future__ import annotations

from tiao.lending.schedule.accrual import Accrual
from tiao.lending.schedule.contract import FLOATING, Contract


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
