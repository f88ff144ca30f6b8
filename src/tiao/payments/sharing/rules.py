"""What sharing decides: pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.payments.sharing.model import NewReturn, NewShare, Part, Pool, StoredPart
from tiao.payments.sharing.refusals import NotEnoughToShare, ReceiverIsGiver, ReturnExceedsShare


class Given(NamedTuple):
    """What a share takes from where, and what it then lets go. *Units*: minor units."""

    from_kept_minor: int
    from_payable_minor: int
    released_minor: int


def digest_of(new: NewShare, source_id: UUID) -> bytes:
    """Say what makes a share the share it is."""
    said = (
        source_id.hex,
        new.is_final,
        [(each.receiver_id.hex, each.amount_minor, each.description) for each in new.parts],
    )
    return hashlib.sha256(msgspec.json.encode(said)).digest()


def given(pool: Pool, new: NewShare) -> Given:
    """Take a share out of a pool: of what is kept where something is, else of what the merchant is owed.

    Rounds:  nothing; every part is in minor units.
    Refuses: NotEnoughToShare, ReceiverIsGiver.
    """
    if any(each.receiver_id == pool.merchant_id for each in new.parts):
        raise ReceiverIsGiver
    assert all(each.amount_minor > 0 for each in new.parts), "a part is something"
    total = sum(each.amount_minor for each in new.parts)
    if total > pool.available_minor:
        raise NotEnoughToShare(available_minor=pool.available_minor)
    from_kept = min(total, pool.kept_minor)
    released = pool.kept_minor - from_kept if new.is_final else 0
    return Given(from_kept, total - from_kept, released)


def returned(parts: Sequence[StoredPart], new: NewReturn) -> list[tuple[StoredPart, int]]:
    """Say of which parts a return is taken, the last one first. Refuses: ReturnExceedsShare."""
    assert new.amount_minor > 0, "a return is something"
    rest = new.amount_minor
    taken: list[tuple[StoredPart, int]] = []
    for part in reversed([each for each in parts if each.receiver_id == new.receiver_id]):
        amount = min(rest, part.amount_minor - part.returned_minor)
        if amount:
            taken.append((part, amount))
            rest -= amount
    if rest:
        raise ReturnExceedsShare(returnable_minor=new.amount_minor - rest)
    return taken


def after_refunds(pool: Pool, left_minor: int) -> tuple[int, int]:
    """Say what may be shared once all refunds leave so much of a payment, and how much of what is kept pays for them.

    What receivers have stays shared: the merchant takes it back from them, or bears it. Said again it changes nothing.
    """
    amount_minor = max(pool.given_minor, min(pool.amount_minor, left_minor))
    return amount_minor, max(0, pool.kept_minor - (amount_minor - pool.given_minor))


def merged(parts: Sequence[Part]) -> dict[UUID, int]:
    """Add up what each receiver gets."""
    sums: dict[UUID, int] = {}
    for each in parts:
        sums[each.receiver_id] = sums.get(each.receiver_id, 0) + each.amount_minor
    return sums
