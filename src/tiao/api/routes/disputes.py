"""Disputes: opened by the customer, answered by the merchant, decided by people; both sides see where they stand."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import (
    AmountMinor,
    AmountOrNoneMinor,
    AnyCustomer,
    AnyMerchant,
    Currency,
    DisputeInPath,
    HexDigest,
    IdempotencyKey,
    MerchantId,
    PurchaseInPath,
    Words,
)
from tiao.api.operation import C, M, O, makes, reads
from tiao.api.paging import After, ByTime, Limit, Undecided
from tiao.api.refusals import CursorInvalid
from tiao.api.routes.purchases import own_purchase
from tiao.api.services import Call
from tiao.casework.refusals import MakerIsChecker
from tiao.checkout.disputes import actions as disputes
from tiao.checkout.disputes.model import Author, Dispute, DisputeState, File, Reason
from tiao.checkout.disputes.refusals import (
    AwardInvalid,
    DisputeAlreadyOpen,
    DisputeClosed,
    DisputeExceedsPurchase,
    DisputeUnknown,
    DisputeWindowClosed,
)
from tiao.checkout.refusals import AmountInvalid, PurchaseUnknown
from tiao.identity.refusals import CustomerUnknown
from tiao.lending.refusals import LoanArrangedAnew, RefundExceedsCaptured
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldUnreadable
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

_REFUND_REFUSES = (AmountInvalid, RefundExceedsCaptured, LoanArrangedAnew)


class ClaimGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a customer claims: how much, why, and in its own words."""

    amount_minor: AmountMinor
    reason: Reason
    text: Words


class DecisionGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much goes back to the customer, and why."""

    awarded_minor: AmountOrNoneMinor
    note: Words


class AwardProposed(msgspec.Struct, frozen=True):
    """What one operator would award, until another decides the same; shown to operators only."""

    awarded_minor: int
    proposed_by: str
    proposed_at: datetime


class DisputeShown(msgspec.Struct, frozen=True):
    """A dispute. *awarded* went back to the customer, once it is over; until then the merchant is not paid *held*."""

    id: str
    purchase: str
    merchant: MerchantId
    currency: Currency
    amount_minor: int
    held_minor: int
    awarded_minor: int | None
    reason: Reason
    state: DisputeState
    opened_at: datetime
    evidence_due_at: datetime
    decide_due_at: datetime
    closed_at: datetime | None
    note: str | None
    refund: str | None
    proposed: AwardProposed | None


class StatementShown(msgspec.Struct, frozen=True):
    """What somebody said."""

    number: int
    author: Author
    text: str
    at: datetime


class FileShown(msgspec.Struct, frozen=True):
    """A piece of evidence and its SHA-256."""

    number: int
    author: Author
    name: str
    media_type: str
    size_bytes: int
    digest: HexDigest
    at: datetime


class DisputeInFull(msgspec.Struct, frozen=True):
    """A dispute with what was said and shown, in order."""

    dispute: DisputeShown
    statements: list[StatementShown]
    files: list[FileShown]


class DisputePage(msgspec.Struct, frozen=True):
    """Disputes, latest first."""

    data: list[DisputeShown]
    has_more: bool
    next: str | None


@makes(
    "/v1/purchases/{purchase_id:str}/disputes",
    by=[C],
    scope=Scope.DISPUTES_WRITE,
    refuses=[PurchaseUnknown, DisputeAlreadyOpen, DisputeExceedsPurchase, DisputeWindowClosed],
)
async def open_dispute(
    call: Call, purchase_id: PurchaseInPath, data: JSONBody[ClaimGiven], key: IdempotencyKey
) -> Response[DisputeShown]:
    """Dispute a purchase. Until it is decided the merchant is not paid the amount, and no penalty runs on the line."""
    wanted = read_id(ids.PURCHASE, purchase_id)

    async def work(tx: Tx, now: Moment) -> DisputeShown:
        await own_purchase(tx, call, wanted)
        platform = call.platform
        made = await disputes.open_dispute(
            tx,
            now,
            platform.book,
            platform.vault,
            wanted,
            amount_minor=data.amount_minor,
            reason=data.reason,
            text=data.text,
        )
        return dispute_shown(made)

    return await once(call, key, data, work)


@reads(
    "/v1/disputes",
    by=[C, M, O],
    scope=Scope.DISPUTES_READ,
    refuses=[CustomerUnknown, MerchantUnknown, CursorInvalid],
)
async def list_disputes(
    call: Call,
    customer: AnyCustomer = None,
    merchant: AnyMerchant = None,
    is_open: Undecided = False,  # noqa: FBT002  a parameter of the address
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> DisputePage:
    """List disputes of one's own, latest first; an operator sees all, or those of whom it names."""
    place = paging.before(after)
    of_merchant = call.merchant(merchant) if call.caller.role is M or (call.is_operator and merchant) else None
    of_customer = call.customer(customer) if call.caller.role is C or (call.is_operator and customer) else None
    platforms = call.services.shards.all() if of_customer is None else [call.about(of_customer).platform]
    found: list[Dispute] = []
    for platform in platforms:
        async with platform.db.begin() as tx:
            found += await disputes.disputes(
                tx,
                merchant_id=of_merchant,
                customer_id=of_customer,
                is_open=is_open,
                before_at=place.at,
                before_id=place.id,
                limit=limit + 1,
            )
    found = sorted(found, key=lambda each: (each.opened_at, each.id), reverse=True)[: limit + 1]
    page = paging.cut(found, limit, lambda each: ByTime(each.opened_at, each.id))
    return DisputePage(
        [dispute_shown(each, is_operator=call.is_operator) for each in page.items], page.has_more, page.next
    )


@reads(
    "/v1/disputes/{dispute_id:str}",
    by=[C, M, O],
    scope=Scope.DISPUTES_READ,
    refuses=[DisputeUnknown, FieldUnreadable],
)
async def read_dispute(call: Call, dispute_id: DisputeInPath) -> DisputeInFull:
    """Show a dispute with what was said and shown."""
    async with call.db.begin() as tx:
        found = await own_dispute(tx, call, read_id(ids.DISPUTE, dispute_id))
        said = await disputes.statements_of(tx, call.platform.vault, found)
        shown = await disputes.files_of(tx, found)
    statements = [StatementShown(each.number, each.author, text, each.at) for each, text in said]
    return DisputeInFull(
        dispute_shown(found, is_operator=call.is_operator), statements, [file_shown(each) for each in shown]
    )


@makes(
    "/v1/disputes/{dispute_id:str}/withdrawal",
    by=[C],
    scope=Scope.DISPUTES_WRITE,
    status=200,
    refuses=[DisputeUnknown, DisputeClosed],
)
async def withdraw_dispute(call: Call, dispute_id: DisputeInPath, key: IdempotencyKey) -> Response[DisputeShown]:
    """Take a claim back."""
    wanted = read_id(ids.DISPUTE, dispute_id)

    async def work(tx: Tx, now: Moment) -> DisputeShown:
        await own_dispute(tx, call, wanted)
        return dispute_shown(await disputes.withdraw(tx, now, call.platform.book, wanted))

    return await once(call, key, None, work, status=200)


@makes(
    "/v1/disputes/{dispute_id:str}/acceptance",
    by=[M],
    scope=Scope.DISPUTES_WRITE,
    status=200,
    refuses=[DisputeUnknown, DisputeClosed, *_REFUND_REFUSES],
)
async def accept_dispute(call: Call, dispute_id: DisputeInPath, key: IdempotencyKey) -> Response[DisputeShown]:
    """Give in: the customer gets everything that is disputed."""
    wanted = read_id(ids.DISPUTE, dispute_id)

    async def work(tx: Tx, now: Moment) -> DisputeShown:
        await own_dispute(tx, call, wanted)
        return dispute_shown(await disputes.accept(tx, now, call.platform.book, wanted))

    return await once(call, key, None, work, status=200)


@makes(
    "/v1/disputes/{dispute_id:str}/decision",
    by=[O],
    scope=Scope.DISPUTES_WRITE,
    status=200,
    refuses=[DisputeUnknown, DisputeClosed, AwardInvalid, MakerIsChecker, *_REFUND_REFUSES],
)
async def decide_dispute(
    call: Call, dispute_id: DisputeInPath, data: JSONBody[DecisionGiven], key: IdempotencyKey
) -> Response[DisputeShown]:
    """Decide how much goes back to the customer, from nothing to all; the rest is the merchant's.

    From an amount on the dispute stays open until another operator decides the same.
    """
    wanted = read_id(ids.DISPUTE, dispute_id)

    async def work(tx: Tx, now: Moment) -> DisputeShown:
        decided = await disputes.decide(
            tx, now, call.platform.book, wanted, awarded_minor=data.awarded_minor, actor=call.person, note=data.note
        )
        return dispute_shown(decided, is_operator=True)

    return await once(call, key, data, work, status=200)


async def own_dispute(tx: Tx, call: Call, dispute_id: UUID) -> Dispute:
    """Read a dispute of the caller's own. Refuses: DisputeUnknown."""
    found = await disputes.dispute(tx, dispute_id)
    call.require_own(DisputeUnknown, customer_id=found.customer_id, merchant_id=found.merchant_id)
    return found


def dispute_shown(found: Dispute, *, is_operator: bool = False) -> DisputeShown:
    """Show a dispute on the wire; what one person would award is for operators."""
    proposed = None
    if is_operator and found.state.is_open and found.proposed_minor is not None:
        assert found.proposed_by is not None, "who proposes has a name"
        assert found.proposed_at is not None, "and a time"
        proposed = AwardProposed(found.proposed_minor, found.proposed_by, found.proposed_at)
    return DisputeShown(
        id=show_id(ids.DISPUTE, found.id),
        purchase=show_id(ids.PURCHASE, found.purchase_id),
        merchant=show_id(ids.MERCHANT, found.merchant_id),
        currency=found.currency,
        amount_minor=found.amount_minor,
        held_minor=found.held_minor if found.state.is_open else 0,
        awarded_minor=found.awarded_minor,
        reason=found.reason,
        state=found.state,
        opened_at=found.opened_at,
        evidence_due_at=found.evidence_due_at,
        decide_due_at=found.decide_due_at,
        closed_at=found.closed_at,
        note=found.note,
        refund=ids.shown(ids.REFUND, found.refund_id),
        proposed=proposed,
    )


def file_shown(file: File) -> FileShown:
    """Show a piece of evidence on the wire, without its content."""
    return FileShown(file.number, file.author, file.name, file.media_type, file.size_bytes, file.digest.hex(), file.at)


ROUTES = [
    open_dispute,
    list_disputes,
    read_dispute,
    withdraw_dispute,
    accept_dispute,
    decide_dispute,
]
