"""Tokens, scopes, keys and a merchant's terms."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import msgspec
import pytest

from tiao.partners import rules
from tiao.partners.model import ApiKey, Merchant, MerchantStatus, NewMerchant, Principal, Role
from tiao.partners.refusals import (
    MerchantSuspended,
    MerchantTermsInvalid,
    ScopeMissing,
    ScopeNotForRole,
    ScopeUnknown,
    TokenExpired,
    TokenRevoked,
)
from tiao.partners.scopes import SCOPES, TEAM_ROLES, Scope, default_scopes

AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
TERMS = NewMerchant("山脚书店", "books", "CNY", Decimal("0.006"), "6222-0001")


def _key(*, expires_at: datetime | None = None, revoked_at: datetime | None = None) -> ApiKey:
    scopes = [Scope.LINE_READ.value]
    return ApiKey(UUID(int=1), Role.CONSUMER, UUID(int=2), scopes, "phone", AT, expires_at, revoked_at)


@pytest.mark.parametrize(
    ("role", "head"), [(Role.CONSUMER, "tiao_c_"), (Role.MERCHANT, "tiao_m_"), (Role.OPERATOR, "tiao_o_")]
)
@pytest.mark.parametrize("chance", [b"\x00" * 32, b"\xff" * 32, Random(1).randbytes(32)])
def test_a_token_says_its_role_and_keeps_one_length(role: Role, head: str, chance: bytes) -> None:
    token = rules.new_token(role, lambda count: chance[:count])
    assert token.startswith(head)
    assert len(token) == len(head) + 43
    assert rules.is_token(token)


def test_other_chance_gives_another_token() -> None:
    random = Random(7)
    assert len({rules.new_token(Role.MERCHANT, random.randbytes) for _ in range(500)}) == 500


@pytest.mark.parametrize("text", ["", "tiao_x_" + "0" * 43, "tiao_m_" + "0" * 42, "tiao_m_" + "-" * 43, "m" * 10_000])
def test_what_is_no_token_is_not_looked_up(text: str) -> None:
    assert not rules.is_token(text)


def test_nobody_in_a_team_gets_what_its_role_may_not_hold() -> None:
    for role, team in TEAM_ROLES.items():
        for name, scopes in team.items():
            assert len(set(scopes)) == len(scopes), name
            assert all(role in SCOPES[scope].allowed_to for scope in scopes), name
    assert Scope.KEYS_WRITE in TEAM_ROLES[Role.MERCHANT]["owner"]
    assert Scope.KEYS_WRITE not in TEAM_ROLES[Role.MERCHANT]["service"]


def test_every_scope_is_described_and_held_by_some_role() -> None:
    assert list(SCOPES) == list(Scope)
    for row in SCOPES.values():
        assert row.text.endswith(".")
        assert row.allowed_to
        assert row.default_for <= row.allowed_to


def test_default_scopes_can_be_held_by_their_role() -> None:
    for role in Role:
        assert rules.allowed_scopes(role, default_scopes(role)) == list(default_scopes(role))


def test_nobody_sees_full_names_by_default_and_consumers_and_merchants_never() -> None:
    assert SCOPES[Scope.PERSONS_READ].default_for == frozenset()
    assert SCOPES[Scope.PERSONS_READ].allowed_to == {Role.OPERATOR}


def test_scopes_are_kept_once_in_the_order_of_the_list() -> None:
    assert rules.allowed_scopes(Role.CONSUMER, ["bills:read", "line:read", "bills:read"]) == ["line:read", "bills:read"]


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        (Role.OPERATOR, "everything", ScopeUnknown),
        (Role.CONSUMER, "refunds:write", ScopeNotForRole),
        (Role.MERCHANT, "repayments:write", ScopeNotForRole),
        (Role.MERCHANT, "clock:write", ScopeNotForRole),
        (Role.CONSUMER, "keys:write", ScopeNotForRole),
    ],
)
def test_a_scope_must_exist_and_fit_the_role(role: Role, scope: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.allowed_scopes(role, [scope])


def test_a_key_opens_until_it_expires_or_is_revoked() -> None:
    second = timedelta(seconds=1)
    assert rules.principal(_key(), AT) == Principal(UUID(int=1), Role.CONSUMER, UUID(int=2), frozenset({"line:read"}))
    assert rules.principal(_key(expires_at=AT + second), AT).key_id == UUID(int=1)
    with pytest.raises(TokenExpired):
        rules.principal(_key(expires_at=AT), AT)
    with pytest.raises(TokenRevoked):
        rules.principal(_key(revoked_at=AT, expires_at=AT), AT)


def test_what_a_key_lacks_it_may_not_do() -> None:
    caller = rules.principal(_key(), AT)
    rules.require(caller, Scope.LINE_READ)
    with pytest.raises(ScopeMissing):
        rules.require(caller, Scope.LINE_WRITE)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("name", "书" * 201),
        ("category", ""),
        ("payout_account", ""),
        ("currency", "XXX"),
        ("discount_rate", Decimal(1)),
        ("discount_rate", Decimal("-0.001")),
        ("discount_rate", Decimal("0.0000001")),
        ("discount_rate", Decimal("NaN")),
        ("discount_rate", Decimal("Infinity")),
    ],
)
def test_bad_terms_are_refused_naming_the_field(field: str, value: object) -> None:
    with pytest.raises(MerchantTermsInvalid) as caught:
        rules.checked_terms(msgspec.structs.replace(TERMS, **{field: value}))
    assert caught.value.pointer == f"/{field}"


@pytest.mark.parametrize("rate", ["0", "0.000001", "0.999999", "0.0060"])
def test_a_discount_rate_is_kept_exactly(rate: str) -> None:
    assert rules.checked_discount(Decimal(rate)) == Decimal(rate)


def test_only_an_active_merchant_sells() -> None:
    merchant = Merchant(UUID(int=1), "书店", "books", "CNY", Decimal(0), "1", MerchantStatus.ACTIVE, AT)
    assert rules.require_active(merchant) is merchant
    with pytest.raises(MerchantSuspended):
        rules.require_active(msgspec.structs.replace(merchant, status=MerchantStatus.SUSPENDED))
