"""The accounts customers bind."""

from typing import Any, TypeAlias

import pytest

from tiao.payments import actions
from tiao.payments.mandate import MandateLimits
from tiao.payments.model import DebitPurpose, SourceStatus
from tiao.payments.refusals import (
    FundingSourceAlreadyBound,
    FundingSourceInUse,
    FundingSourceUnbound,
    FundingSourceUnknown,
)

#: The fixture of conftest.py, which a test cannot import.
World: TypeAlias = Any


async def test_an_account_is_bound_once_and_may_come_back(world: World) -> None:
    source = await world.customer(1)
    named = {"customer_id": source.customer_id, "source_id": source.id}
    again = {
        "customer_id": source.customer_id,
        "channel": "bank",
        "agreement": source.agreement,
        "display": "Bank 0001",
        "is_autopay_agreed": False,
    }
    async with world.db.begin() as tx:
        assert await actions.sources_of(tx, source.customer_id) == [source]
        with pytest.raises(FundingSourceAlreadyBound):
            await actions.bind_source(tx, world.now, **again)
        unbound = await actions.unbind(tx, world.now, **named)
        assert (unbound.status, unbound.autopay_agreed_at) == (SourceStatus.UNBOUND, None)
        assert await actions.unbind(tx, world.now, **named) == unbound
        assert await actions.sources_of(tx, source.customer_id) == []
        with pytest.raises(FundingSourceUnbound):
            await actions.set_autopay(tx, world.now, **named, is_autopay_agreed=True)
        back = await actions.bind_source(tx, world.now, **again)
    assert (back.id, back.status, back.display) == (source.id, SourceStatus.ACTIVE, "Bank 0001")


async def test_automatic_payment_takes_the_newest_account_that_agreed(world: World) -> None:
    source = await world.customer(1)
    named = {"customer_id": source.customer_id, "source_id": source.id}
    async with world.db.begin() as tx:
        found = await actions.autopay_sources(tx, [source.customer_id])
        assert found == {source.customer_id: source}
        world.later(days=1)
        kept = await actions.set_autopay(tx, world.now, **named, is_autopay_agreed=True)
        assert kept.autopay_agreed_at == source.autopay_agreed_at, "the first agreement keeps its instant"
        await actions.set_autopay(tx, world.now, **named, is_autopay_agreed=False)
        assert await actions.autopay_sources(tx, [source.customer_id]) == {}


async def test_an_account_with_a_payment_under_way_stays_bound(world: World) -> None:
    source = await world.customer(1)
    async with world.db.begin() as tx:
        await actions.begin_debits(tx, world.now, [world.order(source)])
        assert (await actions.open_debit(tx, world.order(source).line_id)) is not None
        with pytest.raises(FundingSourceInUse):
            await actions.unbind(tx, world.now, customer_id=source.customer_id, source_id=source.id)


async def test_nobody_reaches_anothers_account(world: World) -> None:
    hers, his = await world.customer(1), await world.customer(257)
    assert hers.bucket == his.bucket
    async with world.db.begin() as tx:
        named = {"customer_id": his.customer_id, "source_id": hers.id}
        with pytest.raises(FundingSourceUnknown):
            await actions.unbind(tx, world.now, **named)
        with pytest.raises(FundingSourceUnknown):
            await actions.source(tx, **named)


async def test_autopay_stands_on_a_mandate_with_limits_that_ends_with_it(world: World) -> None:
    source = await world.customer(1)
    named = {"customer_id": source.customer_id, "source_id": source.id}
    async with world.db.begin() as tx:
        world.later(hours=1)
        limits = MandateLimits(single_max_minor=500, daily_max_minor=800)
        await actions.set_autopay(tx, world.now, **named, is_autopay_agreed=True, limits=limits)
        again = await actions.set_autopay(tx, world.now, **named, is_autopay_agreed=True, limits=limits)
        assert again.autopay_agreed_at == source.autopay_agreed_at
        first, second = await actions.mandates_of(tx, source.customer_id)
        assert (first.limits, first.revoked_at, second.revoked_at) == (limits, None, world.at)
        assert len(first.text_sha256) == 64
        assert await actions.left_today(tx, [source.id], world.at) == {source.id: 500}
        order = world.order(source, 500)._replace(purpose=DebitPurpose.AUTOPAY)
        await actions.begin_debits(tx, world.now, [order])
        assert await actions.left_today(tx, [source.id], world.at) == {source.id: 300}
        await actions.set_autopay(tx, world.now, **named, is_autopay_agreed=False)
        assert all(each.revoked_at for each in await actions.mandates_of(tx, source.customer_id))
