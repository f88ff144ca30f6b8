"""Channels' days and what differs on them: the queue that staff work, two people at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import DifferenceInPath, IdempotencyKey, Text
from tiao.api.operation import O, makes, reads
from tiao.api.paging import After, ByTime, Limit
from tiao.api.refusals import CursorInvalid
from tiao.api.services import Call
from tiao.casework.refusals import MakerIsChecker
from tiao.partners.scopes import Scope
from tiao.payments.reconciling import actions as reconciling
from tiao.payments.reconciling.model import ChannelDay, Difference, DifferenceKind, DifferenceState, Ending
from tiao.payments.reconciling.refusals import (
    DifferenceClosed,
    DifferenceUnknown,
    EndingNotAllowed,
    NothingProposed,
)
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

_START = ByTime(datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
Channel = Annotated[
    str | None, QueryParameter(name="channel", pattern="^[a-z0-9_]{1,40}$", description="Of one channel only.")
]
Which = Annotated[Literal["open", "all"], QueryParameter(name="which", description="Open: what is not closed yet.")]
Kind = Annotated[DifferenceKind | None, QueryParameter(name="kind", description="Of one kind only.")]


class EndingProposed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a difference is to end, and what was found out about it."""

    ending: Ending
    note: Text


class DifferenceShown(msgspec.Struct, frozen=True):
    """A difference between our books, a channel's file and the bank's statement. *days_open* ages it.

    *ours_minor* and *theirs_minor*: the payment as each side has it; of a fee, agreed and taken; of a statement, what
    the file comes to and what the bank has.
    """

    id: str
    channel: str
    business_date: date
    kind: DifferenceKind
    flow: str
    request_no: str | None
    channel_no: str | None
    ours_minor: int | None
    theirs_minor: int | None
    state: DifferenceState
    resolution: str | None
    explained_on: date | None
    proposed: Ending | None
    note: str | None
    maker: str | None
    checker: str | None
    opened_at: datetime
    days_open: int


class DifferencePage(msgspec.Struct, frozen=True):
    """Differences, the oldest first."""

    data: list[DifferenceShown]
    has_more: bool
    next: str | None


class ChannelDays(msgspec.Struct, frozen=True):
    """Channels' days, latest first."""

    data: list[ChannelDay]


class AlarmsShown(msgspec.Struct, frozen=True):
    """What somebody has to look at: files late or at fault, outcomes unknown past T+1, differences open past T+2."""

    files_late: int
    files_at_fault: int
    unknown_late: int
    differences_late: int
    suspended_minor: int


@reads("/v1/channel_days", by=[O], scope=Scope.LEDGER_READ)
async def list_channel_days(call: Call, channel: Channel = None, limit: Limit = paging.PAGE_DEFAULT) -> ChannelDays:
    """List what channels said of their latest days, and the days whose file is awaited."""
    async with call.db.begin() as tx:
        return ChannelDays(await reconciling.channel_days(tx, channel=channel, limit=limit))


@reads("/v1/payment_alarms", by=[O], scope=Scope.LEDGER_READ)
async def read_alarms(call: Call) -> AlarmsShown:
    """Tell what payments need somebody to look at; all at nothing is how it should be."""
    async with call.db.begin() as tx:
        return AlarmsShown(*await reconciling.alarms(tx, await call.platform.moments(tx)))


@reads("/v1/channel_differences", by=[O], scope=Scope.LEDGER_READ, refuses=[CursorInvalid])
async def list_differences(
    call: Call,
    which: Which = "open",
    channel: Channel = None,
    kind: Kind = None,
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> DifferencePage:
    """List differences, the oldest first: what waits longest is worked first."""
    place = paging.place_of(after, ByTime) or _START
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        found = await reconciling.differences(
            tx, is_open=which == "open", channel=channel, kind=kind, after=(place.at, place.id), limit=limit + 1
        )
    page = paging.cut(found, limit, lambda each: ByTime(each.opened_at, each.id))
    return DifferencePage([_shown(each, now.at) for each in page.items], page.has_more, page.next)


@reads(
    "/v1/channel_differences/{difference_id:str}",
    by=[O],
    scope=Scope.LEDGER_READ,
    refuses=[DifferenceUnknown],
)
async def read_difference(call: Call, difference_id: DifferenceInPath) -> DifferenceShown:
    """Show one difference."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        return _shown(await reconciling.difference(tx, read_id(ids.DIFFERENCE, difference_id)), now.at)


@makes(
    "/v1/channel_differences/{difference_id:str}/proposal",
    by=[O],
    scope=Scope.PAYMENTS_WRITE,
    status=200,
    refuses=[DifferenceUnknown, DifferenceClosed, EndingNotAllowed],
)
async def propose_ending(
    call: Call, difference_id: DifferenceInPath, data: JSONBody[EndingProposed], key: IdempotencyKey
) -> Response[DifferenceShown]:
    """Propose how to end a difference; somebody else has to agree."""
    wanted = read_id(ids.DIFFERENCE, difference_id)

    async def work(tx: Tx, now: Moment) -> DifferenceShown:
        done = await reconciling.propose(tx, now, wanted, data.ending, actor=call.person, note=data.note)
        return _shown(done, now.at)

    return await once(call, key, data, work, status=200)


@makes(
    "/v1/channel_differences/{difference_id:str}/approval",
    by=[O],
    scope=Scope.PAYMENTS_WRITE,
    status=200,
    refuses=[DifferenceUnknown, DifferenceClosed, EndingNotAllowed, NothingProposed, MakerIsChecker],
)
async def approve_ending(call: Call, difference_id: DifferenceInPath, key: IdempotencyKey) -> Response[DifferenceShown]:
    """Agree to what somebody else proposed; the money is booked."""
    wanted = read_id(ids.DIFFERENCE, difference_id)

    async def work(tx: Tx, now: Moment) -> DifferenceShown:
        currency = call.platform.programme.currency
        return _shown(await reconciling.approve(tx, now, wanted, actor=call.person, currency=currency), now.at)

    return await once(call, key, None, work, status=200)


@makes(
    "/v1/channel_differences/{difference_id:str}/withdrawal",
    by=[O],
    scope=Scope.PAYMENTS_WRITE,
    status=200,
    refuses=[DifferenceUnknown, NothingProposed],
)
async def withdraw_ending(
    call: Call, difference_id: DifferenceInPath, key: IdempotencyKey
) -> Response[DifferenceShown]:
    """Take a proposal away."""
    wanted = read_id(ids.DIFFERENCE, difference_id)

    async def work(tx: Tx, now: Moment) -> DifferenceShown:
        return _shown(await reconciling.withdraw(tx, now, wanted, actor=call.person), now.at)

    return await once(call, key, None, work, status=200)


def _shown(found: Difference, at: datetime) -> DifferenceShown:
    until = found.changed_at if found.state is DifferenceState.CLOSED else at
    return DifferenceShown(
        id=show_id(ids.DIFFERENCE, found.id),
        channel=found.channel,
        business_date=found.business_date,
        kind=found.kind,
        flow=found.flow,
        request_no=found.request_no,
        channel_no=found.channel_no,
        ours_minor=found.ours_minor,
        theirs_minor=found.theirs_minor,
        state=found.state,
        resolution=found.resolution,
        explained_on=found.explained_on,
        proposed=found.proposed,
        note=found.note,
        maker=found.maker,
        checker=found.checker,
        opened_at=found.opened_at,
        days_open=(until - found.opened_at).days,
    )


ROUTES = [
    list_channel_days,
    read_alarms,
    list_differences,
    read_difference,
    propose_ending,
    approve_ending,
    withdraw_ending,
]
