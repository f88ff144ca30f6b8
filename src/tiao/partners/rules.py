"""What partners decides: the form of tokens, who may hold which scope, whether a key opens, a merchant's terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from tiao.partners.model import ApiKey, Merchant, MerchantStatus, NewMerchant, Principal, Role
from tiao.partners.refusals import (
    KeyEnded,
    KeyWaits,
    MerchantSuspended,
    MerchantTermsInvalid,
    OwnIntroduction,
    ScopeMissing,
    ScopeNotForRole,
    ScopeUnknown,
    TokenExpired,
    TokenRevoked,
)
from tiao.partners.scopes import SCOPES, Scope
from tiao.values.ids import BUCKETS
from tiao.values.money import CURRENCY_DECIMALS

TOKEN_BYTES = 32
#: What 256 bits take in base 62; tokens are padded to one length.
_TOKEN_SIGNS = 43
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TOKEN = re.compile(rf"tiao_[cmo]_[0-9A-Za-z]{{{_TOKEN_SIGNS}}}")
#: The column holds numeric(9, 6); more decimals would be rounded away silently.
DISCOUNT_DECIMALS_MAX = 6
TEXT_SIGNS_MAX = 200


def new_token(role: Role, random_bytes: Callable[[int], bytes], bucket: int | None = None) -> str:
    """Make a token: what it opens, then 256 bits of chance in digits and letters, so that a double click selects it.

    A consumer's gives 8 of its bits to the customer's bucket, so that the key is found without asking every server.
    """
    number = int.from_bytes(random_bytes(TOKEN_BYTES), "big")
    if bucket is not None:
        number = number - number % BUCKETS + bucket
    signs = []
    for _ in range(_TOKEN_SIGNS):
        number, rest = divmod(number, 62)
        signs.append(_BASE62[rest])
    assert number == 0, "256 bits fit"
    return f"tiao_{role.value[0]}_{''.join(reversed(signs))}"


def is_token(text: str) -> bool:
    """Tell whether a text has the form of a token; nothing else is worth a look-up."""
    return _TOKEN.fullmatch(text) is not None


def bucket_of_token(text: str) -> int | None:
    """Tell in which bucket a consumer's key lies; None for other keys, which lie at home."""
    if not is_token(text) or text[5] != Role.CONSUMER.value[0]:
        return None
    number = 0
    for sign in text[-_TOKEN_SIGNS:]:
        number = number * 62 + _BASE62.index(sign)
    return number % BUCKETS


def allowed_scopes(role: Role, scopes: Sequence[str]) -> list[str]:
    """Check the scopes asked for, and give them once each in the list's order.

    Refuses: ScopeUnknown, ScopeNotForRole.
    """
    known = {scope.value for scope in Scope}
    for scope in scopes:
        if scope not in known:
            raise ScopeUnknown(f"there is no scope {scope!r}", pointer="/scopes", scope=scope)
        if role not in SCOPES[Scope(scope)].allowed_to:
            raise ScopeNotForRole(f"a {role.value} cannot hold {scope}", pointer="/scopes", scope=scope)
    return [scope.value for scope in Scope if scope.value in set(scopes)]


def principal(key: ApiKey, at: datetime) -> Principal:
    """Open with a key. Refuses: TokenRevoked, TokenExpired."""
    if key.revoked_at is not None and key.revoked_at <= at:
        raise TokenRevoked
    if key.expires_at is not None and key.expires_at <= at:
        raise TokenExpired
    return Principal(key.id, key.role, key.subject_id, frozenset(key.scopes), is_waiting(key))


def is_waiting(key: ApiKey) -> bool:
    """Tell whether only its issuer says whose the key is: who issued it may be the one who holds it."""
    return key.issued_by is not None and key.confirmed_by is None


def issuer(role: Role, subject_id: UUID, by: UUID | None) -> UUID | None:
    """Say who has to be kept as a key's issuer: the operator *by*, unless the key is their own or no operator's."""
    return by if role is Role.OPERATOR and by != subject_id else None


def check_changes(caller: Principal) -> None:
    """Demand that two people stand behind who changes anything. Refuses: KeyWaits."""
    if caller.is_waiting:
        raise KeyWaits


def check_confirms(key: ApiKey, by: UUID, at: datetime) -> None:
    """Demand another pair of eyes on a key that opens. Refuses: OwnIntroduction, KeyEnded."""
    if key.issued_by == by:
        raise OwnIntroduction
    if has_ended(key, at):
        raise KeyEnded


def has_ended(key: ApiKey, at: datetime) -> bool:
    """Tell whether a key opens nothing any more."""
    return key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= at)


def require(caller: Principal, scope: Scope) -> None:
    """Demand a scope. Refuses: ScopeMissing."""
    if scope.value not in caller.scopes:
        raise ScopeMissing(f"the key lacks the scope {scope.value}", scope=scope.value)


def require_active(merchant: Merchant) -> Merchant:
    """Demand that a merchant may sell. Refuses: MerchantSuspended."""
    if merchant.status is not MerchantStatus.ACTIVE:
        raise MerchantSuspended
    return merchant


def checked_terms(new: NewMerchant) -> NewMerchant:
    """Check what is agreed with a merchant. Refuses: MerchantTermsInvalid, naming the field."""
    for field in ("name", "category", "payout_account"):
        text: str = getattr(new, field)
        if not text.strip() or len(text) > TEXT_SIGNS_MAX:
            raise MerchantTermsInvalid(f"{field} must have 1 to {TEXT_SIGNS_MAX} signs", pointer=f"/{field}")
    if new.currency not in CURRENCY_DECIMALS:
        raise MerchantTermsInvalid(f"the platform does not know the currency {new.currency!r}", pointer="/currency")
    checked_discount(new.discount_rate)
    return new


def checked_discount(rate: Decimal) -> Decimal:
    """Check a discount rate: 0 or more, below 1, kept exactly. Refuses: MerchantTermsInvalid."""
    exponent = rate.as_tuple().exponent
    if not rate.is_finite() or not isinstance(exponent, int) or not 0 <= rate < 1:
        raise MerchantTermsInvalid("the discount rate is a share from 0 to below 1", pointer="/discount_rate")
    if -exponent > DISCOUNT_DECIMALS_MAX:
        detail = f"the discount rate has at most {DISCOUNT_DECIMALS_MAX} decimals"
        raise MerchantTermsInvalid(detail, pointer="/discount_rate")
    return rate
