"""Merchants and keys in a real database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest

from tiao.partners import actions as partners
from tiao.partners.model import MerchantStatus, NewMerchant, Role
from tiao.partners.refusals import KeyEnded, KeyUnknown, MerchantUnknown, TokenExpired, TokenRevoked, TokenUnknown
from tiao.runtime.db import Database
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
NOW = Moment(AT, date(2026, 3, 1), seeded_ids("partners"))
TERMS = NewMerchant("山脚书店", "books", "CNY", Decimal("0.006"), "6222-0001")
OPERATOR = UUID(int=9)


async def test_a_merchant_is_kept_to_the_last_decimal(database: Database) -> None:
    async with database.begin() as tx:
        made = await partners.create_merchant(tx, NOW, TERMS)
        await partners.agree_discount(tx, made.id, Decimal("0.012345"))
        read = await partners.merchant(tx, made.id)
        assert read.discount_rate == Decimal("0.012345")
        assert (read.name, read.status, read.joined_at) == ("山脚书店", MerchantStatus.ACTIVE, AT)


async def test_suspending_twice_changes_nothing_more(database: Database) -> None:
    async with database.begin() as tx:
        made = await partners.create_merchant(tx, NOW, TERMS)
        for _ in range(2):
            await partners.suspend_merchant(tx, made.id)
            assert (await partners.merchant(tx, made.id)).status is MerchantStatus.SUSPENDED
        await partners.reinstate_merchant(tx, made.id)
        assert (await partners.merchant(tx, made.id)).status is MerchantStatus.ACTIVE


async def test_merchants_are_listed_in_pages(database: Database) -> None:
    async with database.begin() as tx:
        made = [await partners.create_merchant(tx, NOW._replace(at=AT + timedelta(seconds=n)), TERMS) for n in range(5)]
        first = await partners.merchants_after(tx, count=3)
        rest = await partners.merchants_after(tx, first[-1].id, count=3)
    assert [each.id for each in first + rest] == [each.id for each in made]


async def test_a_token_opens_and_only_its_digest_is_kept(database: Database) -> None:
    async with database.begin() as tx:
        issued = await partners.issue_key(
            tx, NOW, role=Role.OPERATOR, subject_id=OPERATOR, label="desk", random_bytes=Random(1).randbytes
        )
        caller = await partners.authenticate(tx, issued.token, AT)
        _, [row] = await tx.table("select k::text from api_key k")
    assert (caller.key_id, caller.role, caller.subject_id) == (issued.key.id, Role.OPERATOR, OPERATOR)
    assert "close:write" in caller.scopes
    assert "persons:read" not in caller.scopes
    assert issued.token.rpartition("_")[2] not in row[0]
    assert issued.token not in repr(issued)


async def test_a_wrong_token_opens_nothing(database: Database) -> None:
    async with database.begin() as tx:
        issued = await partners.issue_key(
            tx, NOW, role=Role.CONSUMER, subject_id=UUID(int=2), label="phone", random_bytes=Random(1).randbytes
        )
        other = issued.token[:-1] + ("0" if issued.token[-1] != "0" else "1")
        for wrong in (other, issued.token.replace("_c_", "_o_"), "", issued.token + "0"):
            with pytest.raises(TokenUnknown):
                await partners.authenticate(tx, wrong, AT)


async def test_a_merchants_key_needs_the_merchant(database: Database) -> None:
    async with database.begin() as tx:
        with pytest.raises(MerchantUnknown):
            await partners.issue_key(
                tx, NOW, role=Role.MERCHANT, subject_id=UUID(int=5), label="till", random_bytes=Random(1).randbytes
            )
        for act in (partners.suspend_merchant, partners.reinstate_merchant):
            with pytest.raises(MerchantUnknown):
                await act(tx, UUID(int=5))
        with pytest.raises(MerchantUnknown):
            await partners.agree_discount(tx, UUID(int=5), Decimal(0))


async def test_after_a_rotation_both_keys_open_and_then_the_new_one_alone(database: Database) -> None:
    random = Random(3)
    async with database.begin() as tx:
        shop = await partners.create_merchant(tx, NOW, TERMS)
        old = await partners.issue_key(
            tx,
            NOW,
            role=Role.MERCHANT,
            subject_id=shop.id,
            label="till",
            random_bytes=random.randbytes,
            scopes=["quotes:write"],
        )
        new = await partners.rotate_key(tx, NOW, old.key.id, random_bytes=random.randbytes, grace=timedelta(hours=1))
        assert new.key.scopes == old.key.scopes
        assert (await partners.authenticate(tx, old.token, AT + timedelta(minutes=59))).key_id == old.key.id
        with pytest.raises(TokenExpired):
            await partners.authenticate(tx, old.token, AT + timedelta(hours=1))
        assert (await partners.authenticate(tx, new.token, AT + timedelta(days=400))).key_id == new.key.id
        assert [each.id for each in await partners.keys_of(tx, shop.id)] == sorted([old.key.id, new.key.id])

        later = NOW._replace(at=AT + timedelta(minutes=30))
        await partners.rotate_key(tx, later, old.key.id, random_bytes=random.randbytes, grace=timedelta(days=7))
        with pytest.raises(TokenExpired):  # a second rotation does not lengthen the life of the old key
            await partners.authenticate(tx, old.token, AT + timedelta(hours=1))
        with pytest.raises(KeyEnded):
            await partners.rotate_key(
                tx, NOW._replace(at=AT + timedelta(hours=2)), old.key.id, random_bytes=random.randbytes
            )


async def test_a_revoked_key_is_dead_at_once_and_stays_so(database: Database) -> None:
    async with database.begin() as tx:
        issued = await partners.issue_key(
            tx, NOW, role=Role.OPERATOR, subject_id=OPERATOR, label="desk", random_bytes=Random(4).randbytes
        )
        first = await partners.revoke_key(tx, NOW, issued.key.id)
        again = await partners.revoke_key(tx, NOW._replace(at=AT + timedelta(days=1)), issued.key.id)
        assert first.revoked_at == again.revoked_at == AT
        with pytest.raises(TokenRevoked):
            await partners.authenticate(tx, issued.token, AT)
        with pytest.raises(KeyEnded):
            await partners.rotate_key(tx, NOW, issued.key.id, random_bytes=Random(5).randbytes)
        with pytest.raises(KeyUnknown):
            await partners.revoke_key(tx, NOW, UUID(int=77))
