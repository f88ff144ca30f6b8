"""Where a payment goes: an order that is data, applied to what is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from tiao.lending.model import AllocatedPart, Component, InstalmentKey, OpenInstalment


class FutureOrder(Enum):
    """Which of the instalments not yet billed a payment meets first."""

    NEXT = "next"
    LAST = "last"


class Direction(Enum):
    """Whether an instalment is settled before the next one, or a component before the next one."""

    BY_INSTALMENT = "by_instalment"
    BY_COMPONENT = "by_component"


class AllocationOrder(Struct, frozen=True):
    """The order written into the contract; billed instalments always come before those not yet billed."""

    components: tuple[Component, ...] = (Component.PENALTY, Component.FEE, Component.INTEREST, Component.PRINCIPAL)
    direction: Direction = Direction.BY_INSTALMENT
    future: FutureOrder = FutureOrder.NEXT


DEFAULT_ORDER = AllocationOrder()


def allocate(
    amount_minor: int, open_items: Sequence[OpenInstalment], order: AllocationOrder = DEFAULT_ORDER
) -> tuple[list[AllocatedPart], int]:
    """Put a payment against open instalments, oldest due first, and say what is left over.

    Shape: one part for each instalment that received something, in the order it was met; items of one due date keep the
    order they came in. The parts and the rest add up to *amount_minor*.
    """
    assert amount_minor >= 0, "a payment is not negative"
    billed = sorted((item for item in open_items if item.is_billed), key=lambda item: item.due_on)
    future = sorted((item for item in open_items if not item.is_billed), key=lambda item: item.due_on)
    if order.future is FutureOrder.LAST:
        future.reverse()
    left = amount_minor
    taken: dict[int, dict[Component, int]] = {}
    items = billed + future
    for index, component in _steps(len(billed), len(items), order):
        if left == 0:
            break
        part = min(left, _open(items[index], component))
        if part:
            taken.setdefault(index, {})[component] = part
            left -= part
    return [_part(items[index], parts) for index, parts in taken.items()], left


def allocate_payoff(
    amount_minor: int, open_items: Sequence[OpenInstalment], order: AllocationOrder = DEFAULT_ORDER
) -> tuple[list[AllocatedPart], int, dict[InstalmentKey, int]]:
    """Put money against what is to be settled early: a term that it settles before its statement owes no fee.

    Shape: the parts, what is left over, and the fee that falls away by instalment, each of which has a part. The fee
    of a term that the money does not settle stays owed.
    Source: policy `prepay.fee`; Civil Code 677: what is repaid early costs the time that it was used.
    """
    fee_free = [item if item.is_billed else replace(item, fee_minor=0) for item in open_items]
    parts, left = allocate(amount_minor, fee_free, order)
    paid = {part.instalment_id: part.principal_minor for part in parts}
    fallen = {
        item.instalment_id: item.fee_minor
        for item in open_items
        if not item.is_billed and item.fee_minor and paid.get(item.instalment_id, 0) == item.principal_minor
    }
    return with_fallen(parts, fallen), left, fallen


def with_fallen(parts: list[AllocatedPart], fallen: Iterable[InstalmentKey]) -> list[AllocatedPart]:
    """Give every instalment of which something fell away a part, if it has none."""
    paid = {part.instalment_id for part in parts}
    return parts + [AllocatedPart(key, 0, 0, 0, 0) for key in fallen if key not in paid]


def _steps(billed: int, count: int, order: AllocationOrder) -> Iterable[tuple[int, Component]]:
    for items in (range(billed), range(billed, count)):
        if order.direction is Direction.BY_INSTALMENT:
            yield from ((index, component) for index in items for component in order.components)
        else:
            yield from ((index, component) for component in order.components for index in items)


def _open(item: OpenInstalment, component: Component) -> int:
    match component:
        case Component.PENALTY:
            return item.penalty_minor
        case Component.FEE:
            return item.fee_minor
        case Component.INTEREST:
            return item.interest_minor
        case Component.PRINCIPAL:
            return item.principal_minor


def _part(item: OpenInstalment, parts: dict[Component, int]) -> AllocatedPart:
    return AllocatedPart(
        item.instalment_id,
        parts.get(Component.PENALTY, 0),
        parts.get(Component.FEE, 0),
        parts.get(Component.INTEREST, 0),
        parts.get(Component.PRINCIPAL, 0),
    )
