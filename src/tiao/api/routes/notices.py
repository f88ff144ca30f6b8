"""What banks tell unasked. They have no key of ours: they sign what they say."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, post
from litestar.datastructures import State
from litestar.params import PathParameter

from tiao.api.operation import responses_of
from tiao.api.refusals import BodyTooLarge, ChannelUnknown, RequestMalformed, RouteUnknown
from tiao.api.services import Services
from tiao.payments import actions as payments
from tiao.payments.model import NoticeSubject
from tiao.payments.providers import wire
from tiao.payments.providers.http_bank import read_notice
from tiao.payments.refusals import NoticeNotGenuine
from tiao.runtime.db import DatabaseUnavailable, TransactionConflict, Tx
from tiao.servicing.repaying import book_debits
from tiao.sharding.refusals import ShardUnavailable
from tiao.values.ids import MalformedId, bucket_of
from tiao.wiring import Platform

REFUSES = (
    BodyTooLarge,
    ChannelUnknown,
    DatabaseUnavailable,
    MalformedId,
    NoticeNotGenuine,
    RequestMalformed,
    RouteUnknown,
    ShardUnavailable,
    TransactionConflict,
)


@post(
    "/v1/channels/{channel:str}/notices",
    operation_id="receive_notice",
    summary="Receive a bank's signed notice.",
    description=(
        "The body is the bank's own; `x-bank-time` and `x-bank-signature` sign it with the channel's key. "
        "A notice that comes twice, or too late, changes nothing."
    ),
    status_code=204,
    responses=responses_of(REFUSES),
    tags=["channels"],
)
async def receive_notice(
    request: Request[Any, Any, State],
    channel: Annotated[str, PathParameter(pattern="^[a-z0-9_]{1,40}$", description="A channel's name.")],
) -> None:
    """Take a notice the way an answer is taken."""
    services: Services = request.app.state.services
    key = services.notice_keys.get(channel)
    if key is None:
        raise ChannelUnknown
    notice = read_notice(
        key,
        path=request.url.path,
        time=request.headers.get(wire.TIME_HEADER, ""),
        signature=request.headers.get(wire.SIGNATURE_HEADER, ""),
        body=await request.body(),
    )

    # A settlement's payout lies at home whatever its id; elsewhere the notice names nothing and changes nothing.
    places = {bucket_of(notice.id), None} if notice.subject is NoticeSubject.PAYOUT else {bucket_of(notice.id)}
    for platform in {id(each): each for each in map(services.shards.platform, places)}.values():

        async def record(tx: Tx, platform: Platform = platform) -> None:
            await payments.receive_notice(tx, await platform.moments(tx), notice, book_debits)

        await platform.db.retrying(record)


ROUTES = [receive_notice]
