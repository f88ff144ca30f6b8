"""Operators: who they are, what they may do and did; what is masked is seen, and lists are taken out, with a reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import AnySubject, CustomerInPath, IdempotencyKey, Text
from tiao.api.operation import O, makes, reads
from tiao.api.paging import LAST_ID, PAGE_DEFAULT, After, ByTime, Limit, cut, place_of
from tiao.api.refusals import CursorInvalid
from tiao.api.routes.keys import KeyShown, key_shown
from tiao.api.services import Call
from tiao.identity import actions as identity
from tiao.identity.refusals import CustomerUnknown
from tiao.partners import actions as partners
from tiao.partners.model import Role
from tiao.partners.scopes import SCOPES, Scope
from tiao.partners.trail import actions as trail
from tiao.partners.trail.model import Act, Did
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldUnreadable
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

_LATEST = datetime(9999, 1, 1, tzinfo=UTC)

About = Annotated[
    str | None, QueryParameter(pattern="^[a-z]{3}_[0-9a-f]{32}$", description="An id that the operation names.")
]
DidAsked = Annotated[Did | None, QueryParameter(name="did", description="One sort of act.")]


class OperatorShown(msgspec.Struct, frozen=True):
    """A person, by the label of the first key, with every key that was issued in that name."""

    id: str
    name: str
    keys: list[KeyShown]


class ScopeShown(msgspec.Struct, frozen=True):
    """A right that an operator's key may have, and whether it has it when nothing is asked for."""

    scope: str
    text: str
    is_default: bool


class TeamShown(msgspec.Struct, frozen=True):
    """Everybody who works here, and every right there is."""

    data: list[OperatorShown]
    scopes: list[ScopeShown]


class ActShown(msgspec.Struct, frozen=True):
    """What an operator did, when, by which key, and why."""

    id: str
    at: datetime
    operator: str
    key: str
    did: Did
    operation: str
    reason: str | None


class ActPage(msgspec.Struct, frozen=True):
    """What operators did, latest first."""

    data: list[ActShown]
    has_more: bool
    next: str | None


class RevealAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why somebody must see it."""

    reason: Text


class PersonShown(msgspec.Struct, frozen=True):
    """A person, unmasked."""

    name: str
    identity_number: str
    phone: str


class ExportNoted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which list is taken out, how it was narrowed, how many rows, and why."""

    list: Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,40}$")]
    filters: Annotated[str, msgspec.Meta(max_length=300, pattern=r"^[^\u0000-\u001f\u007f]*$")]
    rows: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    reason: Text


class ExportMark(msgspec.Struct, frozen=True):
    """What the file bears, so that it can be told whose it was."""

    mark: str
    at: datetime


@reads("/v1/operators", by=[O], scope=Scope.KEYS_WRITE)
async def list_operators(call: Call) -> TeamShown:
    """List everybody who works here with their keys, ended ones included; sessions of browsers are keys too."""
    async with call.services.platform.db.begin() as tx:
        names = await partners.operator_names(tx)
        keys = {each: await partners.keys_of(tx, each) for each in names}
    team = [
        OperatorShown(show_id(ids.OPERATOR, each), name, [key_shown(key) for key in keys[each]])
        for each, name in names.items()
    ]
    rights = [
        ScopeShown(scope.value, row.text, Role.OPERATOR in row.default_for)
        for scope, row in SCOPES.items()
        if Role.OPERATOR in row.allowed_to
    ]
    return TeamShown(sorted(team, key=lambda each: each.name), rights)


@reads("/v1/operator_acts", by=[O], scope=Scope.AUDIT_READ, refuses=[CursorInvalid])
async def list_operator_acts(
    call: Call,
    subject: AnySubject = None,
    did: DidAsked = None,
    about: About = None,
    limit: Limit = PAGE_DEFAULT,
    after: After = None,
) -> ActPage:
    """List who changed, saw and exported what, latest first, on every server."""
    place = place_of(after, ByTime)
    before = (_LATEST, LAST_ID) if place is None else (place.at, place.id)
    wanted: UUID | None = None if subject is None else ids.read_any_id(subject, (ids.OPERATOR,))
    found: list[Act] = []
    for platform in call.services.shards.all():
        async with platform.db.begin() as tx:
            found += await trail.acts(tx, operator_id=wanted, did=did, about=about, before=before, limit=limit + 1)
    found.sort(key=lambda each: (each.at, each.id), reverse=True)
    page = cut(found, limit, lambda each: ByTime(each.at, each.id))
    return ActPage([_act_shown(each) for each in page.items], page.has_more, page.next)


@makes(
    "/v1/customers/{customer_id:str}/reveal",
    by=[O],
    scope=Scope.PERSONS_READ,
    status=200,
    refuses=[CustomerUnknown, FieldUnreadable],
)
async def reveal_customer(
    call: Call, customer_id: CustomerInPath, data: JSONBody[RevealAsked], key: IdempotencyKey
) -> Response[PersonShown]:
    """Show a customer unmasked. Who saw it, when and why is kept."""
    wanted = read_id(ids.CUSTOMER, customer_id)

    async def work(tx: Tx, _now: Moment) -> PersonShown:
        person = identity.revealed(call.platform.vault, await identity.customer(tx, wanted))
        return PersonShown(person.name, person.identity_number, person.phone)

    return await once(call, key, data, work, status=200, did=Did.SAW)


@makes("/v1/exports", by=[O], scope=Scope.EXPORTS_WRITE)
async def note_export(call: Call, data: JSONBody[ExportNoted], key: IdempotencyKey) -> Response[ExportMark]:
    """Note that a list is taken out, and give what its file bears. Who took it, when and why is kept."""
    filters = f"?{data.filters}" if data.filters else ""
    call = call._replace(bucket=None, operation=f"{call.operation} {data.list}{filters} ({data.rows})")

    async def work(_tx: Tx, now: Moment) -> ExportMark:
        return ExportMark(f"{call.person} {now.at.isoformat()}", now.at)

    return await once(call, key, data, work, did=Did.EXPORTED)


def _act_shown(act: Act) -> ActShown:
    return ActShown(
        id=act.id.hex,
        at=act.at,
        operator=show_id(ids.OPERATOR, act.operator_id),
        key=show_id(ids.KEY, act.key_id),
        did=Did(act.did),
        operation=act.operation,
        reason=act.reason,
    )


ROUTES = [list_operators, list_operator_acts, reveal_customer, note_export]
