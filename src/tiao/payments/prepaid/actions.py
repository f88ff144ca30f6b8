"""What can be done about money that was paid before a service, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tiao.partners import actions as partners
from tiao.partners.model import MerchantStatus
from tiao.partners.scenes.model import Scene
from tiao.payments.prepaid import store
from tiao.payments.prepaid.model import Failure, Hold, Kept, Step
from tiao.payments.prepaid.refusals import MerchantHasNotFailed
from tiao.payments.settling.model import People
from tiao.runtime.db import Tx
from tiao.values.moment import Moment

#: Before every row, in the order of the newest first.
LATEST = (date(9999, 1, 1), UUID(int=2**128 - 1))


async def keep_and_release(tx: Tx, now: Moment, first: int, last: int, day: date, scenes: Sequence[Scene]) -> int:
    """Keep what was captured on a day, draw what was refunded, release what is due; a step of the close."""
    return await store.keep_and_release(tx, first, last, day, scenes, recorded_at=now.at)


async def holds_of(tx: Tx, merchant_id: UUID, *, before: tuple[date, UUID] = LATEST, limit: int) -> list[Hold]:
    """Read what this server keeps of a merchant's captures, the latest first."""
    return await store.read_holds(tx, merchant_id, before_on=before[0], before_id=before[1], limit=limit)


async def purchases_kept_of(tx: Tx, merchant_id: UUID, *, before: tuple[date, UUID] = LATEST, limit: int) -> list[Kept]:
    """Read the purchases of which something was ever kept on this server, used up or not, the latest captures first."""
    return await store.read_purchases(tx, merchant_id, before_on=before[0], before_id=before[1], limit=limit)


async def steps_to_come(tx: Tx, merchant_id: UUID) -> list[Step]:
    """Read what this server is to release to a merchant, by day."""
    return await store.read_steps(tx, merchant_id)


async def fail(tx: Tx, now: Moment, merchant_id: UUID, people: People) -> None:
    """Write down that a merchant gives its service no more: it sells nothing and is paid nothing.

    Refuses: MerchantUnknown, MerchantTerminated.
    """
    if (await partners.merchant(tx, merchant_id)).status is not MerchantStatus.SUSPENDED:
        await partners.suspend_merchant(tx, merchant_id)
    await store.insert_failure(tx, Failure(merchant_id, now.today, people.proposed_by, people.agreed_by))


async def recover(tx: Tx, merchant_id: UUID) -> None:
    """Write down that a merchant gives its service again. One that never failed stays as it is."""
    await store.delete_failure(tx, merchant_id)


async def require_failed(tx: Tx, merchant_id: UUID) -> None:
    """Demand that two people have said so. Refuses: MerchantHasNotFailed."""
    if not await store.read_has_failed(tx, merchant_id):
        raise MerchantHasNotFailed


async def failures_mark(tx: Tx) -> str:
    """Tell one state of who has failed from another."""
    return await store.read_failures_mark(tx)


async def failures(tx: Tx) -> list[Failure]:
    """Give who has failed, for another server."""
    return await store.read_failures(tx)


async def follow_failures(tx: Tx, failed: Sequence[Failure]) -> None:
    """Take over who has failed, as it is said at home."""
    await store.replace_failures(tx, failed)
