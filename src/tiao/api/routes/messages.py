"""What was said to a customer or merchant, and the receipts of the gateway, which signs what it says."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.datastructures import State

from tiao.api import ids, paging
from tiao.api.ids import AnyCustomer, AnyMerchant
from tiao.api.operation import C, M, O, reads, responses_of
from tiao.api.paging import After, ByTime, Limit
from tiao.api.refusals import BodyTooLarge, ChannelUnknown, CursorInvalid, RequestMalformed, SubjectMissing
from tiao.api.services import Asked, Call, Services
from tiao.identity.refusals import CustomerUnknown
from tiao.messages import actions as messages
from tiao.messages.model import Language, Message, MessageState, Receipt
from tiao.messages.providers import wire
from tiao.messages.providers.http_gateway import read_receipts
from tiao.messages.refusals import ReceiptNotGenuine
from tiao.partners.model import Role
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Database, DatabaseUnavailable, TransactionConflict
from tiao.sharding.refusals import ShardUnavailable
from tiao.values.ids import bucket_of, show_id


class MessageShown(msgspec.Struct, frozen=True):
    """What was said. A one-time code is masked; *code* says why a message did not arrive."""

    id: str
    kind: str
    language: Language
    text: str
    state: MessageState
    made_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    code: str | None


class MessagePage(msgspec.Struct, frozen=True):
    """Messages, latest first."""

    data: list[MessageShown]
    has_more: bool
    next: str | None


@reads(
    "/v1/messages",
    by=[C, M, O],
    scope=Scope.MESSAGES_READ,
    refuses=[CursorInvalid, CustomerUnknown, MerchantUnknown, SubjectMissing],
)
async def list_messages(
    call: Call,
    customer: AnyCustomer = None,
    merchant: AnyMerchant = None,
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> MessagePage:
    """List what was said to a customer or merchant, latest first."""
    whom = _whom(call, customer, merchant)
    place = paging.before(after)
    db = call.db if call.caller.role is Role.CONSUMER else call.services.shards.platform(_bucket(call, whom)).db
    async with db.snapshot() as tx:
        found = await messages.said_to(tx, whom, before_at=place.at, before_id=place.id, limit=limit + 1)
    page = paging.cut(found, limit, lambda each: ByTime(each.made_at, each.id))
    return MessagePage([_shown(each) for each in page.items], page.has_more, page.next)


def _whom(call: Asked, customer: str | None, merchant: str | None) -> UUID:
    """Say whose messages are meant. Refuses: SubjectMissing, CustomerUnknown, MerchantUnknown, MalformedId."""
    is_of_merchant = call.caller.role is Role.MERCHANT or merchant is not None
    return call.merchant(merchant) if is_of_merchant and customer is None else call.customer(customer)


def _bucket(call: Asked, whom: UUID) -> int | None:
    """Tell where messages lie: a merchant's at home, a customer's with the customer."""
    return call.bucket if call.bucket is None else bucket_of(whom)


def _shown(message: Message) -> MessageShown:
    return MessageShown(
        show_id(ids.MESSAGE, message.id),
        message.kind,
        message.language,
        message.text,
        message.state,
        message.made_at,
        message.sent_at,
        message.ended_at,
        message.code,
    )


@post(
    "/v1/messages/receipts",
    operation_id="receive_receipts",
    summary="Receive a message gateway's signed receipts.",
    description=(
        "`x-sms-time` and `x-sms-signature` sign the body with the gateway's key. "
        "A receipt that comes twice, or names nothing, changes nothing."
    ),
    status_code=204,
    responses=responses_of(
        (
            BodyTooLarge,
            ChannelUnknown,
            DatabaseUnavailable,
            ReceiptNotGenuine,
            RequestMalformed,
            ShardUnavailable,
            TransactionConflict,
        )
    ),
    tags=["messages"],
)
async def receive_receipts(request: Request[Any, Any, State]) -> None:
    """Take receipts."""
    services: Services = request.app.state.services
    if services.sms_key is None:
        raise ChannelUnknown
    told = read_receipts(
        services.sms_key,
        path=request.url.path,
        time=request.headers.get(wire.TIME_HEADER, ""),
        signature=request.headers.get(wire.SIGNATURE_HEADER, ""),
        body=await request.body(),
    )
    by_server: dict[int, tuple[Database, list[Receipt]]] = {}
    for receipt in told:
        db = services.shards.platform(bucket_of(receipt.message_id)).db
        by_server.setdefault(id(db), (db, []))[1].append(receipt)
    for db, receipts in by_server.values():
        async with db.begin() as tx:
            await messages.receive(tx, receipts)


ROUTES = [list_messages, receive_receipts]
