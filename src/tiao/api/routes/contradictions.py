"""Contradictions of banks: what an operator reads and settles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import ContradictionInPath, IdempotencyKey, Text
from tiao.api.operation import O, makes, reads
from tiao.api.paging import After, ByTime, Limit
from tiao.api.refusals import CursorInvalid
from tiao.api.services import Call
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.model import Contradiction, NoticeSubject, Resolution
from tiao.payments.refusals import ContradictionResolved, ContradictionUnknown
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment


class SettlementNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it was settled: with whom it was cleared, what was booked or sent back."""

    note: Text


class ContradictionShown(msgspec.Struct, frozen=True):
    """A bank that said the opposite of its own final word. *of* is the repayment or payout; *days_open* ages it.

    Late money of a debit is asked about and booked by itself; whatever else a bank takes back is for people.
    """

    id: str
    subject: NoticeSubject
    of: str
    channel: str
    stood: str
    told: str
    channel_no: str | None
    amount_minor: int | None
    currency: str | None
    code: str | None
    times: int
    first_seen_at: datetime
    last_seen_at: datetime
    asked_again_at: datetime | None
    days_open: int
    resolution: Resolution | None
    resolved_at: datetime | None
    note: str | None
    actor: str | None


class ContradictionPage(msgspec.Struct, frozen=True):
    """Contradictions, latest first."""

    data: list[ContradictionShown]
    has_more: bool
    next: str | None


Which = Annotated[
    Literal["open", "all"], QueryParameter(name="which", description="Open: what nobody has resolved yet.")
]


@reads("/v1/contradictions", by=[O], scope=Scope.LEDGER_READ, refuses=[CursorInvalid])
async def list_contradictions(
    call: Call, which: Which = "open", limit: Limit = paging.PAGE_DEFAULT, after: After = None
) -> ContradictionPage:
    """List what banks have said against their own final word, latest first."""
    place = paging.before(after)

    async def read(tx: Tx) -> Sequence[Contradiction]:
        return await payments.contradictions(tx, is_open=which == "open", before=(place.at, place.id), limit=limit + 1)

    page = await paging.cut_across(
        call.services.shards.databases(), limit, read, lambda each: ByTime(each.first_seen_at, each.id)
    )
    home = call.services.platform
    async with home.db.begin() as tx:
        now = await home.moments(tx)
    return ContradictionPage([contradiction_shown(each, now.at) for each in page.items], page.has_more, page.next)


@makes(
    "/v1/contradictions/{contradiction_id:str}/settlement",
    by=[O],
    scope=Scope.PAYMENTS_WRITE,
    status=200,
    refuses=[ContradictionUnknown, ContradictionResolved],
)
async def settle_contradiction(
    call: Call, contradiction_id: ContradictionInPath, data: JSONBody[SettlementNote], key: IdempotencyKey
) -> Response[ContradictionShown]:
    """Note how a contradiction was settled with the bank; what has to be booked is booked by its own endpoint."""
    wanted = read_id(ids.CONTRADICTION, contradiction_id)

    async def work(tx: Tx, now: Moment) -> ContradictionShown:
        actor = show_id(ids.KEY, call.caller.key_id)
        closed = await payments.close_contradiction(tx, now, wanted, actor=actor, note=data.note)
        return contradiction_shown(closed, now.at)

    return await once(call, key, data, work, status=200)


def contradiction_shown(found: Contradiction, at: datetime) -> ContradictionShown:
    """Show a contradiction on the wire."""
    return ContradictionShown(
        id=show_id(ids.CONTRADICTION, found.id),
        subject=found.subject,
        of=show_id(ids.REPAYMENT if found.subject is NoticeSubject.DEBIT else ids.PAYOUT, found.subject_id),
        channel=found.channel,
        stood=found.stood,
        told=found.told,
        channel_no=found.channel_no,
        amount_minor=found.amount_minor,
        currency=found.currency,
        code=found.code,
        times=found.times,
        first_seen_at=found.first_seen_at,
        last_seen_at=found.last_seen_at,
        asked_again_at=found.query_after,
        days_open=((found.resolved_at or at) - found.first_seen_at).days,
        resolution=found.resolution,
        resolved_at=found.resolved_at,
        note=found.note,
        actor=found.actor,
    )


ROUTES = [list_contradictions, settle_contradiction]
