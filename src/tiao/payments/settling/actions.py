"""What can be done about how merchants are settled, inside the caller's transaction at home."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tiao.ledger import actions as ledger
from tiao.ledger.model import Account
from tiao.partners import actions as partners
from tiao.partners.model import MerchantStatus
from tiao.payments import postings
from tiao.payments.settling import rules, store
from tiao.payments.settling.model import (
    FileLine,
    NewTerms,
    Owed,
    People,
    Receivable,
    ReceivableKind,
    Schedule,
    Share,
    Shared,
    Terms,
    Withdrawal,
)
from tiao.payments.settling.refusals import WithdrawalNotOffered, WithdrawalsClosed, WithdrawalUnknown
from tiao.runtime.db import Tx
from tiao.runtime.programme import read_programme
from tiao.values.ids import derived_id
from tiao.values.moment import Moment
from tiao.values.money import AMOUNT_MAX_MINOR

_DAY = timedelta(days=1)
#: Lines of a file read at once.
LINES_A_SET = 1000


async def agree_terms(tx: Tx, now: Moment, merchant_id: UUID, new: NewTerms, *, from_on: date, people: People) -> None:
    """Agree how a merchant is settled from a day on; what was agreed before from that day gives way.

    Refuses: MerchantUnknown, SettlementTermsInvalid.
    """
    assert people.proposed_by != people.agreed_by, "two people"
    await partners.merchant(tx, merchant_id)
    rules.check_terms(new, from_on=from_on, today=now.today)
    await store.insert_terms(tx, merchant_id, new, from_on=from_on, people=people, at=now.at)


async def terms_of(tx: Tx, merchant_id: UUID) -> list[Terms]:
    """Read what was agreed with a merchant, the latest first."""
    return await store.read_terms(tx, merchant_id)


async def terms_on(tx: Tx, merchant_id: UUID, day: date) -> NewTerms:
    """Tell how a merchant is settled on a day."""
    return rules.terms_on(await store.read_terms(tx, merchant_id), day)


async def agree_share(
    tx: Tx,
    now: Moment,
    *,
    platform_id: UUID,
    merchant_id: UUID,
    share_rate: Decimal,
    from_on: date,
    people: People,
) -> None:
    """Agree what a platform gets of the discount a merchant pays, from a day on.

    Refuses: MerchantUnknown, ShareInvalid.
    """
    assert people.proposed_by != people.agreed_by, "two people"
    for each in (platform_id, merchant_id):
        await partners.merchant(tx, each)
    rules.check_share(
        await store.read_shares(tx, merchant_id),
        platform_id=platform_id,
        merchant_id=merchant_id,
        share_rate=share_rate,
        from_on=from_on,
        today=now.today,
    )
    await store.insert_share(
        tx,
        platform_id=platform_id,
        merchant_id=merchant_id,
        share_rate=share_rate,
        from_on=from_on,
        people=people,
        at=now.at,
    )


async def shares_of(tx: Tx, merchant_id: UUID) -> list[Share]:
    """Read what platforms get of what a merchant pays, the latest first."""
    return await store.read_shares(tx, merchant_id)


async def shared_with(tx: Tx, platform_id: UUID, day: date) -> list[Shared]:
    """Read what a platform got for a day, merchant by merchant."""
    return await store.read_shared(tx, platform_id, day)


async def adjust(
    tx: Tx, now: Moment, adjustment_id: UUID, merchant_id: UUID, *, amount_minor: int, reason: str, people: People
) -> None:
    """Book what people decided: to the merchant when positive, otherwise from it. Refuses: MerchantUnknown."""
    assert people.proposed_by != people.agreed_by, "two people"
    assert 0 < abs(amount_minor) <= AMOUNT_MAX_MINOR, f"cannot adjust by {amount_minor}"
    merchant = await partners.merchant(tx, merchant_id)
    await store.insert_adjustment(
        tx,
        adjustment_id,
        merchant_id,
        currency=merchant.currency,
        amount_minor=amount_minor,
        reason=reason,
        people=people,
        booked_on=now.today,
        at=now.at,
    )
    posting = postings.merchant_adjusted(
        adjustment_id, merchant_id, amount_minor, currency=merchant.currency, effective_on=now.today
    )
    await ledger.post(tx, [posting], booked_on=now.today, recorded_at=now.at)


async def withdraw(
    tx: Tx,
    now: Moment,
    merchant_id: UUID,
    *,
    amount_minor: int | None,
    channel: str,
    key: str,
    elsewhere_minor: int = 0,
) -> Withdrawal:
    """Pay a merchant now, of what its settlements carried on; without an amount all of it. *key* makes it happen once.

    What was refunded or is disputed since the last settlement is not paid out before the next one takes it off: no more
    leaves than the merchant's account stands at, *elsewhere* included, which is that of the other servers.
    Refuses: MerchantUnknown, WithdrawalNotOffered, WithdrawalsClosed, WithdrawalExceedsBalance.
    """
    merchant = await partners.merchant(tx, merchant_id)
    await store.lock_settling(tx)
    withdrawal_id = derived_id("settlement_withdrawal", merchant_id, key)
    known = await store.read_withdrawal(tx, withdrawal_id)
    if known is not None:
        return known
    terms = await terms_on(tx, merchant_id, now.today)
    if terms.schedule is not Schedule.ON_DEMAND or merchant.status is MerchantStatus.SUSPENDED:
        raise WithdrawalNotOffered
    if (await read_programme(tx)).closed_through < now.today - _DAY:
        raise WithdrawalsClosed
    stands_at = -await ledger.owner_balance(tx, Account.MERCHANT_PAYABLE, merchant_id) + elsewhere_minor
    available = min((await store.read_owed(tx, merchant_id)).unpaid_minor, stands_at)
    wanted = available if amount_minor is None else amount_minor
    rules.check_withdrawal(wanted, available_minor=available)
    made = Withdrawal(
        id=withdrawal_id,
        merchant_id=merchant_id,
        currency=merchant.currency,
        amount_minor=wanted,
        booked_on=now.today,
        payout_id=derived_id("withdrawal_payout", withdrawal_id),
        asked_at=now.at,
    )
    await store.insert_withdrawal(tx, made, channel=channel, agreement=merchant.payout_account)
    posting = postings.settlement_withdrawn(
        made.id, merchant_id, wanted, currency=merchant.currency, effective_on=now.today
    )
    await ledger.post(tx, [posting], booked_on=now.today, recorded_at=now.at)
    return made


async def withdrawals_of(
    tx: Tx, merchant_id: UUID, *, before_at: datetime, before_id: UUID, limit: int
) -> list[Withdrawal]:
    """Read a merchant's withdrawals, latest first."""
    return await store.read_withdrawals(tx, merchant_id, before_at=before_at, before_id=before_id, limit=limit)


async def withdrawal(tx: Tx, merchant_id: UUID, withdrawal_id: UUID) -> Withdrawal:
    """Read a merchant's withdrawal. Refuses: WithdrawalUnknown."""
    found = await store.read_withdrawal(tx, withdrawal_id)
    if found is None or found.merchant_id != merchant_id:
        raise WithdrawalUnknown
    return found


async def owed(tx: Tx, merchant_id: UUID) -> Owed:
    """Read what we owe a merchant at home, by where it stands."""
    return await store.read_owed(tx, merchant_id)


async def receivables_at_home(tx: Tx, merchant_id: UUID) -> list[Receivable]:
    """List what the home knows a merchant is still to be paid: under way, in reserve, kept."""
    under_way = [
        Receivable(ReceivableKind.ON_ITS_WAY, each.business_date, each.expected_on, each.amount_minor)
        for each in await store.read_payouts_under_way(tx, merchant_id)
    ]
    reserves = [
        Receivable(ReceivableKind.RESERVE, each.business_date, each.expected_on, each.amount_minor)
        for each in await store.read_reserves(tx, merchant_id)
    ]
    unpaid = (await store.read_owed(tx, merchant_id)).unpaid_minor
    kept = [Receivable(ReceivableKind.KEPT, None, None, unpaid)] if unpaid else []
    return [*under_way, *kept, *reserves]


async def file_lines(
    tx: Tx, merchant_id: UUID, day: date, *, after: tuple[int, UUID] | None = None, limit: int = LINES_A_SET
) -> list[FileLine]:
    """Read the lines of a settlement's file that this server booked on a day; paged by bucket and posting."""
    return await store.read_file_lines(tx, merchant_id, day, after=after, limit=limit)
