"""What becomes of agreed interest when principal goes early: pure, the same for rows and for folded lives.

A plan's interest is set once, by the engine, row by row. Afterwards it only falls, always from the agreed figure:

- *Ordinary money* pays what is due and the running term as agreed. Beyond that it repays principal, which from the
  next term on bears no interest.
- *A payoff* owes the running term's interest for its days so far, and that of later terms not at all.
- *A refund* counts as if what is refunded had never been lent: unpaid interest on it falls, paid interest is kept.

Overdue principal bears a penalty and no interest, so both never run on one day. Source: policy `prepay.interest`,
`penalty.total_ceiling`; Civil Code 677; docs/decisions on interest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tiao.lending.model import AllocatedPart, InstalmentKey


class Bearing(NamedTuple):
    """An instalment as its interest sees it. *from_on* is None where it bears none.

    *agreed_minor* ran on *on_minor* from *from_on* to *to_on*; *principal_minor* leaves out what was refunded.
    """

    key: InstalmentKey
    from_on: date | None
    to_on: date
    on_minor: int
    agreed_minor: int
    cancelled_minor: int
    paid_minor: int
    open_minor: int
    principal_minor: int
    principal_open_minor: int


def payable_minor(part: Bearing, day: date, *, is_payoff: bool) -> int:
    """Say how much of an instalment's interest money of *day* has to pay. Rounds: a share of its days down."""
    assert part.from_on is not None, "it bears interest"
    if part.to_on <= day:
        return part.open_minor
    if part.from_on >= day:
        return 0
    if not is_payoff:
        return part.open_minor
    return min(part.open_minor, max(0, _to_the_day(part, day) - part.paid_minor))


def falls_with(
    parts: Iterable[Bearing], shares: Sequence[AllocatedPart], day: date, *, is_payoff: bool
) -> dict[InstalmentKey, int]:
    """Find what interest falls away with a payment: of terms not begun, and of the running one that it pays off.

    Shape: *parts* are open instalments as before the payment, of all its loans; *shares* what it put where.
    """
    paid = {share.instalment_id: share for share in shares}
    touched = {share.instalment_id.loan_id for share in shares if share.principal_minor}
    loans: dict[UUID, list[Bearing]] = defaultdict(list)
    for part in parts:
        if part.key.loan_id in touched:
            loans[part.key.loan_id].append(_after(part, paid.get(part.key)))
    return {key: fall for loan in loans.values() for key, fall in _falls(loan, day, is_payoff=is_payoff)}


def kept_after_refund_minor(agreed_minor: int, on_minor: int, balance_minor: int) -> int:
    """Give what is left of agreed interest when it runs on less. Rounds: down, from the agreed figure."""
    return agreed_minor * balance_minor // on_minor


def _falls(loan: list[Bearing], day: date, *, is_payoff: bool) -> list[tuple[InstalmentKey, int]]:
    found = []
    owed = 0
    for part in sorted(loan, key=lambda each: each.key.number, reverse=True):
        owed += part.principal_open_minor
        if part.from_on is None or part.to_on <= day:
            continue
        if part.from_on >= day:
            kept = kept_after_refund_minor(part.agreed_minor, part.on_minor, owed)
        elif is_payoff and owed == 0:
            kept = _to_the_day(part, day)
        else:
            continue
        fall = part.open_minor - max(0, kept - part.paid_minor)
        if fall > 0:
            found.append((part.key, fall))
    return found


def _to_the_day(part: Bearing, day: date) -> int:
    assert part.from_on is not None, "it bears interest"
    return (part.agreed_minor - part.cancelled_minor) * (day - part.from_on).days // (part.to_on - part.from_on).days


def _after(part: Bearing, share: AllocatedPart | None) -> Bearing:
    if share is None:
        return part
    return part._replace(
        paid_minor=part.paid_minor + share.interest_minor,
        open_minor=part.open_minor - share.interest_minor,
        principal_open_minor=part.principal_open_minor - share.principal_minor,
    )
