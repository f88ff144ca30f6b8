"""What we owe a merchant now, when it may expect it, and having it paid on demand."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import AmountMinor, AnyMerchant, Currency, IdempotencyKey, MerchantId, WithdrawalInPath
from tiao.api.operation import M, O, makes, reads
from tiao.api.paging import After, ByTime, Limit
from tiao.api.refusals import CursorInvalid, SubjectMissing
from tiao.api.routes.refunds import PayoutShown, payout_shown
from tiao.api.services import Call
from tiao.partners import actions as partners
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.settling import actions as settling
from tiao.payments.settling.model import Receivable, ReceivableKind, Withdrawal
from tiao.payments.settling.refusals import (
    WithdrawalExceedsBalance,
    WithdrawalNotOffered,
    WithdrawalsClosed,
    WithdrawalUnknown,
)
from tiao.runtime.db import Tx
from tiao.sharding.reading import balance_elsewhere, standing
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment
from tiao.wiring import MAIN_CHANNEL


class BalanceShown(msgspec.Struct, frozen=True):
    """What we owe a merchant: *balance* is in no payout yet and may be negative, when refunds were more than sales.

    Of it *available* may be withdrawn now. On top comes what is in *reserve*, *held* for disputes, *in_transit* or
    *prepaid* for services to come.
    """

    merchant: MerchantId
    currency: Currency
    balance_minor: int
    available_minor: int
    reserve_minor: int
    held_minor: int
    in_transit_minor: int
    prepaid_minor: int
    at: datetime


class ReceivableShown(msgspec.Struct, frozen=True):
    """Money that is still to come: why, for which day, and when it may be expected, where that is known."""

    kind: ReceivableKind
    business_date: date | None
    expected_on: date | None
    amount_minor: int


class ReceivablesShown(msgspec.Struct, frozen=True):
    """All a merchant is still to be paid; it adds up to everything we owe it."""

    merchant: MerchantId
    currency: Currency
    total_minor: int
    data: list[ReceivableShown]
    at: datetime


class WithdrawalAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much; without it, all that is available."""

    amount_minor: AmountMinor | None = None


class WithdrawalShown(msgspec.Struct, frozen=True):
    """A payment on demand."""

    id: str
    merchant: MerchantId
    currency: Currency
    amount_minor: int
    booked_on: date
    asked_at: datetime


class WithdrawalInFull(msgspec.Struct, frozen=True):
    """A payment on demand and how far it has come."""

    withdrawal: WithdrawalShown
    payouts: list[PayoutShown]


class WithdrawalPage(msgspec.Struct, frozen=True):
    """Payments on demand, latest first."""

    data: list[WithdrawalShown]
    has_more: bool
    next: str | None


@reads("/v1/balance", by=[M, O], scope=Scope.SETTLEMENTS_READ, refuses=[MerchantUnknown, SubjectMissing])
async def read_balance(call: Call, merchant: AnyMerchant = None) -> BalanceShown:
    """Show what we owe the merchant now."""
    subject = call.merchant(merchant)
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        found = await partners.merchant(tx, subject)
    stands = await standing(call.services.shards, subject, call.platform.servicer.closer.calendar)
    return BalanceShown(
        merchant=show_id(ids.MERCHANT, subject),
        currency=found.currency,
        balance_minor=stands.payable_minor,
        available_minor=stands.available_minor,
        reserve_minor=stands.reserve_minor,
        held_minor=stands.held_minor,
        in_transit_minor=stands.in_transit_minor,
        prepaid_minor=stands.prepaid_minor,
        at=now.at,
    )


@reads("/v1/receivables", by=[M, O], scope=Scope.SETTLEMENTS_READ, refuses=[MerchantUnknown, SubjectMissing])
async def list_receivables(call: Call, merchant: AnyMerchant = None) -> ReceivablesShown:
    """List what the merchant is still to be paid, and when."""
    subject = call.merchant(merchant)
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        found = await partners.merchant(tx, subject)
    stands = await standing(call.services.shards, subject, call.platform.servicer.closer.calendar)
    return ReceivablesShown(
        merchant=show_id(ids.MERCHANT, subject),
        currency=found.currency,
        total_minor=sum(each.amount_minor for each in stands.receivables),
        data=[_receivable_shown(each) for each in stands.receivables],
        at=now.at,
    )


@makes(
    "/v1/withdrawals",
    by=[M, O],
    scope=Scope.WITHDRAWALS_WRITE,
    refuses=[MerchantUnknown, SubjectMissing, WithdrawalNotOffered, WithdrawalsClosed, WithdrawalExceedsBalance],
)
async def create_withdrawal(
    call: Call, data: JSONBody[WithdrawalAsked], key: IdempotencyKey, merchant: AnyMerchant = None
) -> Response[WithdrawalShown]:
    """Pay the merchant today, of what its settlements carried on; for merchants that are settled on demand."""
    subject = call.merchant(merchant)
    elsewhere_minor = await balance_elsewhere(call.services.shards, subject)

    async def work(tx: Tx, now: Moment) -> WithdrawalShown:
        made = await settling.withdraw(
            tx,
            now,
            subject,
            amount_minor=data.amount_minor,
            channel=MAIN_CHANNEL,
            key=f"{call.caller.subject_id}:{key}",
            elsewhere_minor=elsewhere_minor,
        )
        return _withdrawal_shown(made)

    return await once(call, key, (subject.hex, data), work)


@reads(
    "/v1/withdrawals",
    by=[M, O],
    scope=Scope.SETTLEMENTS_READ,
    refuses=[MerchantUnknown, SubjectMissing, CursorInvalid],
)
async def list_withdrawals(
    call: Call, merchant: AnyMerchant = None, limit: Limit = paging.PAGE_DEFAULT, after: After = None
) -> WithdrawalPage:
    """List the merchant's payments on demand, latest first."""
    place = paging.before(after)
    subject = call.merchant(merchant)
    async with call.db.begin() as tx:
        found = await settling.withdrawals_of(tx, subject, before_at=place.at, before_id=place.id, limit=limit + 1)
    page = paging.cut(found, limit, lambda each: ByTime(each.asked_at, each.id))
    return WithdrawalPage([_withdrawal_shown(each) for each in page.items], page.has_more, page.next)


@reads(
    "/v1/withdrawals/{withdrawal_id:str}",
    by=[M, O],
    scope=Scope.SETTLEMENTS_READ,
    refuses=[WithdrawalUnknown, MerchantUnknown, SubjectMissing],
)
async def read_withdrawal(
    call: Call, withdrawal_id: WithdrawalInPath, merchant: AnyMerchant = None
) -> WithdrawalInFull:
    """Show a payment on demand and how far it has come."""
    subject = call.merchant(merchant)
    async with call.db.begin() as tx:
        found = await settling.withdrawal(tx, subject, read_id(ids.WITHDRAWAL, withdrawal_id))
        payouts = await payments.payouts_of(tx, found.id)
    return WithdrawalInFull(_withdrawal_shown(found), [payout_shown(each) for each in payouts])


def _receivable_shown(each: Receivable) -> ReceivableShown:
    return ReceivableShown(each.kind, each.business_date, each.expected_on, each.amount_minor)


def _withdrawal_shown(made: Withdrawal) -> WithdrawalShown:
    return WithdrawalShown(
        id=show_id(ids.WITHDRAWAL, made.id),
        merchant=show_id(ids.MERCHANT, made.merchant_id),
        currency=made.currency,
        amount_minor=made.amount_minor,
        booked_on=made.booked_on,
        asked_at=made.asked_at,
    )


ROUTES = [read_balance, list_receivables, create_withdrawal, list_withdrawals, read_withdrawal]
