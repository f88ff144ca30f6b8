"""Rows to terms, shares, withdrawals and lines of files, and back. Decides nothing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from tiao.payments.settling.model import FileLine, NewTerms, Owed, People, Share, Shared, Terms, Withdrawal
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.payments.settling")
_FIRST = (-1, UUID(int=0))


class Due(msgspec.Struct, frozen=True):
    """An amount that is due on a day. *Units*: minor units."""

    business_date: date | None
    expected_on: date
    amount_minor: int


async def read_terms(tx: Tx, merchant_id: UUID) -> list[Terms]:
    """Read a merchant's terms, the latest first."""
    return await tx.rows(_QUERIES.terms_of, Terms, merchant=merchant_id)


async def insert_terms(
    tx: Tx, merchant_id: UUID, new: NewTerms, *, from_on: date, people: People, at: datetime
) -> None:
    """Write terms."""
    await tx.execute(
        _QUERIES.insert_terms,
        merchant=merchant_id,
        from_on=from_on,
        schedule=new.schedule.value,
        reserve_rate=new.reserve_rate,
        reserve_days=new.reserve_days,
        proposed_by=people.proposed_by,
        agreed_by=people.agreed_by,
        at=at,
    )


async def read_shares(tx: Tx, merchant_id: UUID) -> list[Share]:
    """Read what platforms get of what a merchant pays, the latest first."""
    return await tx.rows(_QUERIES.shares_of, Share, merchant=merchant_id)


async def insert_share(
    tx: Tx,
    *,
    platform_id: UUID,
    merchant_id: UUID,
    share_rate: Decimal,
    from_on: date,
    people: People,
    at: datetime,
) -> None:
    """Write a share."""
    await tx.execute(
        _QUERIES.insert_share,
        platform=platform_id,
        merchant=merchant_id,
        share_rate=share_rate,
        from_on=from_on,
        proposed_by=people.proposed_by,
        agreed_by=people.agreed_by,
        at=at,
    )


async def read_shared(tx: Tx, platform_id: UUID, day: date) -> list[Shared]:
    """Read what a platform got for a day."""
    return await tx.rows(_QUERIES.shared_with, Shared, platform=platform_id, day=day)


async def lock_settling(tx: Tx) -> None:
    """Keep settlements and withdrawals from crossing."""
    await tx.value(_QUERIES.lock_settling)


async def read_owed(tx: Tx, merchant_id: UUID) -> Owed:
    """Read what a merchant is owed at home."""
    return await tx.one(_QUERIES.owed, Owed, merchant=merchant_id)


async def read_reserves(tx: Tx, merchant_id: UUID) -> list[Due]:
    """Read what is kept back of a merchant."""
    return await tx.rows(_QUERIES.reserves_of, Due, merchant=merchant_id)


async def read_payouts_under_way(tx: Tx, merchant_id: UUID) -> list[Due]:
    """Read a merchant's payouts that are not over."""
    return await tx.rows(_QUERIES.payouts_under_way, Due, merchant=merchant_id)


async def insert_withdrawal(tx: Tx, made: Withdrawal, *, channel: str, agreement: str) -> None:
    """Write a withdrawal and its payout."""
    await tx.execute(
        _QUERIES.insert_withdrawal,
        id=made.id,
        merchant=made.merchant_id,
        currency=made.currency,
        amount=made.amount_minor,
        booked_on=made.booked_on,
        payout=made.payout_id,
        at=made.asked_at,
    )
    await tx.execute(
        _QUERIES.insert_payout,
        id=made.payout_id,
        merchant=made.merchant_id,
        source=made.id,
        channel=channel,
        agreement=agreement,
        currency=made.currency,
        amount=made.amount_minor,
        due_on=made.booked_on,
        at=made.asked_at,
    )


async def read_withdrawals(
    tx: Tx, merchant_id: UUID, *, before_at: datetime, before_id: UUID, limit: int
) -> list[Withdrawal]:
    """Read a merchant's withdrawals, latest first."""
    return await tx.rows(
        _QUERIES.withdrawals_of,
        Withdrawal,
        merchant=merchant_id,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
    )


async def read_withdrawal(tx: Tx, withdrawal_id: UUID) -> Withdrawal | None:
    """Read one withdrawal."""
    return await tx.maybe(_QUERIES.withdrawal, Withdrawal, id=withdrawal_id)


async def insert_adjustment(  # noqa: PLR0913  each is a column
    tx: Tx,
    adjustment_id: UUID,
    merchant_id: UUID,
    *,
    currency: str,
    amount_minor: int,
    reason: str,
    people: People,
    booked_on: date,
    at: datetime,
) -> None:
    """Write an adjustment."""
    await tx.execute(
        _QUERIES.insert_adjustment,
        id=adjustment_id,
        merchant=merchant_id,
        currency=currency,
        amount=amount_minor,
        reason=reason,
        proposed_by=people.proposed_by,
        agreed_by=people.agreed_by,
        booked_on=booked_on,
        at=at,
    )


async def read_file_lines(
    tx: Tx, merchant_id: UUID, day: date, *, after: tuple[int, UUID] | None, limit: int
) -> list[FileLine]:
    """Read what moved a merchant's payable on a day, with where it comes from."""
    bucket, posting_id = after or _FIRST
    return await tx.rows(
        _QUERIES.file_lines,
        FileLine,
        merchant=merchant_id,
        day=day,
        after_bucket=bucket,
        after_id=posting_id,
        limit=limit,
    )
