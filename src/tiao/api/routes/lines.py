"""The credit line: what may be spent, and what a person may do to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import AmountOrNoneMinor, AnyCustomer, Currency, CustomerId, IdempotencyKey, LineInPath, Text
from tiao.api.operation import C, O, makes, reads
from tiao.api.refusals import SubjectMissing
from tiao.api.routes.credit import AcceptLanguage, DecisionShown, decision_shown
from tiao.api.services import Call
from tiao.credit import actions as credit
from tiao.credit.limits import actions as limits
from tiao.credit.limits.model import LimitKind, Sublimit
from tiao.credit.model import Decision
from tiao.credit.refusals import LimitNotLower, LineNotActive, LineNotFrozen
from tiao.identity.refusals import CustomerUnknown
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine, LineStatus
from tiao.ledger.refusals import LineUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.runtime.registry.refusals import ReasonMissing
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment


class ReasonGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a person decides so; it stands in the decision's record."""

    reason: Text


class LimitGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lower limit, and why."""

    limit_minor: AmountOrNoneMinor
    reason: Text


class SublimitShown(msgspec.Struct, frozen=True):
    """A limit beside the line's own: more until a day, more in one place, or at most so much in a scene."""

    kind: LimitKind
    scene: str | None
    merchant: str | None
    amount_minor: int
    ends_on: date | None


class LineShown(msgspec.Struct, frozen=True):
    """A credit line. *limit_target_minor* is what the limit falls to as the use does.

    *limit_minor* holds what *sublimits* add; a purchase elsewhere cannot use what is for one place.
    """

    id: str
    customer: CustomerId
    currency: Currency
    limit_minor: int
    limit_target_minor: int
    held_minor: int
    used_minor: int
    available_minor: int
    statement_day: int
    status: LineStatus
    opened_on: date
    sublimits: list[SublimitShown]


class LineDecided(msgspec.Struct, frozen=True):
    """A decision about a line, and the line after it."""

    decision: DecisionShown
    line: LineShown


@reads("/v1/line", by=[C, O], scope=Scope.LINE_READ, refuses=[LineUnknown, CustomerUnknown, SubjectMissing])
async def read_line(call: Call, customer: AnyCustomer = None) -> LineShown:
    """Show the customer's line: its limit, what is held, used and left."""
    subject = call.customer(customer)
    async with call.db.begin() as tx:
        line = await line_of(tx, subject)
        return line_shown(line, await sublimits_of(tx, line))


@makes(
    "/v1/lines/{line_id:str}/freeze",
    by=[C, O],
    scope=Scope.LINE_WRITE,
    refuses=[LineUnknown, LineNotActive, ReasonMissing],
)
async def freeze_line(
    call: Call,
    line_id: LineInPath,
    data: JSONBody[ReasonGiven],
    key: IdempotencyKey,
    accept_language: AcceptLanguage = None,
) -> Response[LineDecided]:
    """Freeze a line; customers may freeze their own."""

    async def decide(tx: Tx, now: Moment, line: UUID) -> Decision:
        return await credit.freeze_line(tx, now, line, actor=_actor(call), reason=data.reason)

    return await _decided(call, line_id, (data, key, accept_language), decide)


@makes(
    "/v1/lines/{line_id:str}/unfreeze",
    by=[O],
    scope=Scope.CREDIT_WRITE,
    refuses=[LineUnknown, LineNotFrozen, ReasonMissing],
)
async def unfreeze_line(
    call: Call,
    line_id: LineInPath,
    data: JSONBody[ReasonGiven],
    key: IdempotencyKey,
    accept_language: AcceptLanguage = None,
) -> Response[LineDecided]:
    """Let a frozen line be used again."""

    async def decide(tx: Tx, now: Moment, line: UUID) -> Decision:
        return await credit.unfreeze_line(tx, now, line, actor=_actor(call), reason=data.reason)

    return await _decided(call, line_id, (data, key, accept_language), decide)


@makes(
    "/v1/lines/{line_id:str}/limit",
    by=[C, O],
    scope=Scope.LINE_WRITE,
    refuses=[LineUnknown, LimitNotLower, ReasonMissing],
)
async def cut_limit(
    call: Call,
    line_id: LineInPath,
    data: JSONBody[LimitGiven],
    key: IdempotencyKey,
    accept_language: AcceptLanguage = None,
) -> Response[LineDecided]:
    """Lower a limit; customers may lower their own. Below what is in use it is reached as that falls."""

    async def decide(tx: Tx, now: Moment, line: UUID) -> Decision:
        return await credit.cut_limit(
            tx, now, call.platform.engine, line, data.limit_minor, actor=_actor(call), reason=data.reason
        )

    return await _decided(call, line_id, (data, key, accept_language), decide)


async def line_of(tx: Tx, customer_id: UUID) -> CreditLine:
    """Find the line of a customer. Refuses: LineUnknown."""
    found = (await ledger.lines_of_customers(tx, [customer_id])).get(customer_id)
    if found is None:
        raise LineUnknown
    return found


def line_shown(line: CreditLine, sublimits: Sequence[Sublimit]) -> LineShown:
    """Show a line on the wire."""
    return LineShown(
        id=show_id(ids.LINE, line.id),
        customer=show_id(ids.CUSTOMER, line.customer_id),
        currency=line.currency,
        limit_minor=line.limit_minor,
        limit_target_minor=line.limit_target_minor,
        held_minor=line.held_minor,
        used_minor=line.used_minor,
        available_minor=line.available_minor,
        statement_day=line.statement_day,
        status=LineStatus(line.status),
        opened_on=line.opened_on,
        sublimits=[
            SublimitShown(
                each.kind, each.scene, ids.shown(ids.MERCHANT, each.merchant_id), each.amount_minor, each.ends_on
            )
            for each in sublimits
        ],
    )


async def sublimits_of(tx: Tx, line: CreditLine) -> list[Sublimit]:
    """Read what a line has beside its own limit."""
    return (await limits.of_lines(tx, [line])).get(line.id, [])


async def _decided(
    call: Call,
    line_id: str,
    asked: tuple[ReasonGiven | LimitGiven, str, str | None],
    decide: Callable[[Tx, Moment, UUID], Awaitable[Decision]],
) -> Response[LineDecided]:
    wanted = read_id(ids.LINE, line_id)
    said, key, accept_language = asked

    async def work(tx: Tx, now: Moment) -> LineDecided:
        call.require_own(LineUnknown, customer_id=(await ledger.line(tx, wanted)).customer_id)
        made = await decide(tx, now, wanted)
        line = await ledger.line(tx, wanted)
        shown = decision_shown(call, made, now.at, accept_language, call.platform.engine.texts)
        return LineDecided(shown, line_shown(line, await sublimits_of(tx, line)))

    return await once(call, key, said, work)


def _actor(call: Call) -> str:
    """Name who decides: the person, whichever key they use, for nobody checks what they did themselves."""
    return show_id(ids.OPERATOR if call.is_operator else ids.CUSTOMER, call.caller.subject_id)


ROUTES = [read_line, freeze_line, unfreeze_line, cut_limit]
