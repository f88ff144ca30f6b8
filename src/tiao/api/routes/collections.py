"""What is overdue, and what was said about it: the worklist, with its guards shown and enforced."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import AmountMinor, Currency, IdempotencyKey, LineInPath, Text
from tiao.api.operation import O, makes, reads
from tiao.api.paging import PAGE_DEFAULT, After, ByLateness, Limit, cut, place_of
from tiao.api.refusals import CursorInvalid
from tiao.api.services import Call
from tiao.identity import actions as identity
from tiao.partners.scopes import Scope
from tiao.policy.refusals import ContactAttemptsExhausted, ContactInQuietHours
from tiao.runtime.db import Tx
from tiao.servicing.collecting import actions as collecting
from tiao.servicing.collecting import rules
from tiao.servicing.collecting.model import (
    Blocker,
    Channel,
    ContactMade,
    ContactOutcome,
    Guards,
    LateLine,
    PromiseState,
    Said,
)
from tiao.servicing.collecting.refusals import CollectingBarred, NothingOverdue, PromiseIncomplete
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

DaysFrom = Annotated[int, QueryParameter(ge=1, le=3_650, description="At least so many days past due.")]
DaysTo = Annotated[int | None, QueryParameter(ge=1, le=3_650, description="At most so many days past due.")]


class ContactGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came of an attempt; a promise has an amount and a day."""

    channel: Channel
    outcome: ContactOutcome
    #: Which script was followed.
    script: Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]{1,40}$")]
    note: Text
    promise_minor: AmountMinor | None = None
    promise_on: date | None = None


class ContactShown(msgspec.Struct, frozen=True):
    """An attempt to reach somebody; *promise_state* where one was given."""

    id: str
    line: str
    channel: Channel
    outcome: ContactOutcome
    script: str
    note: str
    promise_minor: int | None
    promise_on: date | None
    promise_state: PromiseState | None
    paid_since_minor: int
    operator: str
    at: datetime


class ContactList(msgspec.Struct, frozen=True):
    """The contacts about a line, latest first, the latest two hundred."""

    data: list[ContactShown]


class GuardsShown(msgspec.Struct, frozen=True):
    """What the rules say of contacts now; times are where the debtor is."""

    quiet_from: str | None
    quiet_to: str | None
    is_quiet: bool
    attempts_max: int | None


class LateLineShown(msgspec.Struct, frozen=True):
    """A line that is overdue. *attempts_today* reached nobody; *blocked_by* bars collecting altogether."""

    line: str
    customer: str
    name: str
    phone: str
    currency: Currency
    overdue_minor: int
    oldest_due_on: date
    days_past_due: int
    last_contact_at: datetime | None
    attempts_today: int
    promise_minor: int | None
    promise_on: date | None
    blocked_by: list[Blocker]
    may_be_contacted: bool


class LateLinePage(msgspec.Struct, frozen=True):
    """A page of what is overdue, the longest first, under the guards of this moment."""

    guards: GuardsShown
    data: list[LateLineShown]
    has_more: bool
    next: str | None


@reads("/v1/collections", by=[O], scope=Scope.COLLECTIONS_WRITE, refuses=[CursorInvalid])
async def list_late_lines(
    call: Call, days_from: DaysFrom = 1, days_to: DaysTo = None, limit: Limit = PAGE_DEFAULT, after: After = None
) -> LateLinePage:
    """List lines that owe something past its due date, the longest first, with whether anybody may be contacted now."""
    place = place_of(after, ByLateness)
    found: list[tuple[LateLine, LateLineShown]] = []
    guards: Guards | None = None
    for platform in call.services.shards.all():
        async with platform.db.begin() as tx:
            now = await platform.moments(tx)
            guards = _guards(call, now)
            late = await collecting.late_lines(
                tx, now.today, days_from=days_from, days_to=days_to, after=place, limit=limit + 1
            )
            people = await identity.customers(tx, [each.customer_id for each in late])
        masked = {key: identity.masked(platform.vault, each) for key, each in people.items()}
        for each in late:
            person = masked[each.customer_id]
            found.append((each, _late_shown(each, person.name, person.phone, guards, now.today)))
    assert guards is not None, "there is a server"
    found.sort(key=lambda each: (each[0].oldest_due_on, each[0].line_id))
    page = cut(found, limit, lambda each: ByLateness(each[0].oldest_due_on, each[0].line_id))
    return LateLinePage(_guards_shown(guards), [each[1] for each in page.items], page.has_more, page.next)


@reads("/v1/lines/{line_id:str}/contacts", by=[O], scope=Scope.COLLECTIONS_WRITE)
async def list_contacts(call: Call, line_id: LineInPath) -> ContactList:
    """List the contacts about what a line owes, with what became of promises."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        found = await collecting.contacts_of(tx, read_id(ids.LINE, line_id))
    return ContactList([_contact_shown(each, now.today) for each in found])


@makes(
    "/v1/lines/{line_id:str}/contacts",
    by=[O],
    scope=Scope.COLLECTIONS_WRITE,
    refuses=[NothingOverdue, CollectingBarred, ContactInQuietHours, ContactAttemptsExhausted, PromiseIncomplete],
)
async def record_contact(
    call: Call, line_id: LineInPath, data: JSONBody[ContactGiven], key: IdempotencyKey
) -> Response[ContactShown]:
    """Write down an attempt to reach somebody. What the rules forbid now is refused: ask before dialling."""
    platform = call.platform
    said = Said(data.channel, data.outcome, data.script, data.note, data.promise_minor, data.promise_on)

    async def work(tx: Tx, now: Moment) -> ContactShown:
        made = await collecting.record(
            tx,
            now,
            read_id(ids.LINE, line_id),
            said,
            operator=call.person,
            zone=platform.programme.zone,
            pack=platform.book.pack,
            lender_type=platform.programme.lender_type,
        )
        return _contact_shown(made, now.today)

    return await once(call, key, data, work)


def _guards(call: Call, now: Moment) -> Guards:
    programme = call.platform.programme
    return rules.guards_of(now.at, zone=programme.zone, pack=call.platform.book.pack, lender_type=programme.lender_type)


def _guards_shown(guards: Guards) -> GuardsShown:
    shown = [None if each is None else each.isoformat("minutes") for each in (guards.quiet_from, guards.quiet_to)]
    return GuardsShown(shown[0], shown[1], guards.is_quiet, guards.attempts_max)


def _late_shown(line: LateLine, name: str, phone: str, guards: Guards, today: date) -> LateLineShown:
    barring = rules.blocked_by(line, guards)
    is_used_up = guards.attempts_max is not None and line.unanswered >= guards.attempts_max
    return LateLineShown(
        line=show_id(ids.LINE, line.line_id),
        customer=show_id(ids.CUSTOMER, line.customer_id),
        name=name,
        phone=phone,
        currency=line.currency,
        overdue_minor=line.overdue_minor,
        oldest_due_on=line.oldest_due_on,
        days_past_due=(today - line.oldest_due_on).days,
        last_contact_at=line.last_contact_at,
        attempts_today=line.unanswered,
        promise_minor=line.promise_minor,
        promise_on=line.promise_on,
        blocked_by=barring,
        may_be_contacted=not (barring or guards.is_quiet or is_used_up),
    )


def _contact_shown(made: ContactMade, today: date) -> ContactShown:
    contact = made.contact
    state = None
    if contact.promise_minor is not None and contact.promise_on is not None:
        state = rules.promise_state(contact.promise_minor, contact.promise_on, paid_minor=made.paid_minor, today=today)
    return ContactShown(
        id=show_id(ids.CONTACT, contact.id),
        line=show_id(ids.LINE, contact.line_id),
        channel=contact.channel,
        outcome=contact.outcome,
        script=contact.script,
        note=contact.note,
        promise_minor=contact.promise_minor,
        promise_on=contact.promise_on,
        promise_state=state,
        paid_since_minor=made.paid_minor,
        operator=contact.operator,
        at=contact.at,
    )


ROUTES = [list_late_lines, list_contacts, record_contact]
