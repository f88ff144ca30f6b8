"""How money is used up: the rules of one loan against its rows on one day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from operator import attrgetter

from tiao.lending.schedule.accrual import Accrual
from tiao.lending.schedule.contract import FLOATING
from tiao.lending.schedule.rounding import rounded
from tiao.lending.schedule.slots import Rows, Slot
from tiao.lending.schedule.terms import ByDueState, ByInstalment, Component, Direction, DueState, Future, Rule
from tiao.values.money import Rounding

_PENALTIES, _FEES, _INTEREST, _PRINCIPAL = (
    Component.PENALTIES,
    Component.FEES,
    Component.INTEREST,
    Component.PRINCIPAL,
)

_CHARGES = (_PENALTIES, _FEES)

#: What one step of a payment put on a row's principal and interest.
Split = tuple[Slot, int, int]


class Purse:
    """The money of one payment while it is used up: *left*, and what went to each component and row."""

    __slots__ = (
        "accrual",
        "day",
        "fees",
        "interest",
        "is_fee_kept_back",
        "left",
        "penalties",
        "principal",
        "splits",
        "touched",
    )

    def __init__(self, amount: int, day: int, accrual: Accrual | None) -> None:
        self.left = amount
        self.day = day
        self.accrual = accrual
        self.principal = self.interest = self.fees = self.penalties = 0
        self.is_fee_kept_back = False
        self.touched: dict[Slot, None] = {}
        self.splits: list[Split] = []

    def open_in(self, slot: Slot, component: Component) -> int:
        """Tell how much *component* of a row takes today.

        With recalculated interest a row in advance takes the principal that its instalment leaves, and never more than
        is outstanding.
        """
        if component is _PRINCIPAL:
            accrual = self.accrual
            if accrual is None or not slot.is_instalment or slot.index < accrual.row:
                return slot.principal - slot.paid_principal
            return _principal_in_advance(accrual, slot)
        if component is _INTEREST:
            return slot.interest - slot.paid_interest
        if component is _PENALTIES:
            return slot.penalties - slot.paid_penalties
        kept_back = slot.unpaid_flat_fee if self.is_fee_kept_back else 0
        return slot.fees - slot.paid_fees - kept_back

    def is_open(self, slot: Slot) -> bool:
        """Tell whether a row takes anything today and is not settled."""
        return slot.settled is None and (
            self.open_in(slot, _PRINCIPAL) > 0
            or slot.interest > slot.paid_interest
            or slot.penalties > slot.paid_penalties
            or self.open_in(slot, _FEES) > 0
        )

    def takers(self, slots: Iterable[Slot], component: Component) -> Iterator[Slot]:
        """Leave out rows that take nothing of *component*: a quick look, which may keep some that take nothing.

        Nothing that is paid opens another row, so those left out stay shut; the look goes no further than the money.
        """
        if component is _PRINCIPAL:
            if self.accrual is not None:
                return iter(slots)
            return (slot for slot in slots if slot.principal > slot.paid_principal)
        if component is _INTEREST:
            return (slot for slot in slots if slot.interest > slot.paid_interest)
        if component is _PENALTIES:
            return (slot for slot in slots if slot.penalties > slot.paid_penalties)
        return (slot for slot in slots if slot.fees > slot.paid_fees)

    def pay(self, slot: Slot, component: Component, at_most: int) -> None:
        """Use up to *at_most* on one component of a row."""
        amount = min(self.open_in(slot, component), at_most, self.left)
        if amount <= 0:
            return
        if component is _PRINCIPAL:
            self.pay_principal(slot, amount)
            return
        if component is _INTEREST:
            slot.paid_interest += amount
            self.interest += amount
            self.splits.append((slot, 0, amount))
        elif component is _FEES:
            slot.paid_fees += amount
            self.fees += amount
        else:
            slot.paid_penalties += amount
            self.penalties += amount
        self._book(slot, amount)

    def pay_principal(self, slot: Slot, amount: int) -> None:
        """Use *amount* on a row's principal."""
        slot.paid_principal += amount
        self.principal += amount
        self.splits.append((slot, amount, 0))
        if self.accrual is not None and slot.is_instalment:
            self.accrual.pay(slot, amount)
        self._book(slot, amount)

    def _book(self, slot: Slot, amount: int) -> None:
        self.left -= amount
        self.touched[slot] = None
        slot.payments.append((self.day, amount))


def _principal_in_advance(accrual: Accrual, slot: Slot) -> int:
    contract = accrual.contract
    row = slot.index
    instalment = contract.instalment[row]
    if instalment != FLOATING:
        return min(instalment - slot.interest - slot.paid_principal, accrual.room)
    if row == contract.active - 1:
        return accrual.room
    return min(contract.principal[row] - slot.paid_principal, accrual.room)


def allocate(purse: Purse, rows: Rows, terms: ByDueState | ByInstalment, rule_name: str, rounding: Rounding) -> None:
    """Use up *purse* on *rows*; what nothing takes stays in it as overpaid."""
    slots = rows.open()
    if isinstance(terms, ByInstalment):
        _by_instalment(purse, slots, terms)
    else:
        rule = terms.rules.get(rule_name) or terms.rules["default"]
        if terms.direction is Direction.HORIZONTAL:
            _horizontally(purse, slots, rule, rounding)
        else:
            _vertically(purse, rows, rule, rounding)
    _pay_remainder(purse)


def _by_instalment(purse: Purse, slots: Sequence[Slot], terms: ByInstalment) -> None:
    for slot in slots:
        for component in terms.order_due if slot.due <= purse.day else terms.order_in_advance:
            purse.pay(slot, component, purse.left)
        if not purse.left:
            return


def _by_state(slots: Sequence[Slot], day: int) -> dict[DueState, Sequence[Slot]]:
    """Cut the rows, which are in the order of their due days, into those past due, due and in advance."""
    due, later = bisect_left(slots, day, key=_due), bisect_right(slots, day, key=_due)
    return {DueState.PAST_DUE: slots[:due], DueState.DUE: slots[due:later], DueState.IN_ADVANCE: slots[later:]}


_due = attrgetter("due")


def _in_order(slots: Sequence[Slot], future: Future, day: int) -> Sequence[Slot]:
    """Order rows in advance: the next or the last first, or the running one and then the last."""
    if future in (Future.NEXT, Future.SPREAD):
        return slots
    if future is Future.LAST:
        return slots[::-1]
    running = [slot for slot in slots if slot.from_day <= day]
    return [*running, *(slot for slot in reversed(slots) if slot.from_day > day)]


def _horizontally(purse: Purse, slots: Sequence[Slot], rule: Rule, rounding: Rounding) -> None:
    """State by state, row by row, component by component."""
    by_state = _by_state(slots, purse.day)
    for state, components in rule.by_state:
        rows = by_state[state]
        if state is DueState.IN_ADVANCE and rule.future is Future.SPREAD:
            _spread(purse, rows, components, purse.is_open, rounding)
            continue
        if state is DueState.IN_ADVANCE:
            rows = _in_order(rows, rule.future, purse.day)
        for slot in rows:
            for component in components:
                purse.pay(slot, component, purse.left)
                if not purse.left:
                    return


def _vertically(purse: Purse, rows: Rows, rule: Rule, rounding: Rounding) -> None:
    """Entry by entry of the order, each over all rows; charges are looked for where there are any."""
    by_state = _by_state(rows.open(), purse.day)
    charged = _by_state([slot for slot in rows.charged if slot.settled is None or not slot.payments], purse.day)
    for state, component in rule.order:
        slots = (charged if component in _CHARGES else by_state)[state]
        if not slots:
            continue
        if state is DueState.IN_ADVANCE and rule.future is Future.SPREAD:
            _spread(purse, list(purse.takers(slots, component)), [component], _takes(purse, component), rounding)
            continue
        if state is DueState.IN_ADVANCE:
            if component is _INTEREST and purse.accrual is not None:
                slots = _owing(slots, purse.accrual)
            slots = _in_order(slots, rule.future, purse.day)
        for slot in purse.takers(slots, component):
            purse.pay(slot, component, purse.left)
            if not purse.left:
                return


def _owing(slots: Sequence[Slot], accrual: Accrual) -> Sequence[Slot]:
    """Leave out the later rows, which owe no interest yet."""
    return list(takewhile(lambda slot: not slot.is_instalment or slot.index < accrual.shown, slots))


def _takes(purse: Purse, component: Component) -> Callable[[Slot], bool]:
    return lambda slot: slot.settled is None and purse.open_in(slot, component) > 0


def _spread(
    purse: Purse,
    rows: Sequence[Slot],
    components: Sequence[Component],
    is_open: Callable[[Slot], bool],
    rounding: Rounding,
) -> None:
    """Give every open row the same, again until the money or the rows are used up.

    Rounds: the share as the terms say; the last row gets the rest, and all goes to the first when a share is nothing.
    Every pass must use up money, else it ends.
    """
    while purse.left:
        before = purse.left
        opened = [slot for slot in rows if is_open(slot)]
        if not opened:
            return
        for component in components:
            amount = purse.left
            share = rounded(amount, len(opened), rounding)
            if not share:
                purse.pay(opened[0], component, amount)
                continue
            for slot in opened[:-1]:
                purse.pay(slot, component, share)
            purse.pay(opened[-1], component, max(amount - share * (len(opened) - 1), 0))
        if purse.left == before:
            return


def _pay_remainder(purse: Purse) -> None:
    """Principal that no instalment had room for is taken by the last row, which absorbs what the plan is short of."""
    accrual = purse.accrual
    if accrual is None or not purse.left or accrual.row >= accrual.contract.active:
        return
    amount = min(accrual.room, purse.left)
    if amount > 0:
        purse.pay_principal(accrual.slots[accrual.contract.active - 1], amount)
