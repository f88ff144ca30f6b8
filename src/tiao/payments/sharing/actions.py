"""What can be done about sharing payments, inside the caller's transaction at home."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from tiao.ledger import actions as ledger
from tiao.ledger.model import Posting
from tiao.payments.sharing import postings, rules, store
from tiao.payments.sharing.model import KEPT_TIME, NewReturn, NewShare, Pool, Receiver, Return, Share, ShareInFull
from tiao.payments.sharing.refusals import (
    NothingToShare,
    ReceiverUnknown,
    ReturnDiffers,
    ReturnExceedsShare,
    ReturnUnknown,
    ShareNumberUsed,
    ShareUnknown,
)
from tiao.runtime.db import Tx
from tiao.values.ids import derived_id
from tiao.values.moment import Moment
from tiao.values.money import Money


async def name_receiver(tx: Tx, now: Moment, merchant_id: UUID, receiver_id: UUID, *, relation: str) -> None:
    """Let a merchant share with another. Doing it again changes no more than the relation."""
    await store.put_receiver(tx, merchant_id, receiver_id, relation=relation, at=now.at)


async def drop_receiver(tx: Tx, merchant_id: UUID, receiver_id: UUID) -> None:
    """Let a merchant share with another no more; what was shared stays. Doing it again changes nothing."""
    await store.delete_receiver(tx, merchant_id, receiver_id)


async def receivers(tx: Tx, merchant_id: UUID) -> list[Receiver]:
    """Read whom a merchant has named."""
    return await store.read_receivers(tx, merchant_id)


async def keep(tx: Tx, now: Moment, source_id: UUID, merchant_id: UUID, amount: Money, *, cause: str) -> Pool:
    """Keep what a merchant gets of a payment until it is shared; asked before the payment, it is never paid out.

    *cause* makes it happen once; another cause keeps more.
    """
    new = Pool(source_id, merchant_id, amount.currency, 0, 0, 0, now.at, now.at + KEPT_TIME)
    await store.insert_pool(tx, new)
    pool = await _locked(tx, source_id)
    await _post(tx, now, postings.kept_for_sharing(pool, amount.minor, cause, now.today))
    after = replace(pool, amount_minor=pool.amount_minor + amount.minor, kept_minor=pool.kept_minor + amount.minor)
    await store.change_pool(tx, after)
    return after


async def give_up(tx: Tx, now: Moment, source_id: UUID, *, cause: str) -> None:
    """Let go what was kept for a payment that was not made."""
    pool = await _locked(tx, source_id)
    assert pool.given_minor == 0, "nothing of a payment that was not made is shared"
    await _release(tx, now, replace(pool, amount_minor=pool.amount_minor - pool.kept_minor), pool.kept_minor, cause)


async def open_pool(tx: Tx, now: Moment, source_id: UUID, merchant_id: UUID, amount: Money) -> None:
    """Say what may be shared of a payment that nothing was kept of. Doing it again changes nothing."""
    await store.insert_pool(tx, Pool(source_id, merchant_id, amount.currency, amount.minor, 0, 0, now.at, None))


async def pool(tx: Tx, source_id: UUID) -> Pool:
    """Read what may be shared of a payment. Refuses: NothingToShare."""
    return await _locked(tx, source_id)


async def share(tx: Tx, now: Moment, source_id: UUID, new: NewShare, *, is_known: bool = True) -> ShareInFull:
    """Give parts of a payment to others, and let the rest go if that was all. The same share again gives what is there.

    *is_known*: receivers must have been named before.
    Refuses: NothingToShare, NotEnoughToShare, ShareNumberUsed, ReceiverUnknown, ReceiverIsGiver.
    """
    pool = await _locked(tx, source_id)
    digest = rules.digest_of(new, source_id)
    there = await store.read_share_of_number(tx, pool.merchant_id, new.form, new.number)
    if there is not None:
        if there.digest != digest:
            raise ShareNumberUsed
        return ShareInFull(there, await store.read_parts(tx, there.id))
    if is_known:
        named = {each.receiver_id for each in await store.read_receivers(tx, pool.merchant_id)}
        if any(each.receiver_id not in named for each in new.parts):
            raise ReceiverUnknown
    taken = rules.given(pool, new)
    made = Share(
        id=derived_id("share", pool.merchant_id, new.form, new.number),
        source_id=source_id,
        merchant_id=pool.merchant_id,
        form=new.form,
        number=new.number,
        digest=digest,
        is_final=new.is_final,
        released_minor=taken.released_minor,
        made_at=now.at,
    )
    await store.insert_share(tx, made)
    after = pool
    if new.parts:
        await store.insert_parts(tx, made.id, new.parts)
        await _post(tx, now, postings.share_given(pool, made, new.parts, taken, now.today))
        total = taken.from_kept_minor + taken.from_payable_minor
        after = replace(pool, kept_minor=pool.kept_minor - taken.from_kept_minor, given_minor=pool.given_minor + total)
        await store.change_pool(tx, after)
    if taken.released_minor:
        await _release(tx, now, after, taken.released_minor, made.id.hex)
    return ShareInFull(made, await store.read_parts(tx, made.id))


async def share_of_number(tx: Tx, merchant_id: UUID, form: str, number: str) -> ShareInFull:
    """Read a merchant's share by its number. Refuses: ShareUnknown."""
    found = await store.read_share_of_number(tx, merchant_id, form, number)
    if found is None:
        raise ShareUnknown
    return ShareInFull(found, await store.read_parts(tx, found.id))


async def give_back(tx: Tx, now: Moment, merchant_id: UUID, share_id: UUID, new: NewReturn) -> Return:
    """Take a part back from a receiver. The same return again gives what is there.

    Refuses: ShareUnknown, ReturnDiffers, ReturnExceedsShare.
    """
    share = await store.read_share(tx, merchant_id, share_id)
    if share is None:
        raise ShareUnknown
    pool = await _locked(tx, share.source_id)
    there = await store.read_return_of_number(tx, merchant_id, new.form, new.number)
    if there is not None:
        if (there.share_id, there.receiver_id, there.amount_minor) != (share_id, new.receiver_id, new.amount_minor):
            raise ReturnDiffers
        return there
    for part, amount in rules.returned(await store.read_parts(tx, share_id), new):
        await store.add_returned(tx, part, amount)
    return_id = derived_id("share_return", merchant_id, new.form, new.number)
    await store.insert_return(tx, share, new, return_id=return_id, at=now.at)
    await _post(
        tx,
        now,
        postings.share_returned(
            pool, return_id, receiver_id=new.receiver_id, amount_minor=new.amount_minor, effective_on=now.today
        ),
    )
    await store.change_pool(tx, replace(pool, given_minor=pool.given_minor - new.amount_minor))
    return await return_of_number(tx, merchant_id, new.form, new.number)


async def give_back_of_source(tx: Tx, now: Moment, source_id: UUID, new: NewReturn) -> list[Return]:
    """Take an amount back from a receiver, over all shares of a payment, the latest first; none if nothing was shared.

    Each share's piece is numbered after the whole, so that asking again changes nothing.
    Refuses: ReturnDiffers, ReturnExceedsShare.
    """
    made: list[Return] = []
    rest = new.amount_minor
    shares = await store.read_shares_of_source(tx, source_id)
    for share in shares:
        number = f"{new.number}/{share.id.hex}"
        there = await store.read_return_of_number(tx, share.merchant_id, new.form, number)
        parts = [each for each in await store.read_parts(tx, share.id) if each.receiver_id == new.receiver_id]
        had = sum(each.amount_minor - each.returned_minor for each in parts)
        amount = there.amount_minor if there is not None else min(rest, had)
        if amount:
            piece = new._replace(number=number, amount_minor=amount)
            made.append(await give_back(tx, now, share.merchant_id, share.id, piece))
            rest -= amount
    if shares and rest > 0:
        raise ReturnExceedsShare(returnable_minor=new.amount_minor - rest)
    if rest < 0:
        raise ReturnDiffers
    return made


async def share_of_id(tx: Tx, merchant_id: UUID, share_id: UUID) -> Share:
    """Read a merchant's share. Refuses: ShareUnknown."""
    found = await store.read_share(tx, merchant_id, share_id)
    if found is None:
        raise ShareUnknown
    return found


async def return_of_number(tx: Tx, merchant_id: UUID, form: str, number: str) -> Return:
    """Read a merchant's return by its number. Refuses: ReturnUnknown."""
    found = await store.read_return_of_number(tx, merchant_id, form, number)
    if found is None:
        raise ReturnUnknown
    return found


async def refunded(tx: Tx, now: Moment, source_id: UUID, *, left_minor: int) -> None:
    """Let money go that was kept, to pay refunds of what was paid for; where nothing is shared nothing happens.

    *left_minor*: what the merchant has of the payment after all refunds, wherever they were given. So doing it again,
    or for two of them at once, lets nothing go twice.
    """
    pool = await store.lock_pool(tx, source_id)
    if pool is None:
        return
    amount_minor, released_minor = rules.after_refunds(pool, left_minor)
    if amount_minor != pool.amount_minor or released_minor:
        cause = f"refunds leave {left_minor}"
        await _release(tx, now, replace(pool, amount_minor=amount_minor), released_minor, cause)


async def release_due(tx: Tx, now: Moment, *, limit: int) -> int:
    """Let go what was kept for too long, and count the payments."""
    due = await store.lock_due_pools(tx, now.at, limit)
    for pool in due:
        await _release(tx, now, pool, pool.kept_minor, "time")
    return len(due)


async def shares_between(
    tx: Tx, merchant_id: UUID, form: str, *, since: datetime, until: datetime
) -> tuple[list[ShareInFull], list[Return]]:
    """Read what a merchant shared in a while, and what came back."""
    shares = await store.read_shares_between(tx, merchant_id, form, since=since, until=until)
    full = [ShareInFull(each, await store.read_parts(tx, each.id)) for each in shares]
    return full, await store.read_returns_between(tx, merchant_id, form, since=since, until=until)


async def _locked(tx: Tx, source_id: UUID) -> Pool:
    found = await store.lock_pool(tx, source_id)
    if found is None:
        raise NothingToShare
    return found


async def _release(tx: Tx, now: Moment, pool: Pool, amount_minor: int, cause: str) -> None:
    if amount_minor:
        await _post(tx, now, postings.released_from_sharing(pool, amount_minor, cause, now.today))
    await store.change_pool(tx, replace(pool, kept_minor=pool.kept_minor - amount_minor))


async def _post(tx: Tx, now: Moment, posting: Posting) -> None:
    await ledger.post(tx, [posting], booked_on=now.today, recorded_at=now.at)
