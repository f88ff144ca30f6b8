"""API keys: issued, rotated, revoked. They live by the real clock, on a test clock too."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import AnySubject, IdempotencyKey, Instant, KeyInPath, SubjectId, Text
from tiao.api.operation import M, O, ends, makes, reads
from tiao.api.services import Call
from tiao.api.whereabouts import bucket_named
from tiao.identity import actions as identity
from tiao.identity.refusals import CustomerUnknown
from tiao.partners import actions as partners
from tiao.partners.actions import GRACE
from tiao.partners.model import ApiKey, IssuedKey, Role
from tiao.partners.refusals import (
    KeyEnded,
    KeyUnknown,
    MerchantUnknown,
    OwnIntroduction,
    ScopeMissing,
    ScopeNotForRole,
    ScopeUnknown,
)
from tiao.partners.rules import is_waiting
from tiao.partners.scopes import TEAM_ROLES, Scope, default_scopes
from tiao.runtime.db import Tx
from tiao.values.ids import MalformedId, read_id, show_id
from tiao.values.moment import Moment

_PREFIX = {Role.CONSUMER: ids.CUSTOMER, Role.MERCHANT: ids.MERCHANT, Role.OPERATOR: ids.OPERATOR}
GRACE_SECONDS_MAX = 30 * 86_400


class KeyAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to issue. Without *scopes* it gets those its role has by default; an operator needs no *subject*.

    For an operator *label* is a person's name: the same name is the same person.
    """

    role: Role
    label: Text
    subject: SubjectId | None = None
    scopes: Annotated[list[str], msgspec.Meta(max_length=64)] | None = None
    expires_at: Instant | None = None


class RotationAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the old key goes on opening."""

    grace_seconds: Annotated[int, msgspec.Meta(ge=0, le=GRACE_SECONDS_MAX)] = int(GRACE.total_seconds())


class KeyShown(msgspec.Struct, frozen=True):
    """A key without its token, of which only the digest is kept."""

    id: str
    role: Role
    subject: SubjectId
    scopes: list[str]
    label: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    #: Who issued an operator's key in another's name and who else confirmed it; until then it waits, and only reads.
    issued_by: str | None
    confirmed_by: str | None
    is_waiting: bool


class KeyIssued(msgspec.Struct, frozen=True):
    """A new key; its token is not shown again."""

    key: KeyShown
    token: str


class KeyList(msgspec.Struct, frozen=True):
    """The keys of one subject, oldest first, ended ones included."""

    data: list[KeyShown]


class TeamRoleShown(msgspec.Struct, frozen=True):
    """What somebody of a team does, as the scopes of the key to issue."""

    name: str
    scopes: list[str]


class TeamRoleList(msgspec.Struct, frozen=True):
    """The roles of a team."""

    data: list[TeamRoleShown]


@makes(
    "/v1/api_keys",
    by=[M, O],
    scope=Scope.KEYS_WRITE,
    refuses=[ScopeUnknown, ScopeNotForRole, MerchantUnknown, CustomerUnknown],
)
async def issue_key(call: Call, data: JSONBody[KeyAsked], key: IdempotencyKey) -> Response[KeyIssued]:
    """Issue a key. Nobody gives away a right it does not have itself to a key of its own role.

    An operator's key issued in another's name only reads until a second operator has confirmed it.
    """
    call = call._replace(bucket=bucket_named(data.subject))

    async def work(tx: Tx, _now: Moment) -> KeyIssued:
        now = await call.services.real_moment(tx)
        subject = await _subject(tx, call, data, now)
        if data.role is Role.CONSUMER:
            await identity.customer(tx, subject)
        _check_rights(call, data.role, default_scopes(data.role) if data.scopes is None else data.scopes)
        issued = await partners.issue_key(
            tx,
            now,
            role=data.role,
            subject_id=subject,
            label=data.label,
            random_bytes=call.services.random_bytes,
            scopes=data.scopes,
            expires_at=data.expires_at,
            by=_operator(call),
        )
        return key_issued(issued)

    answer = await once(call, key, data, work)
    await call.services.shards.spread()
    return answer


@reads("/v1/api_keys", by=[M, O], scope=Scope.KEYS_WRITE, refuses=[KeyUnknown])
async def list_keys(call: Call, subject: AnySubject = None) -> KeyList:
    """List the keys of a subject, by default the caller's own."""
    wanted = call.caller.subject_id if subject is None else ids.read_any_id(subject, tuple(_PREFIX.values()))
    if not call.is_operator and wanted != call.caller.subject_id:
        raise KeyUnknown
    async with call.db.begin() as tx:
        return KeyList([key_shown(each) for each in await partners.keys_of(tx, wanted)])


@reads("/v1/team_roles", by=[M, O], scope=Scope.KEYS_WRITE)
async def list_team_roles(call: Call) -> TeamRoleList:
    """List what people of the caller's kind of team do, each as the scopes to begin a key with."""
    roles = TEAM_ROLES[call.caller.role]
    return TeamRoleList([TeamRoleShown(name, [scope.value for scope in scopes]) for name, scopes in roles.items()])


@ends("/v1/api_keys/{key_id:str}", by=[M, O], scope=Scope.KEYS_WRITE, refuses=[KeyUnknown])
async def revoke_key(call: Call, key_id: KeyInPath) -> KeyShown:
    """End a key at once. Another process of the server may let it in for one more second."""
    call = await _where_it_is(call, key_id)
    async with call.db.begin() as tx:
        found = await _own_key(tx, call, key_id)
        ended = await partners.revoke_key(tx, await call.services.real_moment(tx), found.id)
    await call.services.shards.spread()
    call.services.keyring.forget()
    return key_shown(ended)


@makes("/v1/api_keys/{key_id:str}/rotation", by=[M, O], scope=Scope.KEYS_WRITE, refuses=[KeyUnknown, KeyEnded])
async def rotate_key(
    call: Call, key_id: KeyInPath, data: JSONBody[RotationAsked], key: IdempotencyKey
) -> Response[KeyIssued]:
    """Issue a successor with the same rights; the old key goes on opening for a while."""
    call = await _where_it_is(call, key_id)

    async def work(tx: Tx, _now: Moment) -> KeyIssued:
        found = await _own_key(tx, call, key_id)
        _check_rights(call, found.role, found.scopes)
        issued = await partners.rotate_key(
            tx,
            await call.services.real_moment(tx),
            found.id,
            random_bytes=call.services.random_bytes,
            grace=timedelta(seconds=data.grace_seconds),
            by=_operator(call),
        )
        return key_issued(issued)

    answer = await once(call, key, data, work)
    await call.services.shards.spread()
    call.services.keyring.forget()
    return answer


@makes(
    "/v1/api_keys/{key_id:str}/confirmation",
    by=[O],
    scope=Scope.KEYS_WRITE,
    status=200,
    refuses=[KeyUnknown, OwnIntroduction, KeyEnded],
)
async def confirm_key(call: Call, key_id: KeyInPath, key: IdempotencyKey) -> Response[KeyShown]:
    """Say, as somebody else than its issuer, that an operator's key is in the hands of whom it names."""
    call = await _where_it_is(call, key_id)

    async def work(tx: Tx, _now: Moment) -> KeyShown:
        now = await call.services.real_moment(tx)
        return key_shown(await partners.confirm_key(tx, now, read_id(ids.KEY, key_id), by=call.caller.subject_id))

    answer = await once(call, key, None, work, status=200)
    await call.services.shards.spread()
    call.services.keyring.forget()
    return answer


def key_shown(key: ApiKey) -> KeyShown:
    """Show a key on the wire."""
    return KeyShown(
        id=show_id(ids.KEY, key.id),
        role=key.role,
        subject=show_id(_PREFIX[key.role], key.subject_id),
        scopes=key.scopes,
        label=key.label,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        issued_by=None if key.issued_by is None else show_id(ids.OPERATOR, key.issued_by),
        confirmed_by=None if key.confirmed_by is None else show_id(ids.OPERATOR, key.confirmed_by),
        is_waiting=is_waiting(key),
    )


def key_issued(issued: IssuedKey) -> KeyIssued:
    """Show a new key with its token."""
    return KeyIssued(key_shown(issued.key), issued.token)


async def _where_it_is(call: Call, key_id: str) -> Call:
    """Say where a key lies: a consumer's where the customer lives, which its id tells, any other at home."""
    wanted = read_id(ids.KEY, key_id)
    there = call.about(wanted)
    if call.services.shards.is_several:
        async with there.db.begin() as tx:
            try:
                is_consumers = (await partners.key(tx, wanted)).role is Role.CONSUMER
            except KeyUnknown:
                is_consumers = False
        return there if is_consumers else call
    return call


def _operator(call: Call) -> UUID | None:
    return call.caller.subject_id if call.is_operator else None


async def _own_key(tx: Tx, call: Call, key_id: str) -> ApiKey:
    found = await partners.key(tx, read_id(ids.KEY, key_id))
    if not call.is_operator and found.subject_id != call.caller.subject_id:
        raise KeyUnknown
    return found


async def _subject(tx: Tx, call: Call, data: KeyAsked, now: Moment) -> UUID:
    """Find in whose name the key will call; a merchant issues keys to itself only."""
    if data.subject is None:
        if data.role is Role.OPERATOR and call.is_operator:
            return await partners.operator_for_key(tx, now, data.label)
        if data.role is call.caller.role:
            return call.caller.subject_id
        raise MalformedId(f"a key of a {data.role.value} needs its subject", pointer="/subject")
    subject = read_id(_PREFIX[data.role], data.subject)
    if not call.is_operator and (data.role is not call.caller.role or subject != call.caller.subject_id):
        raise MerchantUnknown
    return subject


def _check_rights(call: Call, role: Role, scopes: Collection[str]) -> None:
    if role is call.caller.role and not call.caller.scopes.issuperset(scopes):
        lacking = sorted(set(scopes) - call.caller.scopes)
        known = {scope.value for scope in Scope}
        if known.issuperset(lacking):
            raise ScopeMissing(f"your own key lacks {', '.join(lacking)}", scope=lacking[0])


ROUTES = [issue_key, list_keys, revoke_key, rotate_key, confirm_key, list_team_roles]
