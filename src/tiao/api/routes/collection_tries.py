"""Why bills were debited when they were: what the customer and operators read."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from tiao.api import ids, paging
from tiao.api.ids import LineInPath
from tiao.api.operation import C, O, reads
from tiao.api.paging import Limit
from tiao.api.services import Call
from tiao.ledger import actions as ledger
from tiao.ledger.refusals import LineUnknown
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.model import Debit, DebitState
from tiao.servicing import autopaying
from tiao.servicing.timing.model import Because, CollectionTry, Ended, SalaryDay
from tiao.values.ids import read_id


class LaterHour(msgspec.Struct, frozen=True):
    """An hour that was left, in the programme's own time, and how likely the account was thought to hold the bill."""

    at: str
    likely: float


class CollectionTryShown(msgspec.Struct, frozen=True):
    """A debit of a bill, and why it was made at its hour. *Units*: minor units.

    *likely*: that the account holds the bill, as far as the customer's own *learned_from* debits tell. *salary*: days
    of the month on which money most likely comes. *asked_share* is below 1 where only a part was asked.
    """

    tried_at: datetime
    due_on: date
    due_minor: int
    amount_minor: int
    state: DebitState
    code: str | None
    policy: str
    because: Because
    try_number: int
    tries_left: int
    likely: float
    last: Ended | None
    salary: tuple[SalaryDay, ...]
    later: list[LaterHour]
    learned_from: int
    asked_share: float


class CollectionTries(msgspec.Struct, frozen=True):
    """A line's tries, latest first."""

    data: list[CollectionTryShown]


@reads("/v1/lines/{line_id:str}/collection_tries", by=[C, O], scope=Scope.LINE_READ, refuses=[LineUnknown])
async def list_collection_tries(call: Call, line_id: LineInPath, limit: Limit = paging.PAGE_DEFAULT) -> CollectionTries:
    """List when a line's bills were debited automatically, and why at those hours."""
    wanted = read_id(ids.LINE, line_id)
    async with call.db.begin() as tx:
        line = await ledger.line(tx, wanted)
        call.require_own(LineUnknown, customer_id=line.customer_id)
        found = await autopaying.tries_of(tx, wanted, limit)
        shown = [_shown(each, await payments.latest_attempt(tx, each.order_id)) for each in found]
    return CollectionTries(shown)


def _shown(found: CollectionTry, debit: Debit) -> CollectionTryShown:
    why = found.why
    return CollectionTryShown(
        tried_at=found.tried_at,
        due_on=found.due_on,
        due_minor=found.due_minor,
        amount_minor=found.amount_minor,
        state=debit.state,
        code=debit.code,
        policy=why.policy,
        because=why.because,
        try_number=why.try_number,
        tries_left=why.tries_left,
        likely=why.likely,
        last=why.last,
        salary=why.salary,
        later=[LaterHour(at, likely) for at, likely in why.later],
        learned_from=why.learned_from,
        asked_share=why.asked_share,
    )


ROUTES = [list_collection_tries]
