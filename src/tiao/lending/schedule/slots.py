"""The rows of one loan while it is replayed: what is due on each, what was paid, and when it was settled."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from enum import StrEnum


class RowKind(StrEnum):
    """What a row is for."""

    DOWN_PAYMENT = "down_payment"
    INSTALMENT = "instalment"
    EXTRA = "extra"


#: An instalment goes before a down payment of the same day.
_RANK = {RowKind.INSTALMENT: 0, RowKind.DOWN_PAYMENT: 1, RowKind.EXTRA: 2}


class Slot:
    """One row. *index* counts the rows of its kind from 0; days are ordinals, amounts minor units.

    *flat_fee* is the row's part of the agreed instalment fee, *flat_cut* what refunds took off it again; the fees due
    already leave the cut out.
    """

    __slots__ = (
        "due",
        "fees",
        "flat_cut",
        "flat_fee",
        "from_day",
        "index",
        "interest",
        "is_instalment",
        "kind",
        "paid_fees",
        "paid_interest",
        "paid_penalties",
        "paid_principal",
        "payments",
        "penalties",
        "principal",
        "settled",
    )

    def __init__(self, kind: RowKind, index: int, from_day: int, due: int) -> None:
        self.kind = kind
        self.is_instalment = kind is RowKind.INSTALMENT
        self.index = index
        self.from_day = from_day
        self.due = due
        self.principal = self.interest = self.fees = self.penalties = 0
        self.paid_principal = self.paid_interest = self.paid_fees = self.paid_penalties = 0
        self.flat_fee = self.flat_cut = 0
        self.settled: int | None = None
        self.payments: list[tuple[int, int]] = []

    def clone(self) -> Slot:
        """Copy what a projection of principal and interest needs."""
        other = Slot(self.kind, self.index, self.from_day, self.due)
        other.principal, other.interest = self.principal, self.interest
        other.paid_principal, other.paid_interest = self.paid_principal, self.paid_interest
        return other

    @property
    def total(self) -> int:
        """All that is due on the row."""
        return self.principal + self.interest + self.fees + self.penalties

    @property
    def paid(self) -> int:
        """All that was paid on the row."""
        return self.paid_principal + self.paid_interest + self.paid_fees + self.paid_penalties

    @property
    def is_owing(self) -> bool:
        """Tell whether any part is open. Principal paid ahead of its row's plan makes up for no fee."""
        return (
            self.principal > self.paid_principal
            or self.interest > self.paid_interest
            or self.fees > self.paid_fees
            or self.penalties > self.paid_penalties
        )

    @property
    def unpaid_flat_fee(self) -> int:
        """What is open of the agreed fee; fees paid count against it first."""
        agreed = self.flat_fee - self.flat_cut
        return agreed - min(agreed, self.paid_fees)


def order_of(slot: Slot) -> tuple[int, int, int]:
    """Sort rows by due day; an instalment before a down payment of that day."""
    return slot.due, _RANK[slot.kind], slot.index


class Rows:
    """The rows of one loan in order, with those at hand that may take money and those that carry charges.

    Payments come by the hundred and each looks for rows that take it, so rows are settled and opened here alone.
    """

    __slots__ = ("_charged", "_open", "all", "charged")

    def __init__(self, instalments: Iterable[Slot]) -> None:
        self.all = list(instalments)
        self.charged: list[Slot] = []
        self._charged: set[Slot] = set()
        self._open: list[Slot] | None = None

    def add(self, slot: Slot) -> None:
        """Put a row in its place."""
        insort(self.all, slot, key=order_of)
        self._open = None

    def charge(self, slot: Slot, day: int) -> None:
        """Remember that a row carries fees or penalties, and open it if they are not paid."""
        if slot not in self._charged:
            self._charged.add(slot)
            insort(self.charged, slot, key=order_of)
        self.reopen(slot)
        self.mark([slot], day)

    def settle(self, slot: Slot, day: int) -> None:
        """Mark a row on which nothing is open; the first day counts."""
        if slot.settled is None:
            slot.settled = day
        self._open = None

    def reopen(self, slot: Slot) -> None:
        """Mark a row on which something is open."""
        if slot.settled is not None:
            slot.settled = None
            self._open = None

    def mark(self, slots: Iterable[Slot], day: int) -> None:
        """Settle those of *slots* that are paid, and open the others."""
        for slot in slots:
            if slot.is_owing:
                self.reopen(slot)
            else:
                self.settle(slot, day)

    def open(self) -> Sequence[Slot]:
        """Give the rows that may take money: those not settled, and those that came to nothing without a payment."""
        if self._open is None:
            self._open = [slot for slot in self.all if slot.settled is None or not slot.payments]
        return self._open
