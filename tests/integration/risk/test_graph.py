"""The graph says who hangs together exactly as a search over all sightings would, whatever the sets they came in."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from tiao.risk import actions as risk
from tiao.risk.deciding import Setup, judge
from tiao.risk.entities import EntityKind, digest_of
from tiao.risk.graph import actions as graph
from tiao.risk.graph import store
from tiao.risk.graph.model import Sighting
from tiao.risk.graph.rules import SHARED_MOST
from tiao.risk.live import Asked, catalogue
from tiao.risk.records import Decided
from tiao.risk.rules.ruleset import Ruler
from tiao.risk.rules.shipped import starter
from tiao.runtime.checks import run_checks
from tiao.runtime.db import Database, Tx
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
VAULT = FieldCipher({1: b"k" * 32})
IDS = seeded_ids("graph")
SETUP = Setup(Ruler(starter(), catalogue("CNY")))


def now(at: datetime = AT) -> Moment:
    return Moment(at, at.date(), IDS)


def digest(number: int) -> bytes:
    return digest_of(VAULT, EntityKind.DEVICE, f"device {number}")


def parts(sightings: list[Sighting]) -> dict[UUID, frozenset[UUID]]:
    """Find who hangs together by merging sets until nothing changes."""
    holders: dict[tuple[EntityKind, bytes], set[UUID]] = defaultdict(set)
    for each in sightings:
        holders[each.entity, each.digest].add(each.customer_id)
    groups = [{each} for each in {one.customer_id for one in sightings}]
    for (kind, _), people in holders.items():
        if len(people) <= SHARED_MOST[kind]:
            met = [group for group in groups if group & people]
            groups = [group for group in groups if not group & people] + [set().union(*met)]
    return {each: frozenset(group) for group in groups for each in group}


@pytest.mark.parametrize("seed", range(6))
async def test_components_are_those_of_a_search_over_everything(database: Database, seed: int) -> None:
    random = Random(seed)
    customers = [now().new_id(random.randrange(256)) for _ in range(60)]
    kinds = [EntityKind.DEVICE, EntityKind.CARD, EntityKind.ADDRESS]
    told: list[Sighting] = []
    at = AT
    for _ in range(8):
        fresh = [
            Sighting(random.choice(customers), random.choice(kinds), digest(random.randrange(60)))
            for _ in range(random.randrange(1, 14))
        ]
        at += timedelta(minutes=1)
        async with database.begin() as tx:
            await graph.see_all(tx, now(at), fresh)
        told += fresh
        async with database.begin() as tx:
            while await graph.link(tx, now(at), limit=random.choice([1, 3, 100])):
                pass
    async with database.begin() as tx:
        found = await graph.links_of(tx, customers, at)
        assert await run_checks(tx) == []
        for customer, part in parts(told).items():
            assert found[customer].size == len(part)
            assert set(await graph.members(tx, found[customer].component_id, 100)) == part


async def test_what_a_campus_shares_links_nobody(database: Database) -> None:
    customers = [now().new_id(number) for number in range(40)]
    async with database.begin() as tx:
        await graph.see_all(tx, now(), [Sighting(each, EntityKind.IP, digest(1)) for each in customers])
    assert await graph.link_all(database, now()) == 40
    async with database.begin() as tx:
        found = await graph.links_of(tx, customers, AT)
        shared = await graph.shared_by(tx, customers[0])
    assert {each.size for each in found.values()} == {1}
    assert [each.customers for each in shared] == [40]


async def test_a_ring_is_new_or_known_to_be_bad_and_a_family_is_neither(database: Database) -> None:
    family = [now().new_id(number) for number in range(3)]
    ring = [now().new_id(number) for number in range(100, 106)]
    async with database.begin() as tx:
        await graph.see_all(tx, now(), [Sighting(each, EntityKind.CARD, digest(7)) for each in family])
        await graph.see_all(tx, now(), [Sighting(each, EntityKind.DEVICE, digest(8)) for each in ring])
    await graph.link_all(database, now())
    async with database.begin() as tx:
        young = await graph.indicators_of(tx, [*family, *ring], AT)
        old = await graph.indicators_of(tx, ring, AT + timedelta(days=60))
        await graph.mark_bad(tx, dict.fromkeys(ring[:2], AT))
        bad = await graph.indicators_of(tx, ring, AT + timedelta(days=60))
        assert await run_checks(tx) == []
        await graph.mark_bad(tx, dict.fromkeys(ring[:2], None))
        again = await graph.indicators_of(tx, ring, AT + timedelta(days=60))
    assert [young[each].is_ring for each in (family[0], ring[0])] == [False, True]
    assert young[ring[0]].ring_new_share == 1.0
    assert not old[ring[0]].is_ring
    assert (bad[ring[5]].is_ring, bad[ring[5]].ring_bad_share, bad[ring[0]].ring_bad_share) == (True, 0.4, 0.2)
    assert again == old


async def decide(tx: Tx, customers: dict[UUID, bytes], at: datetime) -> None:
    """Decide a payment of each customer on a device."""
    for customer, device in customers.items():
        entities = (customer.hex, "f" * 32, device.hex(), None, None)
        asked = Asked(at, 12, 2, entities, 100, 1_000, 0, 0, "pay_later", "", is_captured=True, is_quoted=False)
        remembered = await risk.look(tx, [asked.entities])
        [judged] = judge(SETUP, [asked], remembered)
        await risk.write(tx, now(at), SETUP, remembered, [Decided(now(at).new_id(customer.bytes[15]), asked, judged)])


async def test_who_paid_on_one_device_hangs_together_once_decisions_are_seen(database: Database) -> None:
    customers = [now().new_id(number) for number in range(6)]
    phones = [digest(1), digest(1), digest(2), digest(3), digest(3), digest(3)]
    async with database.begin() as tx:
        await decide(tx, dict(zip(customers[:4], phones, strict=False)), AT)
        reached = await graph.see_decided(tx, now())
        first = await graph.links_of(tx, customers, AT)
        await decide(tx, dict(zip(customers[4:], phones[4:], strict=True)), AT)
        await graph.see_decided(tx, now(), after=reached + 1)
        second = await graph.links_of(tx, customers, AT)
        await graph.see_decided(tx, now(), after=reached)
        third = await graph.links_of(tx, customers, AT)
        assert await graph.link(tx, now()) == 0, "all of it was taken in at once"
    assert [first[each].size for each in customers[:4]] == [2, 2, 1, 1]
    assert customers[4] not in first
    assert customers[4] not in second, "it has the next number"
    assert [third[each].size for each in customers] == [2, 2, 1, 3, 3, 3]


async def test_what_is_not_taken_in_at_once_waits_for_its_turn(database: Database) -> None:
    customers = [now().new_id(number) for number in range(5)]
    async with database.begin() as tx:
        await decide(tx, dict.fromkeys(customers, digest(1)), AT)
        await store.see_decided(tx, SHARED_MOST, since=AT, after=0, limit=2, at=AT)
        at_once = await graph.links_of(tx, customers, AT)
        assert await graph.link(tx, now()) == 3
        found = await graph.links_of(tx, customers, AT)
    assert len(at_once) == 2
    assert {each.size for each in found.values()} == {5}
