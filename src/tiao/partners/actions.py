"""What can be done with merchants and API keys, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from tiao.partners import rules, store
from tiao.partners.model import ApiKey, IssuedKey, Merchant, MerchantStatus, NewMerchant, Principal, Role
from tiao.partners.refusals import (
    KeyEnded,
    KeyUnknown,
    MerchantTerminated,
    MerchantUnknown,
    OperatorUnknown,
    TokenExpired,
    TokenRevoked,
    TokenUnknown,
)
from tiao.partners.scopes import Scope, default_scopes
from tiao.runtime.db import Tx
from tiao.runtime.secrets import token_hash
from tiao.values.ids import bucket_of, read_id
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

#: What an operator's id begins with.
_OPERATOR = "opr"

#: How long the old key goes on opening after a rotation, unless told otherwise.
GRACE = timedelta(days=1)
#: How long a company may go on with its application by one key.
APPLICANT_KEY_TIME = timedelta(days=90)


async def create_merchant(tx: Tx, now: Moment, new: NewMerchant) -> Merchant:
    """Take on a merchant. Refuses: MerchantTermsInvalid."""
    terms = rules.checked_terms(new)
    merchant = Merchant(
        id=now.new_id(),
        name=terms.name.strip(),
        category=terms.category.strip(),
        currency=terms.currency,
        discount_rate=terms.discount_rate,
        payout_account=terms.payout_account.strip(),
        status=MerchantStatus.ACTIVE,
        joined_at=now.at,
    )
    await store.insert_merchant(tx, merchant)
    return merchant


async def merchant(tx: Tx, merchant_id: UUID) -> Merchant:
    """Read one merchant. Refuses: MerchantUnknown."""
    found = await store.read_merchants(tx, [merchant_id])
    if not found:
        raise MerchantUnknown
    return found[0]


async def merchants(tx: Tx, merchant_ids: Sequence[UUID]) -> dict[UUID, Merchant]:
    """Read merchants by id; those that are unknown are left out."""
    return {found.id: found for found in await store.read_merchants(tx, merchant_ids)}


async def merchants_after(tx: Tx, after: UUID | None = None, *, count: int) -> list[Merchant]:
    """Read a page of merchants in the order in which they joined."""
    return await store.read_merchants_after(tx, after or UUID(int=0), count)


async def suspend_merchant(tx: Tx, merchant_id: UUID) -> bool:
    """Let nothing new be bought at a merchant; tell whether that is new.

    Refuses: MerchantUnknown, MerchantTerminated.
    """
    return await _set_status(tx, merchant_id, MerchantStatus.SUSPENDED)


async def reinstate_merchant(tx: Tx, merchant_id: UUID) -> bool:
    """Let a merchant sell again; tell whether that is new. Refuses: MerchantUnknown, MerchantTerminated."""
    return await _set_status(tx, merchant_id, MerchantStatus.ACTIVE)


async def terminate_merchant(tx: Tx, merchant_id: UUID) -> bool:
    """End a merchant's contract: nothing new is bought, it is paid what it is owed. Again changes nothing.

    Refuses: MerchantUnknown.
    """
    if (await merchant(tx, merchant_id)).status is MerchantStatus.TERMINATED:
        return False
    return await _set_status(tx, merchant_id, MerchantStatus.TERMINATED)


async def _set_status(tx: Tx, merchant_id: UUID, status: MerchantStatus) -> bool:
    before = (await merchant(tx, merchant_id)).status
    if before is MerchantStatus.TERMINATED:
        raise MerchantTerminated
    if before is not status:
        await store.update_merchant_status(tx, merchant_id, status)
    return before is not status


async def agree_discount(tx: Tx, merchant_id: UUID, discount_rate: Decimal) -> None:
    """Agree another discount rate for sales to come. Refuses: MerchantTermsInvalid, MerchantUnknown."""
    if await store.update_discount_rate(tx, merchant_id, rules.checked_discount(discount_rate)) != 1:
        raise MerchantUnknown


async def issue_key(  # noqa: PLR0913  each is a column of the key
    tx: Tx,
    now: Moment,
    *,
    role: Role,
    subject_id: UUID,
    label: str,
    random_bytes: Callable[[int], bytes],
    scopes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
    by: UUID | None = None,
) -> IssuedKey:
    """Issue a key; the token in the answer is shown once and never again. Without scopes it gets its role's own.

    One that operator *by* issues in another operator's name waits until a second one has confirmed it.

    Refuses: ScopeUnknown, ScopeNotForRole, MerchantUnknown for a merchant's key.
    """
    if role is Role.MERCHANT:
        await merchant(tx, subject_id)
    return await _issued(
        tx,
        now,
        role=role,
        subject_id=subject_id,
        label=label,
        random_bytes=random_bytes,
        scopes=default_scopes(role) if scopes is None else scopes,
        expires_at=expires_at,
        issued_by=rules.issuer(role, subject_id, by),
    )


async def issue_applicant_key(
    tx: Tx, now: Moment, application_id: UUID, *, label: str, random_bytes: Callable[[int], bytes]
) -> IssuedKey:
    """Issue the key with which a company goes on with its application; it opens nothing else, and not for ever."""
    return await _issued(
        tx,
        now,
        role=Role.MERCHANT,
        subject_id=application_id,
        label=label,
        random_bytes=random_bytes,
        scopes=[Scope.ONBOARDING_WRITE.value],
        expires_at=now.at + APPLICANT_KEY_TIME,
    )


async def _issued(  # noqa: PLR0913  each is a column of the key
    tx: Tx,
    now: Moment,
    *,
    role: Role,
    subject_id: UUID,
    label: str,
    random_bytes: Callable[[int], bytes],
    scopes: Sequence[str],
    expires_at: datetime | None,
    issued_by: UUID | None = None,
) -> IssuedKey:
    key = ApiKey(
        id=now.new_id(_bucket(role, subject_id)),
        role=role,
        subject_id=subject_id,
        scopes=rules.allowed_scopes(role, scopes),
        label=label,
        created_at=now.at,
        expires_at=expires_at,
        revoked_at=None,
        issued_by=issued_by,
    )
    return await _kept(tx, key, random_bytes)


async def _issued_like(tx: Tx, now: Moment, key: ApiKey, random_bytes: Callable[[int], bytes]) -> IssuedKey:
    """Issue a key as *key* says, who stands behind it included."""
    if key.role is Role.MERCHANT:
        await merchant(tx, key.subject_id)
    another = msgspec.structs.replace(
        key,
        id=now.new_id(_bucket(key.role, key.subject_id)),
        scopes=rules.allowed_scopes(key.role, key.scopes),
        created_at=now.at,
        revoked_at=None,
    )
    return await _kept(tx, another, random_bytes)


async def _kept(tx: Tx, key: ApiKey, random_bytes: Callable[[int], bytes]) -> IssuedKey:
    token = rules.new_token(key.role, random_bytes, _bucket(key.role, key.subject_id))
    await store.insert_key(tx, key, token_hash(token))
    return IssuedKey(key, token)


def _bucket(role: Role, subject_id: UUID) -> int | None:
    return bucket_of(subject_id) if role is Role.CONSUMER else None


async def authenticate(tx: Tx, token: str, at: datetime) -> Principal:
    """Find out who is calling. Refuses: TokenUnknown, TokenExpired, TokenRevoked."""
    (caller,) = await authenticate_all(tx, [token], at)
    if isinstance(caller, Refusal):
        raise caller
    return caller


async def authenticate_all(tx: Tx, tokens: Sequence[str], at: datetime) -> list[Principal | Refusal]:
    """Find out who is calling with each of several tokens, in their order; what `authenticate` refuses is a value."""
    digests = {token: token_hash(token) for token in tokens if rules.is_token(token)}
    keys = await store.read_keys_of_digests(tx, list(digests.values()))
    callers: list[Principal | Refusal] = []
    for token in tokens:
        key = keys.get(digests[token]) if token in digests else None
        try:
            callers.append(TokenUnknown() if key is None else rules.principal(key, at))
        except (TokenExpired, TokenRevoked) as refusal:
            callers.append(refusal)
    return callers


async def keys_of(tx: Tx, subject_id: UUID) -> list[ApiKey]:
    """Read the keys of a consumer, merchant or operator, ended ones included."""
    return await store.read_keys_of_subject(tx, subject_id)


async def operator_for_key(tx: Tx, now: Moment, label: str) -> UUID:
    """Say in whose name an operator's new key calls: the same name is the same person, another is somebody new."""
    await store.lock_operator_name(tx, label)
    return await store.read_operator_named(tx, label) or now.new_id()


async def operator_names(tx: Tx) -> dict[UUID, str]:
    """Give the names that operators go by: each the label of a first key."""
    return await store.read_operator_names(tx)


async def operator(tx: Tx, now: Moment, who: str) -> UUID:
    """Find an operator by the name on a key, by id or by a key of theirs; one of their keys must open and not wait.

    Refuses: OperatorUnknown, MalformedId; TokenUnknown, TokenExpired, TokenRevoked, KeyWaits.
    """
    if rules.is_token(who):
        caller = await authenticate(tx, who, now.at)
        if caller.role is not Role.OPERATOR:
            raise OperatorUnknown
        rules.check_changes(caller)
        return caller.subject_id
    named = read_id(_OPERATOR, who) if who.startswith(f"{_OPERATOR}_") else await store.read_operator_named(tx, who)
    keys = [] if named is None else await store.read_keys_of_subject(tx, named)
    is_open = any(
        each.role is Role.OPERATOR and not rules.has_ended(each, now.at) and not rules.is_waiting(each) for each in keys
    )
    if named is None or not is_open:
        raise OperatorUnknown(f"no operator {who} has a key that still opens")
    return named


async def key(tx: Tx, key_id: UUID) -> ApiKey:
    """Read a key and keep it from changing. Refuses: KeyUnknown."""
    found = await store.lock_key(tx, key_id)
    if found is None:
        raise KeyUnknown
    return found


async def revoke_key(tx: Tx, now: Moment, key_id: UUID) -> ApiKey:
    """End a key at once, and the sessions opened with it; one revoked before stays as it is. Refuses: KeyUnknown."""
    found = await key(tx, key_id)
    if found.revoked_at is not None:
        return found
    revoked = msgspec.structs.replace(found, revoked_at=now.at)
    await store.update_key_end(tx, revoked)
    return revoked


async def confirm_key(tx: Tx, now: Moment, key_id: UUID, *, by: UUID) -> ApiKey:
    """Stand behind a key that another operator issued, and the sessions opened with it; once is enough.

    Refuses: KeyUnknown, OwnIntroduction, KeyEnded.
    """
    found = await key(tx, key_id)
    rules.check_confirms(found, by, now.at)
    if not rules.is_waiting(found):
        return found
    await store.update_key_confirmed(tx, key_id, by)
    return msgspec.structs.replace(found, confirmed_by=by)


async def open_session(
    tx: Tx, now: Moment, key_id: UUID, *, label: str, until: datetime, random_bytes: Callable[[int], bytes]
) -> IssuedKey:
    """Issue a key for a browser with the rights of another key, which it does not outlive.

    Refuses: KeyUnknown, TokenRevoked.
    """
    given = await key(tx, key_id)
    if given.revoked_at is not None:
        raise TokenRevoked
    ends = until if given.expires_at is None else min(until, given.expires_at)
    wanted = msgspec.structs.replace(given, label=label, expires_at=ends)
    issued = await _issued_like(tx, now, wanted, random_bytes)
    await store.insert_session(tx, issued.key.id, key_id)
    return issued


async def rotate_key(
    tx: Tx,
    now: Moment,
    key_id: UUID,
    *,
    random_bytes: Callable[[int], bytes],
    grace: timedelta = GRACE,
    by: UUID | None = None,
) -> IssuedKey:
    """Issue a successor with the same rights; the old key goes on opening for *grace*, or less if it ends sooner.

    Whoever rotates gets the token: a successor that operator *by* takes of another's key waits as a new one does.

    Refuses: KeyUnknown, KeyEnded.
    """
    assert grace >= timedelta(0), "a grace is not negative"
    old = await key(tx, key_id)
    if rules.has_ended(old, now.at):
        raise KeyEnded
    end = now.at + grace if old.expires_at is None else min(old.expires_at, now.at + grace)
    await store.update_key_end(tx, msgspec.structs.replace(old, expires_at=end))
    successor = msgspec.structs.replace(old, expires_at=None)
    taker = rules.issuer(old.role, old.subject_id, by)
    if taker is not None:
        successor = msgspec.structs.replace(successor, issued_by=taker, confirmed_by=None)
    return await _issued_like(tx, now, successor, random_bytes)
